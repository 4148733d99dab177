#include "gatehouse/dialects/openai_chat/wire.h"

#include <array>
#include <utility>

#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_chat::wire {
namespace {

using llm::FinishReason;
using llm::Origin;

struct AudioFormat {
  std::string_view format;
  std::string_view media_type;
};
// The first row of a type is its format.
constexpr std::array<AudioFormat, 11> kAudio = {{{"wav", "audio/wav"},
                                                 {"wav", "audio/x-wav"},
                                                 {"wav", "audio/wave"},
                                                 {"mp3", "audio/mpeg"},
                                                 {"mp3", "audio/mp3"},
                                                 {"flac", "audio/flac"},
                                                 {"opus", "audio/opus"},
                                                 {"aac", "audio/aac"},
                                                 {"ogg", "audio/ogg"},
                                                 {"m4a", "audio/mp4"},
                                                 {"pcm16", "audio/pcm"}}};

struct FinishWord {
  std::string_view word;
  FinishReason finish;
};
// OpenAI's own first. Besides: Together and Hugging Face (eos, eos_token), Mistral (model_length, error), DeepSeek
// (insufficient_system_resource), Z.ai (sensitive, network_error, model_context_window_exceeded), and servers that let
// through what their own upstream says.
constexpr std::array<FinishWord, 24> kFinish = {{{"stop", FinishReason::stop},
                                                 {"length", FinishReason::length},
                                                 {"tool_calls", FinishReason::tool_calls},
                                                 {"content_filter", FinishReason::content_filter},
                                                 {"function_call", FinishReason::tool_calls},
                                                 {"eos", FinishReason::stop},
                                                 {"eos_token", FinishReason::stop},
                                                 {"end_turn", FinishReason::stop},
                                                 {"complete", FinishReason::stop},
                                                 {"stop_sequence", FinishReason::stop_sequence},
                                                 {"max_tokens", FinishReason::length},
                                                 {"max_output_tokens", FinishReason::length},
                                                 {"model_length", FinishReason::context_length},
                                                 {"model_context_window_exceeded", FinishReason::context_length},
                                                 {"tool_use", FinishReason::tool_calls},
                                                 {"tool_call", FinishReason::tool_calls},
                                                 {"sensitive", FinishReason::content_filter},
                                                 {"safety", FinishReason::content_filter},
                                                 {"refusal", FinishReason::refusal},
                                                 {"pause_turn", FinishReason::pause},
                                                 {"malformed_function_call", FinishReason::malformed},
                                                 {"error", FinishReason::error},
                                                 {"network_error", FinishReason::error},
                                                 {"insufficient_system_resource", FinishReason::error}}};

struct Format {
  std::string_view name;
  Origin origin;
};
// OpenRouter's names; the first of an origin is written.
constexpr std::array<Format, 5> kFormats = {{{"anthropic-claude-v1", Origin::anthropic},
                                             {"openai-responses-v1", Origin::openai},
                                             {"azure-openai-responses-v1", Origin::openai},
                                             {"google-gemini-v1", Origin::gemini},
                                             {"xai-responses-v1", Origin::xai}}};

Origin origin_of(std::string_view format) {
  for (const Format& row : kFormats) {
    if (row.name == format) return row.origin;
  }
  return Origin::none;
}

std::string_view format_of(Origin origin) {
  for (const Format& row : kFormats) {
    if (row.origin == origin) return row.name;
  }
  return {};
}

void read_bytes(std::string_view raw, std::optional<std::vector<std::uint8_t>>& out) {
  if (!is_array(raw)) return;
  out.emplace();
  elements(raw, [&](std::string_view byte) {
    const auto value = count(byte);
    if (value && *value <= 0xFF) out->push_back(static_cast<std::uint8_t>(*value));
  });
}

template <class Token>
void read_token(std::string_view key, std::string_view value, Token& token) {
  if (key == "token") token.token = text(value);
  if (key == "logprob") token.logprob = json::read_number(value).value_or(0);
  if (key == "bytes") read_bytes(value, token.bytes);
}

template <class Token>
void write_token(json::Writer& writer, const Token& token) {
  writer.key("token").string(token.token).key("logprob").number(token.logprob).key("bytes");
  if (!token.bytes) {
    writer.null();
    return;
  }
  writer.begin_array();
  for (const std::uint8_t byte : *token.bytes) writer.unsigned_integer(byte);
  writer.end_array();
}

}  // namespace

bool filled(std::string_view raw) {
  if (!given(raw)) return false;
  if (raw.size() == 2 && (raw == "\"\"" || raw == "[]" || raw == "{}")) return false;
  return true;
}

