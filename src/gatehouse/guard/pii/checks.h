#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gatehouse::guard::pii {

// Arithmetic that identifiers have in common. Pure; `digits` holds 0-9 only where that is said.

constexpr int digit(char c) { return c - '0'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
// The number that some digits are; at most 18 of them.
constexpr long long number(std::string_view digits) {
  long long value = 0;
  for (const char c : digits) value = value * 10 + digit(c);
  return value;
}
constexpr bool all_same(std::string_view text) {
  return text.find_first_not_of(text.front()) == std::string_view::npos;
}
constexpr bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}
// 0-9 as they are, A is 10 ... Z is 35.
constexpr int alnum_value(char c) { return is_digit(c) ? c - '0' : c - 'A' + 10; }

// ISO/IEC 7812-1 annex B: the last digit checks the others.
constexpr bool luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    int d = digit(digits[i]);
    if (twice) d = d > 4 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return sum % 10 == 0;
}

// The sum of each digit times its weight; as many weights as digits.
constexpr int weighted(std::string_view digits, std::span<const int> weights) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size() && i < weights.size(); ++i) sum += digit(digits[i]) * weights[i];
  return sum;
}

// The remainder by 97 of digits and letters, a letter read as two digits (ISO/IEC 7064 MOD 97-10, ISO 13616).
constexpr int mod97(std::string_view compact) {
  int rest = 0;
  for (const char c : compact) {
    const int value = alnum_value(c);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

// ISO/IEC 7064 MOD 11,10: the last digit checks the others (Germany's tax numbers).
constexpr bool mod11_10(std::string_view digits) {
  int product = 10;
  for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
    int sum = (digit(digits[i]) + product) % 10;
    if (sum == 0) sum = 10;
    product = sum * 2 % 11;
  }
  return (11 - product) % 10 == digit(digits.back());
}

// ISO/IEC 7064 MOD 37,36 over 0-9 A-Z, the last character checks the others.
constexpr bool mod37_36(std::string_view compact) {
  int product = 36;
  for (std::size_t i = 0; i + 1 < compact.size(); ++i) {
    int sum = (alnum_value(compact[i]) + product) % 36;
    if (sum == 0) sum = 36;
    product = sum * 2 % 37;
  }
  return (product + alnum_value(compact.back())) % 36 == 1;
}

// J. Verhoeff, Error Detecting Decimal Codes (1969): the dihedral group of order ten.
bool verhoeff(std::string_view digits);

constexpr bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
constexpr int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}
// A day of the Gregorian calendar, `year` in full.
constexpr bool is_date(int year, int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}
// The century is not written: a day in 19yy or 20yy.
constexpr bool is_short_date(int yy, int month, int day) {
  return is_date(1900 + yy, month, day) || is_date(2000 + yy, month, day);
}

}  // namespace gatehouse::guard::pii
