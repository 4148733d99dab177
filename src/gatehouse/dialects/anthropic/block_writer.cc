#include "gatehouse/dialects/anthropic/block_writer.h"

#include <array>
#include <cstdint>

#include "gatehouse/dialects/anthropic/answer_words.h"
#include "gatehouse/dialects/anthropic/turns.h"
#include "gatehouse/dialects/caller_words.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Block;
using llm::Media;

// By the first bytes, as base64 has them (the signatures of PNG, JPEG, GIF, RIFF/WebP and PDF).
std::string_view sniff(std::string_view base64) {
  struct Magic {
    std::string_view start;
    std::string_view type;
  };
  static constexpr std::array<Magic, 5> kMagic = {{{"iVBORw0KGgo", "image/png"},
                                                   {"/9j/", "image/jpeg"},
                                                   {"R0lGOD", "image/gif"},
                                                   {"UklGR", "image/webp"},
                                                   {"JVBERi", "application/pdf"}}};
  for (const Magic& magic : kMagic) {
    if (base64.starts_with(magic.start)) return magic.type;
  }
  return {};
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=' || c == '\n' || c == '\r') continue;
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>(bits >> held & 0xFF));
    }
  }
  return out;
}

bool of_the_web(std::string_view url) { return url.starts_with("https://") || url.starts_with("http://"); }

}  // namespace

void write_cache_control(json::Writer& out, const llm::CacheHint& hint) {
  out.begin_object().key("type").string("ephemeral");
  if (hint.one_hour) out.key("ttl").string("1h");
  out.end_object();
}

bool BlockWriter::fail(std::string_view what) {
  if (error_.error.detail.empty()) {
    error_ =
        ApiError(Code::unsupported, std::string(what), std::string(caller_name(request_.dialect, Setting::messages)));
  }
  return false;
}

void BlockWriter::cache(const std::optional<llm::CacheHint>& hint) {
  if (!hint) return;
  if (!marks_.next()) {
    losses_.drop(caller_name(request_.dialect, Setting::cache));
    return;
  }
  out_.key("cache_control");
  write_cache_control(out_, *hint);
}

void BlockWriter::extras(const llm::Extras& extras) {
  if (request_.dialect != llm::Dialect::anthropic) {
    for (const llm::Extra& extra : extras) losses_.drop(extra.name);
    return;
  }
  for (const llm::Extra& extra : extras) out_.key(extra.name).raw(extra.json);
}

bool BlockWriter::write(const Block& block, bool assistant, bool last_words) {
  switch (block.kind()) {
    case llm::BlockKind::text:
      return text(block, *block.as<llm::Text>(), last_words);
    case llm::BlockKind::refusal:
      plain_text(block.as<llm::Refusal>()->text, block.cache);
      return true;
    case llm::BlockKind::reasoning:
      if (!assistant) return true;  // nobody else's are thoughts that a provider has signed
      if (block.cache) losses_.drop(caller_name(request_.dialect, Setting::cache));
      return reasoning(*block.as<llm::Reasoning>());
    case llm::BlockKind::media:
      return media(block, *block.as<Media>(), assistant);
    case llm::BlockKind::tool_call:
      return tool_call(block, *block.as<llm::ToolCall>());
    case llm::BlockKind::tool_result:
      return tool_result(block, *block.as<llm::ToolResult>());
    case llm::BlockKind::foreign:
      return foreign(block, *block.as<llm::Foreign>());
  }
  return true;
}

bool BlockWriter::text(const Block& block, const llm::Text& text, bool last_words) {
  std::string_view words = text.text;
  if (last_words) {
    const auto end = words.find_last_not_of(" \t\n\r\v\f");
    words = words.substr(0, end == std::string_view::npos ? 0 : end + 1);
  }
  out_.begin_object().key("type").string("text").key("text").string(words);
  bool open = false;
  for (const llm::Citation& citation : text.citations) {
    if (citation.verbatim.empty() || citation.verbatim.dialect != llm::Dialect::anthropic) continue;
    if (!open) out_.key("citations").begin_array();
    open = true;
    out_.raw(citation.verbatim.json);
  }
  if (open) out_.end_array();
  cache(block.cache);
  extras(block.extras);
  out_.end_object();
  return true;
}

void BlockWriter::plain_text(std::string_view text, const std::optional<llm::CacheHint>& hint) {
  out_.begin_object().key("type").string("text").key("text").string(text);
  cache(hint);
  out_.end_object();
}

// What others signed was left out before (can_replay).
bool BlockWriter::reasoning(const llm::Reasoning& reasoning) {
  if (!reasoning.signature.empty() && reasoning.signature.origin == target_.origin) {
    out_.begin_object().key("type").string("thinking").key("thinking").string(reasoning.text);
    out_.key("signature").string(reasoning.signature.value).end_object();
  }
  if (!reasoning.encrypted.empty() && reasoning.encrypted.origin == target_.origin) {
    out_.begin_object().key("type").string("redacted_thinking");
    out_.key("data").string(reasoning.encrypted.value).end_object();
  }
  return true;
}

