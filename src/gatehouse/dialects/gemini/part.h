#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/dialects/gemini/reading.h"
#include "gatehouse/llm/chat/block.h"

namespace gatehouse::dialects::gemini {

// A part of a content, by the places of what it says: views into the document.
struct Part {
  enum class Kind : std::uint8_t { none, text, inline_data, file_data, call, response, other };
  Kind kind = Kind::none;
  std::string_view raw;
  Cursor::String text;
  Cursor::String signature;  // `inside` is empty: none
  std::string_view data;     // of inline_data, file_data, call, response, other: the member's value
  bool thought = false;
  bool more = false;  // it has members besides
};

// Reads the part where the cursor stands. False as of the cursor, also for what is no object.
bool read_part(Cursor& cursor, Part& part);

// functionCall.
struct Call {
  Cursor::String id;
  Cursor::String name;
  std::string_view args;          // an object; empty: none
  std::string_view partial_args;  // a list; empty: none
  bool will_continue = false;
};
bool read_call(std::string_view data, Call& call);

// inlineData: its data is left where it stands. fileData: its url or file_id is set.
struct InlineData {
  Cursor::String data;
  llm::Media media;
};
bool read_inline_data(std::string_view data, InlineData& to);
bool read_file_data(std::string_view data, llm::Media& to);

llm::Media::Kind media_kind(std::string_view media_type);

// A part that only this dialect knows.
llm::Foreign foreign_of(const Part& part);
// The part's members that are not known.
llm::Extras extras_of(const Part& part);

// Whether the URI names a file that Google keeps for the caller: nobody else can read it.
bool is_google_file(std::string_view uri);

}  // namespace gatehouse::dialects::gemini
