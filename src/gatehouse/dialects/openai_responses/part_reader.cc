#include <array>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/openai_responses/item_fields.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using llm::Block;
using llm::Media;

// By the end of a file's name, for files whose data say no type.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes = {{
    {".pdf", "application/pdf"},
    {".txt", "text/plain"},
    {".md", "text/markdown"},
    {".csv", "text/csv"},
    {".html", "text/html"},
    {".json", "application/json"},
    {".xml", "text/xml"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
}};

std::string_view type_by_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  for (const auto& [ending, type] : kTypes) {
    if (base::equals_ignore_case(name.substr(dot), ending)) return type;
  }
  return {};
}

// data:TYPE;base64,DATA (RFC 2397) taken apart; false for any other address.
bool read_data_url(std::string_view url, Media& media) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kBase64 = ";base64";
  if (!url.starts_with(kScheme)) return false;
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return false;
  std::string_view type = url.substr(kScheme.size(), comma - kScheme.size());
  if (!type.ends_with(kBase64)) return false;
  type.remove_suffix(kBase64.size());
  media.media_type = type.substr(0, type.find(';'));
  media.data = url.substr(comma + 1);
  return true;
}

void read_url(std::string url, Media& media) {
  if (!read_data_url(url, media)) media.url = std::move(url);
}

std::uint64_t count_of(const json::Value& value) { return json::read_count(value.raw()).value_or(0); }

std::optional<std::vector<std::uint8_t>> read_bytes(const json::Value& value) {
  if (!value.is(json::Kind::array)) return std::nullopt;
  std::vector<std::uint8_t> out;
  value.elements([&out](json::Value byte) { out.push_back(static_cast<std::uint8_t>(count_of(byte))); });
  return out;
}

}  // namespace

llm::Citation read_annotation(std::string_view raw) {
  const json::Value value(raw);
  llm::Citation out;
  out.url = value["url"].string_or("");
  out.title = value["title"].string_or("");
  if (out.title.empty()) out.title = value["filename"].string_or("");
  out.file_id = value["file_id"].string_or("");
  if (value["start_index"].exists() && value["end_index"].exists()) {
    out.begin = count_of(value["start_index"]);
    out.end = count_of(value["end_index"]);
  } else if (value["index"].exists()) {
    out.begin = out.end = count_of(value["index"]);
  }
  out.verbatim = {.dialect = llm::Dialect::openai_responses, .json = std::string(raw)};
  return out;
}

void read_logprobs(std::string_view raw, std::vector<llm::TokenLogprob>& out) {
  json::Value(raw).elements([&out](json::Value entry) {
    if (!entry.is(json::Kind::object)) return;
    auto& token = out.emplace_back();
    token.token = entry["token"].string_or("");
    token.logprob = entry["logprob"].number().value_or(0);
    token.bytes = read_bytes(entry["bytes"]);
    entry["top_logprobs"].elements([&token](json::Value other) {
      token.top.push_back({.token = other["token"].string_or(""),
                           .logprob = other["logprob"].number().value_or(0),
                           .bytes = read_bytes(other["bytes"])});
    });
  });
}

bool ItemReader::content(json::Cursor& cursor, std::string_view member, std::vector<Block>& out) {
  if (cursor.first() == '"') {
    json::Cursor::String said;
    if (!cursor.string(said)) return false;
    llm::Text text;
    json::append_decoded(said, text.text);
    out.push_back({.value = std::move(text)});
    return true;
  }
  if (cursor.first() != '[') {
    if (cursor.first() == 'n') return cursor.skip();
    return fail("expected an array or a string.", std::string(member));
  }
  part_ = 0;
  const bool read = cursor.array([&] {
    if (!part(cursor, out)) return false;
    ++*part_;
    return true;
  });
  if (read) part_.reset();
  return read;
}

