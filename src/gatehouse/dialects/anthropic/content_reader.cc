#include "gatehouse/dialects/anthropic/content_reader.h"

#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/anthropic/replay.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Block;
using llm::Citation;
using llm::Media;

// Content in content: a tool's result with a document of blocks.
constexpr int kMostDepth = 4;

// The call or text that a wrapped state belongs to, among the blocks of the same message.
void attach(std::vector<Block>& blocks, Replayed replayed) {
  if (replayed.belongs == Belongs::tool_call) {
    for (auto it = blocks.rbegin(); it != blocks.rend(); ++it) {
      if (auto* const call = it->as<llm::ToolCall>(); call != nullptr && call->id == replayed.id) {
        call->signature = std::move(replayed.state);
        return;
      }
    }
    return;
  }
  for (auto it = blocks.rbegin(); it != blocks.rend(); ++it) {
    if (auto* const text = it->as<llm::Text>()) {
      text->signature = std::move(replayed.state);
      return;
    }
  }
}

void gather(std::string_view raw, std::string& out, int depth) {
  const auto add = [&out](std::string_view string) {
    const std::size_t before = out.size();
    if (before > 0) out.push_back('\n');
    if (!json::append_string(string, out) || out.size() == before + 1) out.resize(before);
  };
  const auto kind = json::kind_of(raw);
  if (depth > kMostDepth) return;
  if (kind == json::Kind::array) {
    json::walk_array(raw, [&](const json::Element& element) { gather(element.value, out, depth + 1); });
  } else if (kind == json::Kind::object) {
    json::walk_object(raw, [&](const json::Member& member) {
      const bool holds_text = member.key == "text" || member.key == "title" || member.key == "source" ||
                              member.key == "url" || member.key == "stdout" || member.key == "stderr" ||
                              member.key == "content";
      if (!holds_text) return;
      if (member.kind == json::Kind::string) {
        add(member.value);
      } else if (member.key == "content" || member.key == "source") {
        gather(member.value, out, depth + 1);
      }
    });
  }
}

}  // namespace

std::string readable_text(std::string_view raw) {
  std::string out;
  gather(raw, out, 0);
  return out;
}

std::optional<llm::CacheHint> read_cache_control(std::string_view raw) {
  if (json::kind_of(raw) != json::Kind::object) return std::nullopt;
  return llm::CacheHint{.one_hour = json::find(raw, "ttl") == "\"1h\""};
}

llm::Citation read_citation(std::string_view raw) {
  Citation citation;
  citation.verbatim = {.dialect = llm::Dialect::anthropic, .json = kept_json(raw)};
  const auto count = [](const json::Member& member) { return json::read_count(member.value).value_or(0); };
  json::walk_object(raw, [&](const json::Member& member) {
    const auto is = [&member](std::string_view key) { return member.key == key; };
    if (member.kind == json::Kind::string) {
      const auto take = [&member](std::string& to) {
        to.clear();
        json::append_string(member.value, to);
      };
      if (is("url")) {
        take(citation.url);
      } else if (is("source") && citation.url.empty()) {
        take(citation.url);
      } else if (is("title") || is("document_title")) {
        take(citation.title);
      } else if (is("cited_text")) {
        take(citation.cited_text);
      } else if (is("file_id")) {
        take(citation.file_id);
      }
      return;
    }
    if (member.kind != json::Kind::number) return;
    if (is("document_index") || is("search_result_index")) {
      citation.document = static_cast<std::uint32_t>(count(member));
    } else if (is("start_char_index") || is("start_page_number") || is("start_block_index")) {
      citation.unit = is("start_char_index")    ? Citation::Unit::characters
                      : is("start_page_number") ? Citation::Unit::pages
                                                : Citation::Unit::blocks;
      citation.source_begin = count(member);
    } else if (is("end_char_index") || is("end_page_number") || is("end_block_index")) {
      citation.source_end = count(member);
    }
  });
  return citation;
}

bool ContentReader::fail(std::string_view where, std::string_view what) {
  if (problem_.what.empty()) {
    problem_.where = where.empty() ? fmt::to_string(position_) : fmt::format("{}.{}", position_, where);
    problem_.what = what;
  }
  return false;
}

bool ContentReader::nested(std::string_view where) {
  if (problem_.what.empty()) return fail(where, "Content that can be read was expected.");
  problem_.where = fmt::format("{}.{}{}{}", position_, where, problem_.where.empty() ? "" : ".", problem_.where);
  return false;
}

bool ContentReader::content(json::Cursor& cursor, std::vector<Block>& out, int depth) {
  if (cursor.first() == '"') {
    json::Cursor::String string;
    if (!cursor.string(string)) return false;
    if (++blocks_ > kMostBlocks) return fail("", "There are too many content blocks.");
    llm::Text text;
    json::append_decoded(string, text.text);
    out.push_back({.value = std::move(text)});
    return true;
  }
  if (cursor.first() != '[') {
    problem_.what = "Content has to be a string or an array of blocks.";
    return false;
  }
  const std::size_t outer = std::exchange(position_, 0);
  const bool whole = cursor.array([&] {
    if (!block(cursor, out, depth)) return false;
    ++position_;
    return true;
  });
  position_ = outer;
  return whole;
}

bool ContentReader::block(json::Cursor& cursor, std::vector<Block>& out, int depth) {
  if (++blocks_ > kMostBlocks) {
    problem_.too_large = true;
    return fail("", "There are too many content blocks.");
  }
  Fields fields;
  const std::size_t start = cursor.offset();
  if (!fields.read(cursor)) return fail("", "A content block has to be an object with a type.");
  return dispatch(fields, cursor.since(start), out, depth);
}