bool append_text(std::string_view raw, std::string& out) {
  if (!is_string(raw)) return false;
  json::Cursor cursor(raw);
  json::Cursor::String string;
  if (!cursor.string(string)) return false;
  json::append_decoded(string, out);
  return true;
}

std::string text(std::string_view raw) {
  std::string out;
  append_text(raw, out);
  return out;
}

std::string_view view(std::string_view raw, std::string& buffer) {
  if (!is_string(raw)) return {};
  json::Cursor cursor(raw);
  json::Cursor::String string;
  if (!cursor.string(string)) return {};
  if (!string.escaped) return string.inside;
  buffer.clear();
  json::append_decoded(string, buffer);
  return buffer;
}

std::optional<DataUrl> split_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view head = url.substr(0, comma);
  if (!head.ends_with(";base64")) return std::nullopt;
  // Parameters of the type ("charset=utf-8") are let go.
  return DataUrl{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

void append_data_url(std::string& out, std::string_view media_type, std::string_view data) {
  out.append("data:").append(media_type).append(";base64,").append(data);
}

std::string media_type_of_audio(std::string_view format) {
  for (const AudioFormat& row : kAudio) {
    if (row.format == format) return std::string(row.media_type);
  }
  return format.empty() ? std::string() : "audio/" + std::string(format);
}

std::string_view audio_format(std::string_view media_type) {
  for (const AudioFormat& row : kAudio) {
    if (row.media_type == media_type) return row.format;
  }
  const auto slash = media_type.find('/');
  return slash == std::string_view::npos ? media_type : media_type.substr(slash + 1);
}

llm::Media::Kind kind_of_media(std::string_view media_type) {
  if (media_type.starts_with("image/")) return llm::Media::Kind::image;
  if (media_type.starts_with("audio/")) return llm::Media::Kind::audio;
  if (media_type.starts_with("video/")) return llm::Media::Kind::video;
  return llm::Media::Kind::document;
}

bool is_json_object(std::string_view json) {
  json::Cursor cursor(json);
  return cursor.first() == '{' && cursor.skip() && cursor.at_end();
}

std::optional<std::uint64_t> count(std::string_view raw) { return json::read_count(raw); }

std::size_t code_points(std::string_view text) {
  std::size_t points = 0;
  for (const char c : text) points += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return points;
}

FinishReason finish_from(std::string_view word) {
  for (const FinishWord& row : kFinish) {
    if (row.word == word) return row.finish;
  }
  return FinishReason::unknown;
}

std::string_view finish_word(FinishReason finish) {
  switch (finish) {
    case FinishReason::length:
    case FinishReason::context_length:
      return "length";
    case FinishReason::tool_calls:
      return "tool_calls";
    case FinishReason::content_filter:
    case FinishReason::refusal:
      return "content_filter";
    case FinishReason::error:
      return "error";
    default:
      return "stop";
  }
}

bool finish_says_less(FinishReason finish) {
  return finish == FinishReason::context_length || finish == FinishReason::refusal || finish == FinishReason::pause ||
         finish == FinishReason::malformed || finish == FinishReason::error;
}

Detail read_detail(std::string_view raw) {
  Detail detail;
  std::string buffer;
  members(raw, [&](std::string_view key, std::string_view value) {
    if (key == "type") {
      const std::string_view type = view(value, buffer);
      if (type == "reasoning.text") detail.kind = Detail::Kind::text;
      if (type == "reasoning.summary") detail.kind = Detail::Kind::summary;
      if (type == "reasoning.encrypted") detail.kind = Detail::Kind::encrypted;
    } else if (key == "text" || key == "summary") {
      if (is_string(value)) detail.text = value;
    } else if (key == "data") {
      if (is_string(value)) detail.data = value;
    } else if (key == "signature") {
      if (is_string(value)) detail.signature = value;
    } else if (key == "id") {
      if (is_string(value)) detail.id = value;
    } else if (key == "format") {
      detail.format = text(value);
    } else if (key == "index") {
      detail.index = count(value);
    }
  });
  return detail;
}

llm::Opaque read_state(std::string_view written, std::string_view format, Origin side) {
  if (written.empty()) return {};
  if (side == Origin::openrouter) {
    return {.origin = side, .value = std::string(format).append(":").append(written)};
  }
  if (side != Origin::none) return {.origin = side, .value = std::string(written)};
  return llm::unwrap_opaque(written, origin_of(format));
}

WrittenState write_state(const llm::Opaque& state, Origin side) {
  if (state.empty()) return {};
  if (state.origin == Origin::openrouter) {
    const auto colon = state.value.find(':');
    WrittenState out;
    if (colon != std::string::npos) out.format = state.value.substr(0, colon);
    if (side == Origin::openrouter) {
      out.value = colon == std::string::npos ? state.value : state.value.substr(colon + 1);
    } else {
      out.value = llm::wrap_opaque(state, Origin::none);
    }
    return out;
  }
  WrittenState out{.format = std::string(format_of(state.origin)), .value = {}};
  out.value = side != Origin::none ? state.value : llm::wrap_opaque(state, origin_of(out.format));
  return out;
}

void read_details(std::string_view list, Origin side, std::vector<llm::Block>& out) {
  // Only what stands in this list is added to.
  const std::size_t first = out.size();
  std::optional<std::uint64_t> last_index;
  elements(list, [&](std::string_view raw) {
    const Detail detail = read_detail(raw);
    if (detail.kind == Detail::Kind::none) return;
    llm::Reasoning* into = nullptr;
    if (out.size() > first) {
      auto* const last = out.back().as<llm::Reasoning>();
      const std::string id = text(detail.id);
      const bool same = detail.index ? detail.index == last_index : !id.empty() && id == last->id;
      const bool summary = detail.kind == Detail::Kind::summary;
      if (same && (detail.kind == Detail::Kind::encrypted ? last->encrypted.empty()
                                                          : last->text.empty() || last->summary == summary)) {
        into = last;
      }
    }
    if (into == nullptr) {
      out.push_back({.value = llm::Reasoning{}});
      into = out.back().as<llm::Reasoning>();
    }
    last_index = detail.index;
    if (into->id.empty()) into->id = text(detail.id);
    if (detail.kind == Detail::Kind::encrypted) {
      into->encrypted = read_state(text(detail.data), detail.format, side);
      return;
    }
    into->summary = detail.kind == Detail::Kind::summary;
    append_text(detail.text, into->text);
    if (const std::string signature = text(detail.signature); !signature.empty()) {
      into->signature = read_state(signature, detail.format, side);
    }
  });
}

void read_thinking_blocks(std::string_view list, std::vector<llm::Block>& out) {
  elements(list, [&](std::string_view raw) {
    std::string type;
    llm::Reasoning reasoning;
    members(raw, [&](std::string_view key, std::string_view value) {
      if (key == "type") type = text(value);
      if (key == "thinking") reasoning.text = text(value);
      if (key == "signature") reasoning.signature = llm::unwrap_opaque(text(value), Origin::anthropic);
      if (key == "data") reasoning.encrypted = llm::unwrap_opaque(text(value), Origin::anthropic);
    });
    if (type == "thinking" || type == "redacted_thinking") out.push_back({.value = std::move(reasoning)});
  });
}

void write_details(json::Writer& writer, const llm::Reasoning& reasoning, std::size_t index, Origin side) {
  const auto tail = [&](const WrittenState& state) {
    if (!reasoning.id.empty()) writer.key("id").string(reasoning.id);
    if (!state.format.empty()) writer.key("format").string(state.format);
    writer.key("index").unsigned_integer(index).end_object();
  };
  if (!reasoning.text.empty() || !reasoning.signature.empty() || reasoning.encrypted.empty()) {
    const WrittenState signature = write_state(reasoning.signature, side);
    writer.begin_object().key("type").string(reasoning.summary ? "reasoning.summary" : "reasoning.text");
    writer.key(reasoning.summary ? "summary" : "text").string(reasoning.text);
    if (!signature.value.empty()) writer.key("signature").string(signature.value);
    tail(signature);
  }
  if (!reasoning.encrypted.empty()) {
    const WrittenState encrypted = write_state(reasoning.encrypted, side);
    writer.begin_object().key("type").string("reasoning.encrypted").key("data").string(encrypted.value);
    tail(encrypted);
  }
}

llm::Citation read_annotation(std::string_view raw) {
  llm::Citation citation;
  bool known = false;
  bool all = true;
  members(raw, [&](std::string_view key, std::string_view value) {
    if (key == "type") {
      known = text(value) == "url_citation";
    } else if (key == "url_citation" && is_object(value)) {
      members(value, [&](std::string_view name, std::string_view member) {
        if (name == "url") {
          citation.url = text(member);
        } else if (name == "title") {
          citation.title = text(member);
        } else if (name == "content") {
          citation.cited_text = text(member);
        } else if (name == "start_index") {
          citation.begin = count(member);
        } else if (name == "end_index") {
          citation.end = count(member);
        } else {
          all = false;
        }
      });
    } else {
      all = false;
    }
  });
  if ((!known || !all) && keepable(raw))
    citation.verbatim = {.dialect = llm::Dialect::openai_chat, .json = std::string(raw)};
  return citation;
}

void write_annotation(json::Writer& writer, const llm::Citation& citation, std::size_t shift) {
  if (citation.verbatim.dialect == llm::Dialect::openai_chat && !citation.verbatim.empty() && shift == 0) {
    writer.raw(citation.verbatim.json);
    return;
  }
  writer.begin_object().key("type").string("url_citation").key("url_citation").begin_object();
  // OpenAI's clients want all four; what is cited without a place has none.
  writer.key("start_index").unsigned_integer(citation.begin.value_or(0) + (citation.begin ? shift : 0));
  writer.key("end_index").unsigned_integer(citation.end.value_or(0) + (citation.end ? shift : 0));
  writer.key("url").string(citation.url);
  writer.key("title").string(citation.title.empty() ? citation.url : citation.title);
  if (!citation.cited_text.empty()) writer.key("content").string(citation.cited_text);
  if (!citation.file_id.empty()) writer.key("file_id").string(citation.file_id);
  writer.end_object().end_object();
}

void read_logprobs(std::string_view raw, std::vector<llm::TokenLogprob>& out) {
  std::string_view content;
  std::string_view tokens;
  std::string_view values;
  members(raw, [&](std::string_view key, std::string_view value) {
    if (key == "content") content = value;
    if (key == "tokens") tokens = value;
    if (key == "token_logprobs") values = value;
  });
  if (is_array(content)) {
    elements(content, [&](std::string_view token) {
      llm::TokenLogprob& one = out.emplace_back();
      members(token, [&](std::string_view key, std::string_view value) {
        read_token(key, value, one);
        if (key != "top_logprobs" || !is_array(value)) return;
        elements(value, [&](std::string_view top) {
          auto& other = one.top.emplace_back();
          members(top, [&](std::string_view name, std::string_view member) { read_token(name, member, other); });
        });
      });
    });
  } else if (is_array(tokens) && is_array(values)) {
    const std::size_t first = out.size();
    elements(tokens, [&](std::string_view token) { out.emplace_back().token = text(token); });
    std::size_t at = first;
    elements(values, [&](std::string_view value) {
      if (at < out.size()) out[at++].logprob = json::read_number(value).value_or(0);
    });
  }
}

void write_logprob(json::Writer& writer, const llm::TokenLogprob& token) {
  writer.begin_object();
  write_token(writer, token);
  writer.key("top_logprobs").begin_array();
  for (const auto& top : token.top) {
    writer.begin_object();
    write_token(writer, top);
    writer.end_object();
  }
  writer.end_array().end_object();
}

void write_usage(json::Writer& writer, const llm::Usage& usage) {
  const auto part = [&](std::string_view name, std::uint64_t value) {
    if (value > 0) writer.key(name).unsigned_integer(value);
  };
  const std::uint64_t total =
      usage.total_tokens != 0 ? usage.total_tokens : usage.prompt_tokens + usage.completion_tokens;
  writer.begin_object().key("prompt_tokens").unsigned_integer(usage.prompt_tokens);
  writer.key("completion_tokens").unsigned_integer(usage.completion_tokens).key("total_tokens").unsigned_integer(total);
  writer.key("prompt_tokens_details").begin_object().key("cached_tokens").unsigned_integer(usage.cached_tokens);
  part("cache_write_tokens", usage.cache_write_tokens);
  part("audio_tokens", usage.prompt_audio_tokens);
  part("image_tokens", usage.prompt_image_tokens);
  writer.end_object();
  writer.key("completion_tokens_details").begin_object();
  writer.key("reasoning_tokens").unsigned_integer(usage.reasoning_tokens);
  part("audio_tokens", usage.completion_audio_tokens);
  part("image_tokens", usage.completion_image_tokens);
  writer.end_object();
  part("citation_tokens", usage.citation_tokens);
  part("num_search_queries", usage.web_searches);
  writer.end_object();
}

std::string_view find_thought_signature(std::string_view extra_content) {
  if (!is_object(extra_content)) return {};
  const std::string_view found = json::find(extra_content, "google.thought_signature");
  return is_string(found) ? found : std::string_view();
}

void write_thought_signature(json::Writer& writer, std::string_view signature) {
  writer.key("extra_content").begin_object().key("google").begin_object();
  writer.key("thought_signature").string(signature).end_object().end_object();
}

}  // namespace gatehouse::dialects::openai_chat::wire
