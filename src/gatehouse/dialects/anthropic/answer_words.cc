#include "gatehouse/dialects/anthropic/answer_words.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "gatehouse/dialects/anthropic/turns.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::FinishReason;

struct Word {
  std::string_view word;
  FinishReason finish;
};
constexpr std::array<Word, 8> kWords = {
    {{"end_turn", FinishReason::stop},
     {"stop_sequence", FinishReason::stop_sequence},
     {"max_tokens", FinishReason::length},
     {"model_context_window_exceeded", FinishReason::context_length},
     {"tool_use", FinishReason::tool_calls},
     {"refusal", FinishReason::refusal},
     {"pause_turn", FinishReason::pause},
     // Of a beta: the conversation was summed up, and the answer is to be asked for.
     {"compaction", FinishReason::pause}}};

}  // namespace

FinishReason finish_from(std::string_view stop_reason) {
  const auto found = std::ranges::find(kWords, stop_reason, &Word::word);
  return found == kWords.end() ? FinishReason::stop : found->finish;
}

std::string_view stop_reason_of(FinishReason finish, bool called_tools) {
  switch (finish) {
    case FinishReason::unknown:
    case FinishReason::stop:
      return called_tools ? "tool_use" : "end_turn";
    case FinishReason::content_filter:
      return "refusal";
    case FinishReason::malformed:
    case FinishReason::error:
      return {};
    default:
      return std::ranges::find(kWords, finish, &Word::finish)->word;
  }
}

void write_usage(json::Writer& out, const llm::Usage& usage, bool whole, std::string_view service_tier) {
  const std::uint64_t apart = usage.cached_tokens + usage.cache_write_tokens;
  out.begin_object();
  out.key("input_tokens").unsigned_integer(usage.prompt_tokens - std::min(apart, usage.prompt_tokens));
  out.key("cache_creation_input_tokens").unsigned_integer(usage.cache_write_tokens);
  out.key("cache_read_input_tokens").unsigned_integer(usage.cached_tokens);
  if (whole) {
    const std::uint64_t hour = std::min(usage.cache_write_1h_tokens, usage.cache_write_tokens);
    out.key("cache_creation").begin_object();
    out.key("ephemeral_5m_input_tokens").unsigned_integer(usage.cache_write_tokens - hour);
    out.key("ephemeral_1h_input_tokens").unsigned_integer(hour).end_object();
  }
  out.key("output_tokens").unsigned_integer(usage.completion_tokens);
  if (usage.reasoning_tokens > 0) {
    out.key("output_tokens_details").begin_object();
    out.key("thinking_tokens").unsigned_integer(usage.reasoning_tokens).end_object();
  }
  if (usage.web_searches > 0) {
    out.key("server_tool_use").begin_object();
    out.key("web_search_requests").unsigned_integer(usage.web_searches);
    out.key("web_fetch_requests").unsigned_integer(0).end_object();
  }
  if (whole) {
    // The API's words are standard, priority and batch.
    out.key("service_tier").string(service_tier == "priority" || service_tier == "batch" ? service_tier : "standard");
  }
  out.end_object();
}

void write_stop_details(json::Writer& out, std::string_view stop_reason) {
  if (stop_reason != "refusal") {
    out.null();
    return;
  }
  out.begin_object().key("type").string("refusal").key("category").null().key("explanation").null().end_object();
}

void write_citation(json::Writer& out, const llm::Citation& citation) {
  if (citation.verbatim.dialect == llm::Dialect::anthropic && !citation.verbatim.empty()) {
    out.raw(citation.verbatim.json);
    return;
  }
  using Unit = llm::Citation::Unit;
  out.begin_object().key("type");
  if (citation.unit == Unit::none || !citation.document) {
    out.string("web_search_result_location").key("url").string(citation.url).key("title");
    citation.title.empty() ? out.null() : out.string(citation.title);
    // Proof of a search of Anthropic's own, which this was not.
    out.key("encrypted_index").string("").key("cited_text").string(citation.cited_text).end_object();
    return;
  }
  const auto place = [&](std::string_view type, std::string_view begin, std::string_view end) {
    out.string(type).key("cited_text").string(citation.cited_text);
    out.key("document_index").unsigned_integer(*citation.document).key("document_title");
    citation.title.empty() ? out.null() : out.string(citation.title);
    out.key("file_id");
    citation.file_id.empty() ? out.null() : out.string(citation.file_id);
    out.key(begin).unsigned_integer(citation.source_begin).key(end).unsigned_integer(citation.source_end);
  };
  if (citation.unit == Unit::characters) {
    place("char_location", "start_char_index", "end_char_index");
  } else if (citation.unit == Unit::pages) {
    place("page_location", "start_page_number", "end_page_number");
  } else {
    place("content_block_location", "start_block_index", "end_block_index");
  }
  out.end_object();
}

void write_input(json::Writer& out, llm::ToolKind kind, std::string_view arguments) {
  if (kind == llm::ToolKind::custom) {
    out.begin_object().key("input").string(arguments).end_object();
    return;
  }
  const auto valid = json::validate(arguments);
  if (valid && *valid == json::Kind::object) {
    out.raw(arguments);
  } else if (!has_words(arguments) || (valid && *valid == json::Kind::null)) {
    out.begin_object().end_object();
  } else {
    // A model wrote no JSON object: what it wrote is kept.
    out.begin_object().key("arguments").string(arguments).end_object();
  }
}

}  // namespace gatehouse::dialects::anthropic
