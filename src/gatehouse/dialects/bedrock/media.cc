#include "gatehouse/dialects/bedrock/media.h"

#include <array>
#include <string>
#include <utility>

#include "gatehouse/base/strings.h"

namespace gatehouse::dialects::bedrock {
namespace {

using Kind = llm::Media::Kind;

struct Row {
  std::string_view type;  // media type
  Kind kind;
  std::string_view format;
};

// The API's formats (botocore, bedrock-runtime: ImageFormat, DocumentFormat, VideoFormat, AudioFormat) and the media
// types that are registered or in use for them; the first of a format is what an answer's is called.
constexpr std::array kRows = {
    Row{"image/png", Kind::image, "png"},
    Row{"image/jpeg", Kind::image, "jpeg"},
    Row{"image/jpg", Kind::image, "jpeg"},
    Row{"image/gif", Kind::image, "gif"},
    Row{"image/webp", Kind::image, "webp"},
    Row{"application/pdf", Kind::document, "pdf"},
    Row{"application/x-pdf", Kind::document, "pdf"},
    Row{"text/plain", Kind::document, "txt"},
    Row{"text/csv", Kind::document, "csv"},
    Row{"text/html", Kind::document, "html"},
    Row{"text/markdown", Kind::document, "md"},
    Row{"text/x-markdown", Kind::document, "md"},
    Row{"application/msword", Kind::document, "doc"},
    Row{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", Kind::document, "docx"},
    Row{"application/vnd.ms-excel", Kind::document, "xls"},
    Row{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Kind::document, "xlsx"},
    Row{"application/json", Kind::document, "txt"},
    Row{"application/xml", Kind::document, "txt"},
    Row{"application/yaml", Kind::document, "txt"},
    Row{"video/mp4", Kind::video, "mp4"},
    Row{"video/x-matroska", Kind::video, "mkv"},
    Row{"video/quicktime", Kind::video, "mov"},
    Row{"video/mov", Kind::video, "mov"},
    Row{"video/webm", Kind::video, "webm"},
    Row{"video/x-flv", Kind::video, "flv"},
    Row{"video/mpeg", Kind::video, "mpeg"},
    Row{"video/mpg", Kind::video, "mpg"},
    Row{"video/x-ms-wmv", Kind::video, "wmv"},
    Row{"video/wmv", Kind::video, "wmv"},
    Row{"video/3gpp", Kind::video, "three_gp"},
    Row{"audio/mpeg", Kind::audio, "mp3"},
    Row{"audio/mp3", Kind::audio, "mp3"},
    Row{"audio/wav", Kind::audio, "wav"},
    Row{"audio/x-wav", Kind::audio, "wav"},
    Row{"audio/wave", Kind::audio, "wav"},
    Row{"audio/opus", Kind::audio, "opus"},
    Row{"audio/aac", Kind::audio, "aac"},
    Row{"audio/flac", Kind::audio, "flac"},
    Row{"audio/x-flac", Kind::audio, "flac"},
    Row{"audio/mp4", Kind::audio, "mp4"},
    Row{"audio/x-m4a", Kind::audio, "m4a"},
    Row{"audio/ogg", Kind::audio, "ogg"},
    Row{"audio/webm", Kind::audio, "webm"},
    Row{"audio/x-matroska", Kind::audio, "mka"},
    Row{"audio/pcm", Kind::audio, "pcm"},
    Row{"audio/l16", Kind::audio, "pcm"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kEndings = {{
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"pdf", "application/pdf"},
    {"txt", "text/plain"},
    {"csv", "text/csv"},
    {"html", "text/html"},
    {"md", "text/markdown"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"json", "application/json"},
    {"mp4", "video/mp4"},
    {"mkv", "video/x-matroska"},
    {"mov", "video/quicktime"},
    {"webm", "video/webm"},
    {"mp3", "audio/mpeg"},
    {"wav", "audio/wav"},
    {"flac", "audio/flac"},
}};

// The first bytes of a file in base64.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kBeginnings = {{
    {"iVBORw0KGgo", "image/png"},
    {"/9j/", "image/jpeg"},
    {"R0lGOD", "image/gif"},
    {"UklGR", "image/webp"},
    {"JVBERi0", "application/pdf"},
    {"UEsDB", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
}};

std::string_view member_of(Kind kind) {
  switch (kind) {
    case Kind::image:
      return "image";
    case Kind::document:
      return "document";
    case Kind::video:
      return "video";
    case Kind::audio:
      return "audio";
  }
  return "document";
}

std::optional<MediaForm> by_type(std::string_view type) {
  type = base::trim(type.substr(0, type.find(';')));
  for (const Row& row : kRows) {
    if (base::equals_ignore_case(row.type, type)) return MediaForm{row.kind, member_of(row.kind), row.format};
  }
  constexpr std::string_view kText = "text/";
  if (base::equals_ignore_case(type.substr(0, kText.size()), kText)) {
    return MediaForm{Kind::document, member_of(Kind::document), "txt"};
  }
  return std::nullopt;
}

std::optional<MediaForm> by_ending(std::string_view name) {
  name = name.substr(0, name.find_first_of("?#"));
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  for (const auto& [ending, type] : kEndings) {
    if (base::equals_ignore_case(ending, name.substr(dot + 1))) return by_type(type);
  }
  return std::nullopt;
}

}  // namespace

std::optional<MediaForm> form_of(const llm::Media& media) {
  if (!media.text.empty() || !media.parts.empty()) return MediaForm{Kind::document, "document", "txt"};
  if (auto form = by_type(media.media_type)) return form;
  if (!media.media_type.empty() && media.media_type != "application/octet-stream" &&
      !media.media_type.ends_with("/*")) {
    return std::nullopt;
  }
  for (const std::string_view name :
       {std::string_view(media.name), std::string_view(media.url), std::string_view(media.file_id)}) {
    if (auto form = by_ending(name)) return form;
  }
  for (const auto& [begin, type] : kBeginnings) {
    if (media.data.starts_with(begin)) return by_type(type);
  }
  return std::nullopt;
}

std::string_view media_type_of(std::string_view member, std::string_view format) {
  for (const Row& row : kRows) {
    if (row.format == format && member_of(row.kind) == member) return row.type;
  }
  return {};
}

}  // namespace gatehouse::dialects::bedrock
