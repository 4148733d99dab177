#pragma once

#include <cstdint>

// The classes of characters that the split patterns speak of. For this folder only.
namespace gatehouse::llm::detail {

// By Unicode's general category and White_Space. The numbers are those of the generated table.
enum class CharClass : std::uint8_t {
  other = 0,
  upper = 1,   // Lu, Lt
  lower = 2,   // Ll
  letter = 3,  // Lm, Lo: both upper and lower for the patterns
  mark = 4,    // M: like a letter in o200k's words, like a sign elsewhere
  number = 5,  // N
  space = 6,   // White_Space but for the next
  newline = 7  // \r and \n
};

// char_class_data.cc: a block number for each 128 code points, and for each block two classes a byte.
extern const std::uint8_t kCharBlock[8704];
extern const std::uint8_t kCharClasses[][64];

inline CharClass class_of(char32_t code_point) {
  const std::uint8_t pair = kCharClasses[kCharBlock[code_point >> 7U]][(code_point & 127U) >> 1U];
  return static_cast<CharClass>((code_point & 1U) != 0 ? pair >> 4U : pair & 15U);
}

struct AsciiClasses {
  CharClass of[128];
};
constexpr AsciiClasses ascii_classes() {
  AsciiClasses classes{};
  for (unsigned c = 0; c < 128; ++c) {
    auto& cls = classes.of[c];
    if (c >= 'a' && c <= 'z') cls = CharClass::lower;
    if (c >= 'A' && c <= 'Z') cls = CharClass::upper;
    if (c >= '0' && c <= '9') cls = CharClass::number;
    if (c == ' ' || c == '\t' || c == '\v' || c == '\f') cls = CharClass::space;
    if (c == '\r' || c == '\n') cls = CharClass::newline;
  }
  return classes;
}
inline constexpr AsciiClasses kAsciiClasses = ascii_classes();

// A character of well-formed UTF-8: its class and size in bytes.
struct Char {
  CharClass cls;
  std::uint8_t size;
};
inline Char char_at(const char* at) {
  const auto byte = [at](int i) { return static_cast<std::uint8_t>(at[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {kAsciiClasses.of[first], 1};
  if (first < 0xe0) return {class_of((first & 0x1fU) << 6U | (byte(1) & 0x3fU)), 2};
  if (first < 0xf0) {
    return {class_of((first & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU)), 3};
  }
  return {class_of((first & 0x07U) << 18U | (byte(1) & 0x3fU) << 12U | (byte(2) & 0x3fU) << 6U | (byte(3) & 0x3fU)), 4};
}

}  // namespace gatehouse::llm::detail