bool ContentReader::read_block(std::string_view raw, std::vector<Block>& out) {
  json::Cursor cursor(raw);
  return block(cursor, out, 0);
}

bool ContentReader::dispatch(Fields& fields, std::string_view raw, std::vector<Block>& out, int depth) {
  std::string type;
  if (!fields.string("type", type) || type.empty()) return fail("type", "A content block has to tell its type.");
  Block made;
  if (const auto cache = fields.raw("cache_control"); !cache.empty()) made.cache = read_cache_control(cache);
  if (type == "text") {
    llm::Text text;
    if (!fields.has("text") || !fields.string("text", text.text)) return fail("text", "A string was expected.");
    if (const auto citations = fields.raw("citations"); !citations.empty()) {
      json::walk_array(citations,
                       [&](const json::Element& element) { text.citations.push_back(read_citation(element.value)); });
    }
    made.value = std::move(text);
  } else if (type == "thinking" || type == "redacted_thinking") {
    bool kept = true;
    if (!thinking(fields, out, type != "thinking", kept)) return false;
    if (kept) {
      fields.rest(out.back().extras);
      out.back().cache = made.cache;
    }
    return true;
  } else if (type == "image" || type == "document") {
    Media media;
    media.kind = type == "image" ? Media::Kind::image : Media::Kind::document;
    if (!this->media(fields, media, depth)) return false;
    made.value = std::move(media);
  } else if (type == "tool_use") {
    llm::ToolCall call;
    if (!fields.string("id", call.id)) return fail("id", "A string was expected.");
    if (!fields.string("name", call.name) || call.name.empty()) return fail("name", "A tool's name was expected.");
    const auto input = fields.raw("input");
    if (!input.empty() && input != "{}") call.arguments = input;
    made.value = std::move(call);
  } else if (type == "tool_result") {
    llm::ToolResult result;
    if (!tool_result(fields, result, depth)) return false;
    made.value = std::move(result);
  } else {
    llm::Foreign foreign;
    foreign.verbatim = {.dialect = llm::Dialect::anthropic, .json = kept_json(raw)};
    foreign.text = readable_text(raw);
    foreign.type = std::move(type);
    made.value = std::move(foreign);
    out.push_back(std::move(made));
    return true;
  }
  fields.rest(made.extras);
  out.push_back(std::move(made));
  return true;
}

bool ContentReader::thinking(Fields& fields, std::vector<Block>& out, bool redacted, bool& kept) {
  llm::Reasoning reasoning;
  std::string state;
  if (redacted) {
    if (!fields.string("data", state)) return fail("data", "A string was expected.");
  } else {
    if (!fields.string("thinking", reasoning.text)) return fail("thinking", "A string was expected.");
    if (!fields.string("signature", state)) return fail("signature", "A string was expected.");
  }
  Replayed replayed = unwrap_replayed(state, redacted ? Belongs::encrypted : Belongs::thinking);
  if (replayed.belongs == Belongs::tool_call || replayed.belongs == Belongs::text) {
    attach(out, std::move(replayed));
    kept = false;
    return true;
  }
  reasoning.summary = replayed.summary;
  reasoning.id = std::move(replayed.id);
  (replayed.belongs == Belongs::encrypted ? reasoning.encrypted : reasoning.signature) = std::move(replayed.state);
  out.push_back({.value = std::move(reasoning)});
  return true;
}

bool ContentReader::media(Fields& fields, Media& media, int depth) {
  const auto raw = fields.raw("source");
  if (raw.empty() || !source(raw, media, depth)) return fail("source", "A source of a known type was expected.");
  if (media.kind != Media::Kind::document) return true;
  if (!fields.string("title", media.title)) return fail("title", "A string was expected.");
  if (!fields.string("context", media.context)) return fail("context", "A string was expected.");
  if (const auto citations = fields.raw("citations"); !citations.empty()) {
    media.citations = json::find(citations, "enabled") == "true";
  }
  return true;
}

bool ContentReader::source(std::string_view raw, Media& media, int depth) {
  Fields fields;
  if (!fields.read(raw)) return false;
  const std::string type = fields.text("type");
  if (type == "base64") {
    return fields.string("media_type", media.media_type) && fields.has("data") && fields.string("data", media.data);
  }
  if (type == "url") return fields.string("url", media.url) && !media.url.empty();
  if (type == "file") return fields.string("file_id", media.file_id) && !media.file_id.empty();
  if (media.kind != Media::Kind::document) return false;
  if (type == "text") {
    return fields.string("media_type", media.media_type) && fields.has("data") && fields.string("data", media.text);
  }
  const auto parts = fields.raw("content");
  if (type != "content" || parts.empty() || depth >= kMostDepth) return false;
  json::Cursor cursor(parts);
  return content(cursor, media.parts, depth + 1) || nested("source.content");
}

bool ContentReader::tool_result(Fields& fields, llm::ToolResult& result, int depth) {
  if (!fields.string("tool_use_id", result.call_id) || result.call_id.empty()) {
    return fail("tool_use_id", "The id of a tool call was expected.");
  }
  if (const auto error = fields.raw("is_error"); !error.empty()) {
    const auto value = json::read_bool(error);
    if (!value) return fail("is_error", "A boolean was expected.");
    result.is_error = *value;
  }
  const auto raw = fields.raw("content");
  if (raw.empty()) return true;
  if (depth >= kMostDepth) return fail("content", "Content is nested too deep.");
  json::Cursor cursor(raw);
  return content(cursor, result.content, depth + 1) || nested("content");
}

}  // namespace gatehouse::dialects::anthropic
