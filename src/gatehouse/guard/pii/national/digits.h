#pragma once

#include <cstddef>
#include <string_view>

#include "gatehouse/guard/pii/checks.h"

// What national schemes need beyond pii/checks.h. Pure. `s` is a compact text that fits its kind's shape: the positions
// that are asked for exist and hold digits where digits are read.
namespace gatehouse::guard::pii::national {

// Each digit of the front of `s` times its weight.
template <std::size_t N>
constexpr int sum(std::string_view s, const int (&weights)[N]) {
  return weighted(s, weights);
}

constexpr int two(std::string_view s, std::size_t at) { return digit(s[at]) * 10 + digit(s[at + 1]); }
constexpr int three(std::string_view s, std::size_t at) { return digit(s[at]) * 100 + two(s, at + 1); }
constexpr int four(std::string_view s, std::size_t at) { return two(s, at) * 100 + two(s, at + 2); }

constexpr bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
constexpr bool only(std::string_view s, std::string_view set) { return s.find_first_not_of(set) == s.npos; }
constexpr bool in(int value, int least, int most) { return value >= least && value <= most; }

// YYMMDD, DDMMYY and YYYYMMDD from `at` on, days of the calendar.
constexpr bool yymmdd(std::string_view s, std::size_t at = 0) {
  return is_short_date(two(s, at), two(s, at + 2), two(s, at + 4));
}
constexpr bool ddmmyy(std::string_view s, std::size_t at = 0) {
  return is_short_date(two(s, at + 4), two(s, at + 2), two(s, at));
}
// Born in a year that people alive may have been born in.
constexpr bool yyyymmdd(std::string_view s, std::size_t at = 0) {
  return in(four(s, at), 1850, 2099) && is_date(four(s, at), two(s, at + 4), two(s, at + 6));
}

// ICAO 9303 part 3, 4.9: weights 7, 3, 1 over digits and letters; the last character is the check digit.
constexpr bool icao(std::string_view s) {
  constexpr int kWeights[] = {7, 3, 1};
  int total = 0;
  for (std::size_t i = 0; i + 1 < s.size(); ++i) total += alnum_value(s[i]) * kWeights[i % 3];
  return is_digit(s.back()) && total % 10 == digit(s.back());
}

// ISO/IEC 7064 MOD 11-2: digits, the last may be X.
constexpr bool mod11_2(std::string_view s) {
  int total = 0;
  for (const char c : s.substr(0, s.size() - 1)) total = (total + digit(c)) * 2 % 11;
  return (total + (s.back() == 'X' ? 10 : alnum_value(s.back()))) % 11 == 1;
}

}  // namespace gatehouse::guard::pii::national
