#pragma once

#include <optional>
#include <string_view>

#include "gatehouse/llm/chat/block.h"

namespace gatehouse::dialects::bedrock {

// What of Converse's blocks a medium is sent as. The member and the format as the API has them.
struct MediaForm {
  llm::Media::Kind kind = llm::Media::Kind::image;
  std::string_view member;  // "image", "document", "video", "audio"
  std::string_view format;  // "png", "pdf" ...
};

// By its media type, by its name where there is none, by its first bytes where that tells nothing either: a PDF is a
// document whatever it was called. Nothing: the API knows no such format.
std::optional<MediaForm> form_of(const llm::Media& media);

// "image/png" of "png" in an answer's block of that member.
std::string_view media_type_of(std::string_view member, std::string_view format);

}  // namespace gatehouse::dialects::bedrock
