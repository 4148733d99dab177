#include "gatehouse/dialects/openai_chat/codec_messages_write.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/base64.h"
#include "gatehouse/dialects/openai_chat/message_words.h"
#include "gatehouse/dialects/openai_chat/wire.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Author;
using llm::Block;
using llm::Media;
using llm::Quirks;

constexpr std::string_view kSystem = "system";
constexpr std::string_view kUser = "user";
constexpr std::string_view kTool = "tool";

bool is_web(std::string_view url) { return url.starts_with("http://") || url.starts_with("https://"); }

std::string file_name(const Media& media) {
  if (!media.name.empty()) return media.name;
  if (!media.title.empty()) return media.title;
  return media.media_type == "application/pdf" ? "document.pdf" : "document";
}

}  // namespace

MessageWriter::MessageWriter(const llm::ChatRequest& request, const Target& target, Losses& losses, ToolNames& names)
    : request_(request),
      target_(target),
      quirks_(target.quirks),
      losses_(losses),
      names_(names),
      ids_(request.messages, target.quirks.tool_id_length, target.quirks.tool_id_most),
      same_(request.dialect == llm::Dialect::openai_chat) {}

bool MessageWriter::fail(std::string detail) {
  error_ = ApiError(Code::unsupported, std::move(detail), "messages[" + std::to_string(position_) + "]");
  return false;
}

bool MessageWriter::refuse_media(std::string_view what) {
  return fail("The model's provider takes no " + std::string(what) + " here.");
}

bool MessageWriter::readable(const llm::Opaque& state) const {
  return !state.empty() && state.origin != llm::Origin::none && state.origin == target_.origin;
}

bool MessageWriter::keeps_cache(const Block& block) const {
  return block.cache && quirks_.cache_hints == Quirks::CacheHints::cache_control;
}

// --- which messages go out

const Block* MessageWriter::make(std::string text) {
  return &made_.emplace_back(Block{.value = llm::Text{.text = std::move(text)}});
}

void MessageWriter::add(Turn turn) {
  const bool speaks = turn.role == kUser || turn.role == kAssistant;
  if (quirks_.alternates && speaks && !turns_.empty() && turns_.back().role == turn.role) {
    auto& before = turns_.back().blocks;
    before.insert(before.end(), turn.blocks.begin(), turn.blocks.end());
    return;
  }
  turns_.push_back(std::move(turn));
}

void MessageWriter::flush_media() {
  if (media_.empty()) return;
  add({.role = kUser, .blocks = std::exchange(media_, {}), .position = position_});
}

void MessageWriter::plan_system(const llm::Message& message, std::size_t position) {
  std::string_view role = kSystem;
  if (message.author == Author::developer && !quirks_.refuses_any(Quirks::developer)) role = "developer";
  Turn turn{.role = role, .message = &message, .position = position};
  for (const Block& block : message.blocks) turn.blocks.push_back(&block);
  if (quirks_.refuses_any(Quirks::late_system)) {
    const bool in_front = turns_.empty() || (turns_.size() == 1 && turns_.front().role == kSystem);
    if (in_front && !turns_.empty()) {
      auto& first = turns_.front().blocks;
      first.insert(first.end(), turn.blocks.begin(), turn.blocks.end());
      return;
    }
    turn.role = in_front ? kSystem : kUser;
  }
  flush_media();
  add(std::move(turn));
}

void MessageWriter::plan_result(const llm::ToolResult& result, std::size_t position) {
  Turn turn{.role = kTool, .result = &result, .position = position};
  bool first = true;
  for (const Block& block : result.content) {
    if (is_words(block)) {
      turn.blocks.push_back(&block);
      continue;
    }
    if (std::exchange(first, false)) {
      media_.push_back(make("Returned by the tool call " + std::string(ids_.of(result)) + ":"));
    }
    media_.push_back(&block);
  }
  if (turn.blocks.empty() && !first) turn.blocks.push_back(make("What the tool returned is in the next message."));
  turns_.push_back(std::move(turn));
}

void MessageWriter::plan(std::string_view instruction) {
  for (std::size_t i = 0; i < request_.messages.size(); ++i) {
    const llm::Message& message = request_.messages[i];
    position_ = i;
    if (message.author == Author::system || message.author == Author::developer) {
      plan_system(message, i);
      continue;
    }
    Turn turn{.role = message.author == Author::assistant ? kAssistant : kUser, .message = &message, .position = i};
    bool results = false;
    for (const Block& block : message.blocks) {
      if (const auto* const result = block.as<llm::ToolResult>()) {
        plan_result(*result, i);
        results = true;
      } else {
        turn.blocks.push_back(&block);
      }
    }
    // A user's message of results alone is none of the user's.
    if (message.author == Author::tool || (results && turn.blocks.empty())) continue;
    if (turn.role == kUser) last_user_ = i;
    flush_media();
    add(std::move(turn));
  }
  flush_media();
  if (instruction.empty()) return;
  const Block* const said = make(std::string(instruction));
  if (!turns_.empty() && turns_.front().role != kUser && turns_.front().role != kAssistant &&
      turns_.front().role != kTool) {
    turns_.front().blocks.push_back(said);
  } else {
    turns_.insert(turns_.begin(), {.role = kSystem, .blocks = {said}});
  }
}