bool BlockWriter::media(const Block& block, const Media& media, bool assistant) {
  if (assistant) {
    // The model is not shown pictures and sounds of its own; what was said in a sound is.
    if (media.kind == Media::Kind::audio && has_words(media.transcript)) {
      plain_text(media.transcript, block.cache);
      return true;
    }
    return fail("The provider takes no images, sounds or files in the words of the assistant.");
  }
  if (media.kind == Media::Kind::audio) return fail("The provider takes no audio.");
  if (media.kind == Media::Kind::video) return fail("The provider takes no video.");
  const bool image = media.kind == Media::Kind::image;
  if (image && target_.quirks.refuses_any(llm::Quirks::images)) return fail("The provider takes no images.");
  out_.begin_object().key("type").string(image ? "image" : "document").key("source");
  if (!source(media)) return false;
  if (image) {
    if (!media.detail.empty() && media.detail != "auto") losses_.drop(caller_name(request_.dialect, Setting::detail));
  } else {
    const std::string& title = media.title.empty() ? media.name : media.title;
    if (!title.empty()) out_.key("title").string(title);
    if (!media.context.empty()) out_.key("context").string(media.context);
    if (media.citations) out_.key("citations").begin_object().key("enabled").boolean(true).end_object();
  }
  cache(block.cache);
  extras(block.extras);
  out_.end_object();
  return true;
}

bool BlockWriter::source(const Media& media) {
  const bool image = media.kind == Media::Kind::image;
  const auto typed = [this](std::string_view type) { out_.begin_object().key("type").string(type); };
  if (!media.data.empty()) {
    std::string_view type = media.media_type;
    if (type.empty()) type = sniff(media.data);
    if (image && type.empty()) type = "image/png";
    if (image || type == "application/pdf" || type.empty()) {
      typed("base64");
      out_.key("media_type").string(type.empty() ? "application/pdf" : type).key("data").string(media.data);
    } else {
      const bool text = type.starts_with("text/") || type == "application/json" || type == "application/xml";
      const auto decoded = text ? decode_base64(media.data) : std::nullopt;
      if (!decoded) return fail("The provider takes documents as PDF or as text.");
      typed("text");
      out_.key("media_type").string("text/plain").key("data").string(*decoded);
    }
  } else if (!media.file_id.empty()) {
    // A file is stored at one provider.
    if (request_.dialect != llm::Dialect::anthropic) return fail("The provider does not have this file.");
    typed("file");
    out_.key("file_id").string(media.file_id);
  } else if (!media.url.empty()) {
    if (!of_the_web(media.url)) return fail("The provider fetches from web addresses only.");
    typed("url");
    out_.key("url").string(media.url);
  } else if (image) {
    return fail("An image without data, address and file cannot be sent.");
  } else if (!media.parts.empty()) {
    typed("content");
    out_.key("content").begin_array();
    for (const Block& part : media.parts) {
      if (const auto* words = part.as<llm::Text>(); words != nullptr && !has_words(words->text)) continue;
      if (!write(part, false)) return false;
    }
    out_.end_array();
  } else {
    typed("text");
    out_.key("media_type").string("text/plain").key("data").string(media.text);
  }
  out_.end_object();
  return true;
}

bool BlockWriter::tool_call(const Block& block, const llm::ToolCall& call) {
  out_.begin_object().key("type").string("tool_use").key("id").string(names_.call_id(call.id, call.name));
  out_.key("name").string(names_.sent(call.name)).key("input");
  write_input(out_, call.kind, call.arguments);
  cache(block.cache);
  extras(block.extras);
  out_.end_object();
  return true;
}

bool BlockWriter::tool_result(const Block& block, const llm::ToolResult& result) {
  out_.begin_object().key("type").string("tool_result");
  out_.key("tool_use_id").string(names_.result_id(result.call_id, result.name));
  const llm::Text* only = result.content.size() == 1 ? result.content.front().as<llm::Text>() : nullptr;
  if (only != nullptr && !result.content.front().cache && result.content.front().extras.empty()) {
    if (has_words(only->text)) out_.key("content").string(only->text);
  } else if (!result.content.empty()) {
    out_.key("content").begin_array();
    for (const Block& part : result.content) {
      if (const auto* words = part.as<llm::Text>(); words != nullptr && !has_words(words->text)) continue;
      if (!write(part, false)) return false;
    }
    out_.end_array();
  }
  if (result.is_error) out_.key("is_error").boolean(true);
  cache(block.cache);
  extras(block.extras);
  out_.end_object();
  return true;
}

bool BlockWriter::foreign(const Block& block, const llm::Foreign& foreign) {
  if (foreign.verbatim.dialect == llm::Dialect::anthropic && !foreign.verbatim.empty()) {
    if (block.cache && !marks_.next()) losses_.drop(caller_name(request_.dialect, Setting::cache));
    out_.raw(foreign.verbatim.json);
    return true;
  }
  if (!has_words(foreign.text)) {
    losses_.drop(foreign.type);
    return true;
  }
  plain_text(foreign.text, block.cache);
  return true;
}

}  // namespace gatehouse::dialects::anthropic
