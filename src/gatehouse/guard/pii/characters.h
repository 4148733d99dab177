#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard::pii {

// Bytes as the recognisers see them. Words of identifiers are ASCII; letters beyond it matter only where they adjoin.

enum class Byte : std::uint8_t { other, digit, upper, lower };

inline constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = Byte::digit;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = Byte::upper;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = Byte::lower;
  return table;
}();

constexpr Byte byte(char c) { return kBytes[static_cast<unsigned char>(c)]; }
constexpr bool is_alnum(char c) { return byte(c) != Byte::other; }
constexpr bool is_letter(char c) { return byte(c) >= Byte::upper; }
constexpr bool is_number(char c) { return byte(c) == Byte::digit; }
constexpr bool is_hex(char c) { return is_number(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr char to_upper(char c) { return byte(c) == Byte::lower ? static_cast<char>(c - 32) : c; }
constexpr char to_lower(char c) { return byte(c) == Byte::upper ? static_cast<char>(c + 32) : c; }
constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Lead bytes of two-byte letters: Latin with marks, Greek, Cyrillic, Hebrew, Arabic. C2 leads signs. Scripts of three
// bytes (CJK, Hangul, Thai, ...) write numbers and words without a space between, so they adjoin nothing.
constexpr bool leads_letter(char c) {
  const auto b = static_cast<unsigned char>(c);
  return b >= 0xC3 && b <= 0xDF;
}
constexpr bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Whether a letter that is not ASCII stands directly before, behind.
constexpr bool letter_before(std::string_view text, std::size_t at) {
  return at >= 2 && continues(text[at - 1]) && leads_letter(text[at - 2]);
}
constexpr bool letter_behind(std::string_view text, std::size_t at) {
  return at < text.size() && leads_letter(text[at]);
}
// Whether the place is the edge of a word, seen from it to the left, to the right.
constexpr bool free_before(std::string_view text, std::size_t at) {
  return at == 0 || (!is_alnum(text[at - 1]) && !letter_before(text, at));
}
constexpr bool free_behind(std::string_view text, std::size_t at) {
  return at >= text.size() || (!is_alnum(text[at]) && !letter_behind(text, at));
}

// What may separate the groups of an identifier.
enum Separator : std::uint8_t {
  kNone = 0,
  kSpace = 1,
  kDash = 2,
  kDot = 4,
  kSlash = 8,
  kColon = 16,
  kUnderscore = 32,
  kPlus = 64,
};
struct SeparatorAt {
  std::uint8_t kind = kNone;
  std::uint8_t length = 0;  // 0 and kNone: none; 0 and kind set: cut off by the end of the text
};

inline constexpr std::array<std::uint8_t, 256> kSeparators = [] {
  std::array<std::uint8_t, 256> table{};
  table[' '] = kSpace;
  table['-'] = kDash;
  table['.'] = kDot;
  table['/'] = kSlash;
  table[':'] = kColon;
  table['_'] = kUnderscore;
  table['+'] = kPlus;
  return table;
}();
constexpr std::uint8_t separator_kind(char c) { return kSeparators[static_cast<unsigned char>(c)]; }

// No-break, figure, thin and narrow spaces are spaces; U+2010 to U+2015 and the minus sign are dashes.
constexpr SeparatorAt separator_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const char c = text[at];
  if (const std::uint8_t kind = separator_kind(c); kind != kNone) return {kind, 1};
  const auto lead = static_cast<unsigned char>(c);
  if (lead < 0x80) return {};
  const auto next = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (lead == 0xC2) {
    if (at + 1 >= text.size()) return {kSpace, 0};
    return next(1) == 0xA0 ? SeparatorAt{kSpace, 2} : SeparatorAt{};
  }
  if (lead == 0xE2) {
    if (at + 1 >= text.size()) return {kSpace, 0};
    if (next(1) != 0x80 && next(1) != 0x88) return {};
    if (at + 2 >= text.size()) return {kSpace, 0};
    if (next(1) == 0x88) return next(2) == 0x92 ? SeparatorAt{kDash, 3} : SeparatorAt{};
    if (next(2) >= 0x90 && next(2) <= 0x95) return {kDash, 3};
    if (next(2) == 0x87 || next(2) == 0x89 || next(2) == 0xAF) return {kSpace, 3};
  }
  return {};
}

// How many bytes the separator that ends at `at` has; 0: none is there.
constexpr SeparatorAt separator_before(std::string_view text, std::size_t at) {
  if (at == 0) return {};
  if (static_cast<signed char>(text[at - 1]) >= 0) {
    const std::uint8_t kind = separator_kind(text[at - 1]);
    return {kind, static_cast<std::uint8_t>(kind != kNone ? 1 : 0)};
  }
  for (const std::size_t length : {std::size_t{2}, std::size_t{3}}) {
    if (at < length) break;
    const SeparatorAt found = separator_at(text.substr(0, at), at - length);
    if (found.length == length) return found;
  }
  return {};
}

}  // namespace gatehouse::guard::pii