bool MessageWriter::write(json::Writer& writer, std::string_view instruction) {
  writer_ = &writer;
  plan(instruction);
  writer.begin_array();
  for (const Turn& one : turns_) {
    position_ = one.position;
    if (!turn(one)) return false;
  }
  writer.end_array();
  return true;
}

// --- a message

bool MessageWriter::turn(const Turn& turn) {
  if (turn.role == kTool) return tool(turn);
  if (turn.role == kAssistant) return assistant(turn);
  writer_->begin_object().key("role").string(turn.role);
  if (!content(turn)) return false;
  if (turn.message != nullptr) {
    if (!turn.message->name.empty()) {
      if (quirks_.refuses_any(Quirks::names)) {
        losses_.drop("messages[" + std::to_string(turn.position) + "].name");
      } else {
        writer_->key("name").string(turn.message->name);
      }
    }
    for (const llm::Extra& extra : turn.message->extras) {
      if (same_) {
        writer_->key(extra.name).raw(extra.json);
      } else {
        losses_.drop("messages[" + std::to_string(turn.position) + "]." + extra.name);
      }
    }
  }
  writer_->end_object();
  return true;
}

// Of a system's or a user's message.
bool MessageWriter::content(const Turn& turn) {
  const auto is_plain = [&](const Block* block) {
    return (block->kind() == llm::BlockKind::text || block->kind() == llm::BlockKind::refusal) && !keeps_cache(*block);
  };
  writer_->key("content");
  const bool plain = std::ranges::all_of(turn.blocks, is_plain);
  if (plain && (turn.blocks.size() <= 1 || !quirks_.content_parts)) {
    std::string joined;
    for (const Block* block : turn.blocks) append_words(*block, "\n\n", joined);
    writer_->string(joined);
  } else {
    writer_->begin_array();
    for (const Block* block : turn.blocks) {
      if (!part(*block)) return false;
    }
    writer_->end_array();
  }
  for (const Block* block : turn.blocks) {
    if (block->cache && quirks_.cache_hints == Quirks::CacheHints::none) losses_.drop("cache_control");
  }
  return true;
}

void MessageWriter::cache(const Block& block) {
  if (!keeps_cache(block)) return;
  writer_->key("cache_control").begin_object().key("type").string("ephemeral");
  if (block.cache->one_hour) writer_->key("ttl").string("1h");
  writer_->end_object();
}

void MessageWriter::text_part(std::string_view text, const Block* block) {
  writer_->begin_object().key("type").string("text").key("text").string(text);
  if (block != nullptr) {
    cache(*block);
    if (same_) {
      for (const llm::Extra& extra : block->extras) writer_->key(extra.name).raw(extra.json);
    }
  }
  writer_->end_object();
}

bool MessageWriter::part(const Block& block) {
  if (const auto* const text = block.as<llm::Text>()) {
    text_part(text->text, &block);
  } else if (const auto* const refusal = block.as<llm::Refusal>()) {
    text_part(refusal->text, &block);
  } else if (const auto* const one = block.as<Media>()) {
    return media(*one, block);
  } else if (const auto* const foreign = block.as<llm::Foreign>()) {
    if (same_ && foreign->verbatim.dialect == llm::Dialect::openai_chat && !foreign->verbatim.empty()) {
      writer_->raw(foreign->verbatim.json);
      return true;
    }
    losses_.drop(foreign->type);
    if (!foreign->text.empty()) text_part(foreign->text, nullptr);
  }
  return true;
}

void MessageWriter::url_part(std::string_view name, const Media& media, bool with_detail) {
  std::string url = media.url;
  if (url.empty()) wire::append_data_url(url, media.media_type, media.data);
  writer_->begin_object().key("type").string(name).key(name).begin_object().key("url").string(url);
  if (with_detail && !media.detail.empty()) writer_->key("detail").string(media.detail);
  writer_->end_object();
}

