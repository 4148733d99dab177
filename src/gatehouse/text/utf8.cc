#include "gatehouse/text/utf8.h"

#include <algorithm>
#include <array>

#include <simdjson.h>

namespace gatehouse::text {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

// Table 3-7: what may follow a lead byte. The second byte's range carries all the exceptions.
struct Lead {
  std::uint8_t size;  // 0: no lead byte
  std::uint8_t second_low;
  std::uint8_t second_high;
};

constexpr Lead lead(std::uint8_t byte) {
  if (byte < 0xc2) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};  // not overlong
  if (byte == 0xed) return {3, 0x80, 0x9f};  // no surrogates
  if (byte < 0xf0) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};  // not overlong
  if (byte < 0xf4) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};  // not above U+10FFFF
  return {0, 0, 0};
}

void append_escaped(std::string& out, char32_t c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\r') {
    out += "\\r";
  } else {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::array<char, 8> digits;
    std::size_t count = 0;
    do {
      digits[count++] = kHex[c & 15U];
      c >>= 4U;
    } while (c != 0);
    out += "\\u{";
    while (count > 0) out += digits[--count];
    out += '}';
  }
}

}  // namespace

bool valid_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

Sequence next_sequence(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (first < 0x80) return {1, true, false, first};
  const Lead rule = lead(first);
  if (rule.size == 0) return {1, false, false, 0};
  char32_t code_point = first & (0xffU >> (rule.size + 1U));
  std::uint8_t low = rule.second_low;
  std::uint8_t high = rule.second_high;
  for (std::uint8_t i = 1; i < rule.size; ++i) {
    if (i == text.size()) return {i, false, true, 0};
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < low || byte > high) return {i, false, false, 0};
    code_point = (code_point << 6U) | (byte & 0x3fU);
    low = 0x80;
    high = 0xbf;
  }
  return {rule.size, true, false, code_point};
}

std::size_t incomplete_tail(std::string_view text) {
  const std::size_t reach = std::min<std::size_t>(3, text.size());
  for (std::size_t back = 1; back <= reach; ++back) {
    const auto byte = static_cast<std::uint8_t>(text[text.size() - back]);
    if (byte >= 0x80 && byte < 0xc0) continue;  // a continuation: its lead is further left
    return next_sequence(text.substr(text.size() - back)).incomplete ? back : 0;
  }
  return 0;
}

void append_replacing_invalid(std::string& out, std::string_view text) {
  if (valid_utf8(text)) {
    out += text;
    return;
  }
  std::size_t copied = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const Sequence sequence = next_sequence(text.substr(at));
    if (!sequence.valid) {
      out += text.substr(copied, at - copied);
      out += kReplacement;
      copied = at + sequence.size;
    }
    at += sequence.size;
  }
  out += text.substr(copied);
}

std::string replace_invalid(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_replacing_invalid(out, text);
  return out;
}

bool unsafe_to_show(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || c == 0x061c || c == 0x200e ||
         c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

std::string safe_excerpt(std::string_view text, std::size_t max_bytes) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const Sequence sequence = next_sequence(text.substr(at));
    if (at + sequence.size > max_bytes) {
      out += kEllipsis;
      break;
    }
    if (!sequence.valid) {
      out += kReplacement;
    } else if (unsafe_to_show(sequence.code_point)) {
      append_escaped(out, sequence.code_point);
    } else {
      out += text.substr(at, sequence.size);
    }
    at += sequence.size;
  }
  return out;
}

}  // namespace gatehouse::text
