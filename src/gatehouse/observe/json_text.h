#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"

// For this room's own lines of JSON: what the access record and the log share.
namespace gatehouse::observe {

// Appends a JSON string (RFC 8259 section 7) with its quotes. Ill-formed UTF-8 becomes U+FFFD; beside what JSON
// demands, characters that are unsafe to show are escaped, so that a line may be looked at in a terminal. At most
// `max_bytes` of the text, cut between characters.
void append_json_string(std::string& out, std::string_view text,
                        std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

// Copies a text to where there is room for it. False: it does not stand for itself in a JSON string, being more than
// printable ASCII without quotes and backslashes.
bool copy_plain(std::string_view text, char* to);

template <std::integral T>
void append_number(std::string& out, T value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// RFC 3339 in UTC with microseconds: 2026-03-01T09:30:00.000125Z. Years 0 to 9999.
void append_time(std::string& out, base::WallTime time);
inline constexpr std::size_t kTimeSize = 27;
// The same to where there is room for kTimeSize bytes.
void write_time(char* to, base::WallTime time);

}  // namespace gatehouse::observe
