#include "gatehouse/ml/encoder/edges.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "gatehouse/base/strings.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace {

constexpr auto kAbbreviations = std::to_array<std::string_view>(
    {"inc", "ltd", "co", "corp", "jr", "sr", "st", "ave", "rd", "blvd", "dr", "mr", "mrs", "ms", "prof", "str", "apt"});
constexpr std::size_t kLongestAbbreviation = 4;
constexpr std::uint8_t kMostEdge = 255;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_edge(char32_t c) {
  if (c <= 0x20) return true;
  if (c < 0x80) return std::string_view(".,;:!?\"'()[]{}<>*_`|").contains(static_cast<char>(c));
  return c == 0xA0 || c == 0xAB || c == 0xBB || c == 0xA1 || c == 0xBF || (c >= 0x2000 && c <= 0x200B) ||
         (c >= 0x2013 && c <= 0x2014) || (c >= 0x2018 && c <= 0x201F) || c == 0x2026 || c == 0x3000 ||
         (c >= 0x3001 && c <= 0x3002) || (c >= 0x300A && c <= 0x300F) || c == 0xFF0C || c == 0xFF1A || c == 0xFF1B;
}

// The character that ends at `end`; its bytes. What is no UTF-8 is no edge.
struct Last {
  std::size_t size = 1;
  char32_t code_point = U'\uFFFD';
};
Last last_of(std::string_view text) {
  for (std::size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    const text::Sequence sequence = text::next_sequence(text.substr(text.size() - size));
    if (sequence.valid && sequence.size == size) return {size, sequence.code_point};
  }
  return {};
}

// The full stop at the end of `before` + '.' belongs to what stands before it. A text that somebody cut into tokens has
// a blank before the stop ("Jr .").
bool abbreviates(std::string_view before) {
  const bool apart = before.ends_with(' ');
  if (apart) before.remove_suffix(1);
  std::size_t letters = 0;
  while (letters < before.size() && letters <= kLongestAbbreviation && is_letter(before[before.size() - 1 - letters])) {
    ++letters;
  }
  if (letters == 0 || letters > kLongestAbbreviation) return false;
  const std::string_view word = before.substr(before.size() - letters);
  if (letters == 1) return word[0] <= 'Z' && !apart;
  return std::ranges::any_of(kAbbreviations, [&](std::string_view one) { return base::equals_ignore_case(one, word); });
}

// "'s" ends at `end`, and no letter goes on: how many of its bytes lie behind `begin`.
std::size_t genitive(std::string_view text, std::size_t begin, std::size_t end) {
  if (end == begin || (text[end - 1] != 's' && text[end - 1] != 'S')) return 0;
  if (end < text.size() && (is_letter(text[end]) || base::is_digit(text[end]))) return 0;
  const Last before = last_of(text.substr(0, end - 1));
  if (end < 2 || (before.code_point != U'\'' && before.code_point != U'’')) return 0;
  return std::min(end - begin, before.size + 1);
}

}  // namespace

Edges edges_of(std::string_view text, std::size_t begin, std::size_t end) {
  end = std::min(end, text.size());
  begin = std::min(begin, end);
  std::size_t back = genitive(text, begin, end);
  while (begin + back < end) {
    const Last last = last_of(text.substr(begin, end - back - begin));
    if (!is_edge(last.code_point)) break;
    if (last.code_point == U'.' && back == 0 && abbreviates(text.substr(0, end - 1))) break;
    back += last.size;
  }
  std::size_t front = 0;
  while (begin + front < end) {
    const text::Sequence first = text::next_sequence(text.substr(begin + front, end - begin - front));
    if (!first.valid || !is_edge(first.code_point)) break;
    // The stop of an initial, as a token by itself.
    if (first.code_point == U'.' && front == 0 && end - begin == 1 && back == 0) break;
    front += first.size;
  }
  if (front + back >= end - begin) front = back = end - begin;
  return {static_cast<std::uint8_t>(std::min<std::size_t>(front, kMostEdge)),
          static_cast<std::uint8_t>(std::min<std::size_t>(back, kMostEdge))};
}

}  // namespace gatehouse::ml