bool MessageWriter::media(const Media& media, const Block& block) {
  const bool has_source = !media.data.empty() || (!media.url.empty() && (is_web(media.url) || same_));
  switch (media.kind) {
    case Media::Kind::image:
      if (quirks_.refuses_any(Quirks::images)) return refuse_media("images");
      if (!has_source) return document(media, block);
      url_part("image_url", media, true);
      break;
    case Media::Kind::video:
      if (quirks_.refuses_any(Quirks::video)) return refuse_media("videos");
      if (!has_source) return refuse_media("stored videos");
      url_part("video_url", media, false);
      break;
    case Media::Kind::audio: {
      if (quirks_.refuses_any(Quirks::audio)) return refuse_media("audio");
      if (media.data.empty() && quirks_.audio_as_text && is_web(media.url)) {
        writer_->begin_object().key("type").string("input_audio").key("input_audio").string(media.url);
        break;
      }
      if (media.data.empty()) {
        if (!same_ || media.url.empty()) return refuse_media("audio other than in place");
        url_part("audio_url", media, false);
        break;
      }
      writer_->begin_object().key("type").string("input_audio").key("input_audio");
      if (quirks_.audio_as_text) {
        writer_->string(media.data);
        break;
      }
      std::string data;
      if (quirks_.audio_as_data_url) {
        wire::append_data_url(data, media.media_type, media.data);
      } else {
        data = media.data;
      }
      writer_->begin_object().key("data").string(data);
      writer_->key("format").string(wire::audio_format(media.media_type)).end_object();
      break;
    }
    case Media::Kind::document:
      return document(media, block);
  }
  cache(block);
  if (same_) {
    for (const llm::Extra& extra : block.extras) writer_->key(extra.name).raw(extra.json);
  }
  writer_->end_object();
  return true;
}

bool MessageWriter::document(const Media& media, const Block& block) {
  if (media.citations) losses_.drop("citations");
  if (is_text_document(media)) {
    if (const std::string text = document_text(media); !text.empty() || media.parts.empty()) text_part(text, &block);
    return std::ranges::all_of(media.parts, [&](const Block& inner) { return part(inner); });
  }
  if (quirks_.refuses_any(Quirks::documents)) {
    const bool readable_text = media.media_type.starts_with("text/") || media.media_type == "application/json";
    const auto words = readable_text && !media.data.empty() ? read_base64(media.data) : std::nullopt;
    if (!words) return refuse_media("documents");
    if (!media.name.empty()) text_part(media.name, nullptr);
    text_part(*words, &block);
    return true;
  }
  if (!media.context.empty()) text_part(media.context, nullptr);
  const bool by_url = media.data.empty() && media.file_id.empty();
  if (by_url && !is_web(media.url)) return fail("The document's address cannot be read by the model's provider.");
  if (by_url && !quirks_.file_urls && !quirks_.document_url && !same_) {
    return refuse_media("documents by URL");
  }
  std::string data = media.url;
  if (!media.data.empty()) wire::append_data_url(data, media.media_type, media.data);
  writer_->begin_object();
  if (quirks_.document_url && media.file_id.empty()) {
    writer_->key("type").string("document_url").key("document_url").string(data);
    if (!media.name.empty()) writer_->key("document_name").string(media.name);
  } else if (quirks_.document_url) {
    writer_->key("type").string("file").key("file_id").string(media.file_id);
  } else {
    writer_->key("type").string("file").key("file").begin_object();
    if (!media.file_id.empty()) {
      writer_->key("file_id").string(media.file_id);
    } else {
      writer_->key("filename").string(file_name(media)).key("file_data").string(data);
    }
    writer_->end_object();
  }
  cache(block);
  if (same_) {
    for (const llm::Extra& extra : block.extras) writer_->key(extra.name).raw(extra.json);
  }
  writer_->end_object();
  return true;
}

bool MessageWriter::tool(const Turn& turn) {
  const llm::ToolResult& result = *turn.result;
  writer_->begin_object().key("role").string(kTool).key("tool_call_id").string(ids_.of(result));
  writer_->key("content");
  const bool cached = std::ranges::any_of(turn.blocks, [&](const Block* block) { return keeps_cache(*block); });
  const bool lists = quirks_.content_parts && same_ && turn.blocks.size() > 1;
  if ((cached || lists) && !result.is_error) {
    writer_->begin_array();
    for (const Block* block : turn.blocks) {
      if (!part(*block)) return false;
    }
    writer_->end_array();
  } else {
    std::string words;
    for (const Block* block : turn.blocks) append_words(*block, "\n", words);
    // The dialect has no place for it, and a model must not take a failure for a result.
    if (result.is_error && !base::equals_ignore_case(std::string_view(words).substr(0, 5), "error")) {
      words.insert(0, words.empty() ? "Error" : "Error: ");
    }
    writer_->string(words);
  }
  writer_->end_object();
  return true;
}

}  // namespace gatehouse::dialects::openai_chat
