#include "gatehouse/dialects/gemini/part.h"

#include <array>

namespace gatehouse::dialects::gemini {
namespace {

using llm::Media;

// Members beside the one that says what a part is.
bool is_detail(const Name& name) {
  static constexpr std::array<std::string_view, 6> kDetails = {
      "videoMetadata", "mediaResolution", "partMetadata", "mediaProcessing", "speechMetadata", "audioTranscription"};
  for (const auto detail : kDetails) {
    if (name == detail) return true;
  }
  return false;
}

bool take_into(Cursor& cursor, Cursor::String& to) {
  to = take_string(cursor).value_or(Cursor::String{});
  return !cursor.failed();
}

}  // namespace

bool read_part(Cursor& cursor, Part& part) {
  part = {};
  const std::size_t from = cursor.offset();
  const bool read = members(cursor, [&](const Name& name) {
    const auto data = [&](Part::Kind kind) {
      if (cursor.first() == 'n') return cursor.skip();
      part.kind = kind;
      part.data = take(cursor);
      return !part.data.empty();
    };
    if (name == "text") {
      if (cursor.first() != '"') return cursor.skip();
      part.kind = Part::Kind::text;
      return cursor.string(part.text);
    }
    if (name == "thought") {
      part.thought = cursor.first() == 't';
      return cursor.skip();
    }
    if (name == "thoughtSignature") return take_into(cursor, part.signature);
    if (name == "functionCall") return data(Part::Kind::call);
    if (name == "functionResponse") return data(Part::Kind::response);
    if (name == "inlineData") return data(Part::Kind::inline_data);
    if (name == "fileData") return data(Part::Kind::file_data);
    if (is_detail(name)) {
      part.more = true;
      return cursor.skip();
    }
    // What it is that is not known: the first such member.
    if (part.kind != Part::Kind::none) {
      part.more = true;
      return cursor.skip();
    }
    return data(Part::Kind::other);
  });
  part.raw = cursor.since(from);
  // A signature alone is one of an empty text.
  if (part.kind == Part::Kind::none && !part.signature.inside.empty()) part.kind = Part::Kind::text;
  return read;
}

bool read_call(std::string_view data, Call& call) {
  call = {};
  Cursor cursor(data);
  if (cursor.first() != '{') return false;
  return members(cursor, [&](const Name& name) {
    if (name == "id") return take_into(cursor, call.id);
    if (name == "name") return take_into(cursor, call.name);
    if (name == "args" && cursor.first() == '{') return !(call.args = take(cursor)).empty();
    if (name == "partialArgs" && cursor.first() == '[') return !(call.partial_args = take(cursor)).empty();
    if (name == "willContinue") call.will_continue = cursor.first() == 't';
    return cursor.skip();
  });
}

Media::Kind media_kind(std::string_view media_type) {
  if (media_type.starts_with("image/")) return Media::Kind::image;
  if (media_type.starts_with("audio/")) return Media::Kind::audio;
  if (media_type.starts_with("video/")) return Media::Kind::video;
  return Media::Kind::document;
}

bool read_inline_data(std::string_view data, InlineData& to) {
  Cursor cursor(data);
  if (cursor.first() != '{') return false;
  const bool read = members(cursor, [&](const Name& name) {
    if (name == "mimeType") return take_text(cursor, to.media.media_type);
    if (name == "displayName") return take_text(cursor, to.media.name);
    if (name == "data") return take_into(cursor, to.data);
    return cursor.skip();
  });
  to.media.kind = media_kind(to.media.media_type);
  return read;
}

bool read_file_data(std::string_view data, Media& to) {
  Cursor cursor(data);
  if (cursor.first() != '{') return false;
  std::string uri;
  const bool read = members(cursor, [&](const Name& name) {
    if (name == "mimeType") return take_text(cursor, to.media_type);
    if (name == "displayName") return take_text(cursor, to.name);
    if (name == "fileUri") return take_text(cursor, uri);
    return cursor.skip();
  });
  to.kind = media_kind(to.media_type);
  // Films on YouTube are given without a type.
  if (to.media_type.empty() && (uri.contains("youtube.com/") || uri.contains("youtu.be/")))
    to.kind = Media::Kind::video;
  (is_google_file(uri) ? to.file_id : to.url) = std::move(uri);
  return read;
}

bool is_google_file(std::string_view uri) {
  return uri.starts_with("https://generativelanguage.googleapis.com/") || uri.starts_with("files/");
}

llm::Foreign foreign_of(const Part& part) {
  llm::Foreign foreign;
  foreign.verbatim = {.dialect = llm::Dialect::gemini, .json = std::string(part.raw)};
  Cursor cursor(part.raw);
  members(cursor, [&](const Name& name) {
    if (name == "thought" || name == "thoughtSignature" || is_detail(name)) return cursor.skip();
    if (foreign.type.empty()) foreign.type = name.view();
    if (name == "executableCode" || name == "codeExecutionResult") {
      const std::string_view value = take(cursor);
      foreign.text = json::read_string(json::find(value, name == "executableCode" ? "code" : "output")).value_or("");
      return !value.empty();
    }
    return cursor.skip();
  });
  return foreign;
}

llm::Extras extras_of(const Part& part) {
  llm::Extras extras;
  if (!part.more) return extras;
  Cursor cursor(part.raw);
  members(cursor, [&](const Name& name) {
    if (!is_detail(name)) return cursor.skip();
    const std::string_view value = take(cursor);
    if (!value.empty()) extras.push_back({std::string(name.view()), std::string(value)});
    return !value.empty();
  });
  return extras;
}

}  // namespace gatehouse::dialects::gemini
