#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"

namespace gatehouse::json {

// One strict pass over a document (RFC 8259) that checks all of it and tells what stands at the top, by position, so
// that a value can be read or replaced without writing the rest anew. Stricter than the RFC where parsers disagree
// about the meaning: invalid UTF-8, a byte order mark and a lone surrogate escape are refused, nesting ends at
// kMaxDepth. Numbers are checked for form, not for range. Nothing is allocated but for a key that is written with
// escapes; no padding after the text is needed. Free functions, any thread.

// Arrays and objects that may stand inside each other, the outermost counted.
inline constexpr std::size_t kMaxDepth = 128;

enum class Kind : std::uint8_t { null, boolean, number, string, object, array };

// "a string", "an object" ...: for messages to the caller.
std::string_view describe(Kind kind);

struct Member {
  std::string_view key;    // unescaped; holds during the visit only
  std::string_view value;  // as written, quotes or brackets included; a view into the document
  std::size_t offset;      // of `value` in the document
  Kind kind;
};

struct Element {
  std::string_view value;
  std::size_t offset;
  Kind kind;
};

// What a pass notes of all of the document besides, at any depth.
struct Notes {
  // Asked of keys, as they are written, until it says yes.
  bool (*wanted)(std::string_view key);
  bool key = false;             // there is one that is wanted
  bool unicode_escape = false;  // some string holds a \u escape, so that a key may be written in another way
};

// Visits every member of the object that the document is, duplicates too, in their order. What was visited counts
// for nothing if the result is an error (invalid_request, with the byte at which it was seen): the rest is checked
// after the visit.
Result<> scan_object(std::string_view document, base::FunctionRef<void(const Member&)> visit);
Result<> scan_object(std::string_view document, Notes& notes, base::FunctionRef<void(const Member&)> visit);

// The same for an array.
Result<> scan_array(std::string_view document, base::FunctionRef<void(const Element&)> visit);

// The same for a part of a document that has been checked: quicker, since the UTF-8 is not checked again. False where
// it is not what it should be after all; the visits end there.
bool walk_object(std::string_view checked, base::FunctionRef<void(const Member&)> visit);
bool walk_array(std::string_view checked, base::FunctionRef<void(const Element&)> visit);
// The members that are left of an object: `checked` begins at the quote of a key of it and ends with the object.
bool walk_members(std::string_view checked, base::FunctionRef<void(const Member&)> visit);

// Any one value with white space around it.
Result<Kind> validate(std::string_view document);

}  // namespace gatehouse::json
