#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"

namespace gatehouse::http {

// Appends `name: value` and the line's end. The caller vouches for both (they come out of our parser or are ours).
inline void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

inline void append_number(std::string& out, std::uint64_t number, int base = 10) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number, base).ptr;
  out.append(digits, end);
}

inline void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(name).append(": ");
  append_number(out, value);
  out.append("\r\n");
}

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