bool ItemReader::part(json::Cursor& cursor, std::vector<Block>& out) {
  const std::size_t start = cursor.offset();
  if (cursor.first() == '"') {  // taken by some servers for a text
    return content(cursor, {}, out);
  }
  if (cursor.first() != '{') return fail("expected an object.");
  PartFields fields;
  const bool read = cursor.object([&](const json::Cursor::String& key) {
    const std::string_view name = key.inside;
    if (name == "type") return text(cursor, name, fields.type);
    if (name == "text") return text(cursor, name, fields.text);
    if (name == "refusal") return text(cursor, name, fields.refusal);
    if (name == "file_id") return text(cursor, name, fields.file_id);
    if (name == "detail") return text(cursor, name, fields.detail);
    if (name == "filename") return text(cursor, name, fields.file_name);
    if (name == "file_data") return text(cursor, name, fields.file_data);
    if (name == "file_url") return text(cursor, name, fields.file_url);
    if (name == "image_url") {
      if (cursor.first() != '{') return text(cursor, name, fields.image_url);
      return cursor.object([&](const json::Cursor::String& inner) {  // as in Chat Completions
        if (inner.inside == "url") return text(cursor, name, fields.image_url);
        if (inner.inside == "detail") return text(cursor, inner.inside, fields.detail);
        return cursor.skip();
      });
    }
    if (name == "input_audio" && cursor.first() == '{') {
      return cursor.object([&](const json::Cursor::String& inner) {
        if (inner.inside == "data") return text(cursor, "input_audio.data", fields.audio_data);
        if (inner.inside == "format") return text(cursor, "input_audio.format", fields.audio_format);
        return cursor.skip();
      });
    }
    const std::size_t at = cursor.offset();
    if (!cursor.skip()) return false;
    const std::string_view raw = cursor.since(at);
    if (name == "annotations") {
      fields.annotations = raw;
    } else if (name == "logprobs") {
      fields.logprobs = raw;
    } else if (name == "prompt_cache_breakpoint") {
      fields.breakpoint = raw != "null";
    } else {
      fields.extras.push_back({.name = key_of(key), .json = std::string(raw)});
    }
    return true;
  });
  return read && finish_part(fields, cursor.since(start), out);
}

bool ItemReader::finish_part(PartFields& part, std::string_view raw, std::vector<Block>& out) {
  const std::string_view type = plain(part.type);
  Block block;
  if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text" ||
      type == "reasoning_text") {
    if (!part.text) return fail("Missing required parameter: '" + place("text") + "'.", "text");
    llm::Text text;
    text.text = decoded(part.text);
    if (part.annotations.size() > 2) {
      json::Value(part.annotations).elements([&text](json::Value annotation) {
        if (annotation.is(json::Kind::object)) text.citations.push_back(read_annotation(annotation.raw()));
      });
    }
    if (part.logprobs.size() > 2) read_logprobs(part.logprobs, text.logprobs);
    block.value = std::move(text);
  } else if (type == "refusal") {
    block.value = llm::Refusal{.text = decoded(part.refusal)};
  } else if (type == "input_image" || type == "input_file" || type == "input_audio") {
    Media media;
    media.file_id = decoded(part.file_id);
    media.name = decoded(part.file_name);
    media.detail = decoded(part.detail);
    if (type == "input_image") {
      read_url(decoded(part.image_url), media);
    } else if (type == "input_file") {
      media.kind = Media::Kind::document;
      read_url(decoded(part.file_url), media);
      if (part.file_data) {
        std::string data = decoded(part.file_data);
        if (!read_data_url(data, media)) media.data = std::move(data);
      }
      if (media.media_type.empty()) media.media_type = type_by_name(media.name);
    } else {
      media.kind = Media::Kind::audio;
      std::string data = decoded(part.audio_data);
      if (!read_data_url(data, media)) media.data = std::move(data);
      if (media.media_type.empty()) media.media_type = "audio/" + decoded(part.audio_format);
    }
    if (media.data.empty() && media.url.empty() && media.file_id.empty()) {
      const std::string_view wanted = type == "input_image"  ? "image_url"
                                      : type == "input_file" ? "file_data"
                                                             : "input_audio";
      return fail("Missing required parameter: '" + place(wanted) + "'.", std::string(wanted));
    }
    block.value = std::move(media);
  } else {
    if (type.empty()) return fail("Missing required parameter: '" + place("type") + "'.", "type");
    out.push_back(
        {.value = llm::Foreign{.verbatim = {.dialect = llm::Dialect::openai_responses, .json = std::string(raw)},
                               .type = "part:" + std::string(type),
                               .text = decoded(part.text)}});
    return true;
  }
  if (part.breakpoint) block.cache = llm::CacheHint{};
  block.extras = std::move(part.extras);
  out.push_back(std::move(block));
  return true;
}

// The texts of a list of parts, an empty line between two.
bool ItemReader::texts_of(json::Cursor& cursor, std::string& out) {
  if (cursor.first() != '[') return cursor.skip();
  return cursor.array([&] {
    if (cursor.first() != '{') return cursor.skip();
    Words said;
    if (!cursor.object([&](const json::Cursor::String& key) {
          if (key.inside == "text") return text(cursor, "text", said);
          return cursor.skip();
        })) {
      return false;
    }
    if (said && said->length > 2) {
      if (!out.empty()) out += "\n\n";
      json::append_decoded(*said, out);
    }
    return true;
  });
}

}  // namespace gatehouse::dialects::openai_responses
