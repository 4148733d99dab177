#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "gatehouse/json/cursor.h"
#include "gatehouse/llm/segment.h"

// What readers of requests and of answers have in common: which strings are no text by their look, and where texts live
// that had to be decoded. For this room only.
namespace gatehouse::dialects {

// A word out of an API's list: "json_schema", "output_text", "message.output_text.logprobs". Begins with a letter, has
// no space, at most 64 bytes.
bool is_word(std::string_view text);
// What a server makes ids of, at most 128 bytes, a letter among them: digits alone may be somebody's number.
bool is_id(std::string_view text);
// Base64 in any of its alphabets, also written with \/, to the end: encrypted reasoning, signatures, padding.
bool is_opaque(std::string_view written);
// A member's name that is no more than an identifier: letters, _ $ - . and no more than four digits, at most 40 bytes.
bool is_plain_name(std::string_view name);

// Whether what is of this media type is text to a model ("text/csv", "application/json"); so is what has none.
bool is_text_type(std::string_view type);

// Of a string that should be a URL: `media` for a data: URL that holds an image, audio or the like; `document` for one
// that holds text (whatever is encoded there a model reads it); else `url`.
llm::SegmentKind kind_of_url(const json::Cursor::String& string);
// Of a string that should be base64 of a file: as above, and `document` where it does not begin as base64 does, or is
// shorter than any file of `least` bytes: one word may look like base64.
llm::SegmentKind kind_of_blob(const json::Cursor::String& string, std::size_t least);

// The text of a string, decoded into `decoded` if need be. Holds as long as the document and `decoded`, to whose
// strings only this function appends.
std::string_view text_of(const json::Cursor::String& string, std::deque<std::string>& decoded);

}  // namespace gatehouse::dialects
