#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"

// Reading as protobuf's JSON has it (protobuf.dev/programming-guides/json): names in lowerCamelCase or as in the
// definition, numbers in quotes, null for what is not there, one value where a list is expected. For this folder.
namespace gatehouse::dialects::gemini {

using json::Cursor;

// A member's name in lowerCamelCase, however it was written. Lives as long as the document and itself.
class Name {
 public:
  explicit Name(const Cursor::String& written);
  Name(const Name&) = delete;
  Name& operator=(const Name&) = delete;

  bool operator==(std::string_view name) const { return view_ == name; }
  std::string_view view() const { return view_; }

 private:
  std::array<char, 64> buffer_;
  std::string_view view_;
};

// The value where the cursor stands, left behind; empty: no JSON.
inline std::string_view take(Cursor& cursor) {
  const std::size_t from = cursor.offset();
  return cursor.skip() ? cursor.since(from) : std::string_view{};
}

// Calls `visit(name)` at each member; it reads the value and returns false to stop. False as of the cursor.
template <class Visit>
bool members(Cursor& cursor, Visit&& visit) {
  return cursor.object([&](const Cursor::String& key) { return visit(Name(key)); });
}

// Calls `visit()` at each element, or once at what is no list; not for null.
template <class Visit>
bool each(Cursor& cursor, Visit&& visit) {
  if (cursor.first() == '[') return cursor.array(visit);
  if (cursor.first() == 'n') return cursor.skip();
  return visit();
}

// A string as it stands, or nothing where another value does.
inline std::optional<Cursor::String> take_string(Cursor& cursor) {
  if (cursor.first() != '"') {
    cursor.skip();
    return std::nullopt;
  }
  Cursor::String text;
  if (!cursor.string(text)) return std::nullopt;
  return text;
}

std::string decoded(const Cursor::String& text);
// The same into `to`; what is no string leaves it empty. False as of the cursor.
bool take_text(Cursor& cursor, std::string& to);

// Of raw values; quoted numbers too.
std::optional<double> number_of(std::string_view raw);
std::optional<std::int64_t> integer_of(std::string_view raw);
std::optional<std::uint64_t> count_of(std::string_view raw);

// Base64 in the standard alphabet with padding, from either alphabet (RFC 4648 sections 4 and 5): clients in Python
// send the one for URLs.
std::string standard_base64(std::string&& data);
bool is_standard_base64(std::string_view data);

// A number of a name, for ids that have to be the same each time (FNV-1a, 64 bits).
std::uint64_t hash_of(std::string_view text);

}  // namespace gatehouse::dialects::gemini
