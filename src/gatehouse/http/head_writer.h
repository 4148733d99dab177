#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"

namespace gatehouse::http {

// Appends `name: value` and the line's end. The caller vouches for both (they come out of our parser or are ours).
inline void append_field(std::string& out, std::string_view name, std::string_view value) {
  const std::size_t before = out.size();
  const std::size_t after = before + name.size() + value.size() + 4;
  out.resize_and_overwrite(after, [&](char* text, std::size_t) {
    char* at = text + before;
    at = std::copy(name.begin(), name.end(), at);
    *at++ = ':';
    *at++ = ' ';
    at = std::copy(value.begin(), value.end(), at);
    *at++ = '\r';
    *at++ = '\n';
    return after;
  });
}

inline void append_number(std::string& out, std::uint64_t number, int base = 10) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number, base).ptr;
  out.append(digits, end);
}

inline void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  append_field(out, name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

// Of fields as append_field writes them, the first of that name (in any case) with another value; appended where there
// is none.
void replace_field(std::string& fields, std::string_view name, std::string_view value);

// `HTTP/1.1 200 OK` and the line's end.
void append_status_line(std::string& out, int status);

// The value of a Date field (RFC 9110, section 5.6.7), made anew once a second. One thread.
class DateCache {
 public:
  std::string_view at(base::WallTime now);

 private:
  std::int64_t second_ = -1;
  char text_[29] = {};
};

}  // namespace gatehouse::http
