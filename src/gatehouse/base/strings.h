#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::base {

inline constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
inline constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// ASCII case-insensitive, whatever the locale. The differing bits of a byte tell first: names mostly differ in the
// first letter or in nothing.
inline constexpr bool equals_ignore_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string to_lower(std::string_view text);
// Without leading and trailing spaces and tabs.
std::string_view trim(std::string_view text);
// Decimal digits only, no sign, no space; nothing on overflow.
std::optional<std::uint64_t> parse_u64(std::string_view digits);
// Edits (insert, delete, replace) between two names; for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace gatehouse::base
