#include "gatehouse/dialects/gemini/answer_parts.h"

#include <algorithm>

#include "gatehouse/json/scan.h"

namespace gatehouse::dialects::gemini {
namespace {

constexpr std::size_t kLongestMessage = 4096;

struct Count {
  std::string_view modality;
  std::uint64_t tokens;
};

// Where there is more than text.
void write_details(std::string_view name, std::uint64_t all, std::initializer_list<Count> others,
                   json::Writer& writer) {
  std::uint64_t other = 0;
  for (const Count& count : others) other += count.tokens;
  if (other == 0) return;
  writer.key(name).begin_array();
  const auto write = [&](std::string_view modality, std::uint64_t tokens) {
    if (tokens == 0) return;
    writer.begin_object().key("modality").string(modality).key("tokenCount").unsigned_integer(tokens).end_object();
  };
  write("TEXT", all - std::min(all, other));
  for (const Count& count : others) write(count.modality, count.tokens);
  writer.end_array();
}

}  // namespace

void write_usage(const llm::Usage& usage, json::Writer& writer) {
  const std::uint64_t thoughts = std::min(usage.reasoning_tokens, usage.completion_tokens);
  const std::uint64_t answered = usage.completion_tokens - thoughts;
  writer.begin_object();
  writer.key("promptTokenCount").unsigned_integer(usage.prompt_tokens);
  writer.key("candidatesTokenCount").unsigned_integer(answered);
  writer.key("totalTokenCount");
  writer.unsigned_integer(std::max(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens));
  if (usage.cached_tokens > 0) writer.key("cachedContentTokenCount").unsigned_integer(usage.cached_tokens);
  if (thoughts > 0) writer.key("thoughtsTokenCount").unsigned_integer(thoughts);
  write_details("promptTokensDetails", usage.prompt_tokens,
                {{"AUDIO", usage.prompt_audio_tokens},
                 {"IMAGE", usage.prompt_image_tokens},
                 {"VIDEO", usage.prompt_video_tokens}},
                writer);
  write_details("candidatesTokensDetails", answered,
                {{"AUDIO", usage.completion_audio_tokens},
                 {"IMAGE", usage.completion_image_tokens},
                 {"VIDEO", usage.completion_video_tokens}},
                writer);
  write_details("cacheTokensDetails", usage.cached_tokens,
                {{"AUDIO", usage.cached_audio_tokens}, {"IMAGE", usage.cached_image_tokens}}, writer);
  writer.end_object();
}

void write_logprobs(const std::vector<llm::TokenLogprob>& tokens, json::Writer& writer) {
  const auto write = [&](const auto& token) {
    writer.begin_object().key("token").string(token.token).key("logProbability").number(token.logprob).end_object();
  };
  writer.begin_object().key("chosenCandidates").begin_array();
  for (const llm::TokenLogprob& token : tokens) write(token);
  writer.end_array();
  if (std::ranges::any_of(tokens, [](const auto& token) { return !token.top.empty(); })) {
    writer.key("topCandidates").begin_array();
    for (const llm::TokenLogprob& token : tokens) {
      writer.begin_object().key("candidates").begin_array();
      for (const auto& top : token.top) write(top);
      writer.end_array().end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

bool write_call(std::string_view id, std::string_view name, llm::ToolKind kind, std::string_view arguments,
                std::string_view signature, json::Writer& writer) {
  const bool function = kind == llm::ToolKind::function;
  if (function && !arguments.empty()) {
    const auto checked = json::validate(arguments);
    if (!checked || *checked != json::Kind::object) return false;
  }
  writer.begin_object().key("functionCall").begin_object();
  if (!id.empty()) writer.key("id").string(id);
  writer.key("name").string(name).key("args");
  if (function) {
    writer.raw(arguments.empty() ? "{}" : arguments);
  } else {
    writer.begin_object().key("input").string(arguments).end_object();
  }
  writer.end_object();
  if (!signature.empty()) writer.key("thoughtSignature").string(signature);
  writer.end_object();
  return true;
}

std::string malformed_message(std::string_view name, std::string_view arguments) {
  std::string message("Malformed function call: ");
  message.append(name).append("(").append(arguments.substr(0, kLongestMessage)).append(")");
  return message;
}

bool write_media(const llm::Media& media, std::string_view data, json::Writer& writer) {
  if (data.empty() && media.url.empty() && media.file_id.empty()) return false;
  std::string_view type = media.media_type;
  if (type.empty() && media.kind == llm::Media::Kind::image) type = "image/png";
  if (type.empty() && media.kind == llm::Media::Kind::audio) type = "audio/wav";
  writer.begin_object().key(data.empty() ? "fileData" : "inlineData").begin_object();
  if (!type.empty()) writer.key("mimeType").string(type);
  if (data.empty()) {
    writer.key("fileUri").string(media.url.empty() ? media.file_id : media.url);
  } else {
    writer.key("data").string(data);
  }
  writer.end_object().end_object();
  return true;
}

void Grounding::add(const llm::Citation& citation, std::uint32_t part, std::optional<std::uint64_t> begin,
                    std::optional<std::uint64_t> end) {
  if (supports_.size() >= kMost) return;
  Chunk chunk{.url = citation.url, .title = citation.title, .text = {}};
  // Of the web there is no word for what was cited; of documents there is.
  if (chunk.url.empty()) chunk.text = citation.cited_text;
  if (chunk.url.empty() && chunk.title.empty() && chunk.text.empty()) return;
  auto found = std::ranges::find(chunks_, chunk);
  if (found == chunks_.end()) found = chunks_.insert(found, std::move(chunk));
  supports_.push_back({static_cast<std::size_t>(found - chunks_.begin()), part, begin, end});
}

void Grounding::write(json::Writer& writer) const {
  writer.begin_object().key("groundingChunks").begin_array();
  for (const Chunk& chunk : chunks_) {
    writer.begin_object().key(chunk.url.empty() ? "retrievedContext" : "web").begin_object();
    if (!chunk.url.empty()) writer.key("uri").string(chunk.url);
    if (!chunk.title.empty()) writer.key("title").string(chunk.title);
    if (!chunk.text.empty()) writer.key("text").string(chunk.text);
    writer.end_object().end_object();
  }
  writer.end_array().key("groundingSupports").begin_array();
  for (const Support& support : supports_) {
    if (!support.begin || !support.end) continue;
    writer.begin_object().key("segment").begin_object();
    if (support.part > 0) writer.key("partIndex").unsigned_integer(support.part);
    writer.key("startIndex").unsigned_integer(*support.begin).key("endIndex").unsigned_integer(*support.end);
    writer.end_object().key("groundingChunkIndices").begin_array().unsigned_integer(support.chunk).end_array();
    writer.end_object();
  }
  writer.end_array().end_object();
}

}  // namespace gatehouse::dialects::gemini
