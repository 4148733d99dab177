#include "gatehouse/guard/unsafe/value_ends.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "gatehouse/guard/unsafe/ahead.h"
#include "gatehouse/text/byte_marks.h"

namespace gatehouse::guard::unsafe {
namespace {

constexpr std::size_t kMostBlanks = 4;

constexpr bool is_blank(unsigned char c) { return is_space(c) || c == '+' || c == '*' || c == '/'; }

// In ASCII, and none of those that end a value.
bool is_between_quotes(char c) { return (c >= '#' && c <= '&') || c == '('; }

// What may stand behind a value's end: a blank, or what a conjunction begins with.
constexpr auto kMayFollow = [] {
  std::array<bool, 256> may{};
  for (const char c : std::string_view("oOaAxX|&")) may[static_cast<unsigned char>(c)] = true;
  for (unsigned c = 0; c < may.size(); ++c) may[c] = may[c] || is_blank(static_cast<unsigned char>(c));
  return may;
}();

// How many bytes of a conjunction stand at `at`; 0: none does.
std::size_t conjunction_at(std::string_view text, std::size_t at) {
  if (text.size() - at < 2) return 0;
  const int a = lower(static_cast<unsigned char>(text[at]));
  const int b = lower(static_cast<unsigned char>(text[at + 1]));
  if ((a == 'o' && b == 'r') || (a == '|' && b == '|') || (a == '&' && b == '&')) return 2;
  if (text.size() - at < 3) return 0;
  const int c = lower(static_cast<unsigned char>(text[at + 2]));
  return (a == 'a' && b == 'n' && c == 'd') || (a == 'x' && b == 'o' && c == 'r') ? 3 : 0;
}

}  // namespace

void find_value_ends(std::string_view text, std::vector<ValueEnd>& out) {
  // From " to ) are both quotes and five signs that are seldom.
  static constexpr text::ByteSpan kEnds[] = {{'0', '9'}, {'"', ')'}, {'`', '`'}};
  text::MarkedBytes marks;
  for (std::size_t from = 0; from < text.size(); from += text::kMarkedAtOnce) {
    const std::size_t size = std::min(text.size() - from, text::kMarkedAtOnce);
    text::mark_bytes(text.substr(from, size), kEnds, marks);
    for (std::size_t block = 0; block * 64 < size; ++block) {
      for (std::uint64_t ends = marks[block]; ends != 0; ends &= ends - 1) {
        std::size_t at = from + block * 64 + static_cast<std::size_t>(std::countr_zero(ends)) + 1;
        if (at >= text.size()) break;
        // Nothing comes of a digit with another behind it, of a quote in a word.
        if (!kMayFollow[static_cast<unsigned char>(text[at])] || is_between_quotes(text[at - 1])) continue;
        for (std::size_t blanks = 0; at < text.size() && is_blank(static_cast<unsigned char>(text[at])); ++at) {
          if (++blanks > kMostBlanks) break;
        }
        if (at >= text.size()) continue;
        if (const std::size_t length = conjunction_at(text, at); length > 0) out.push_back({at, at + length});
      }
    }
  }
}

void find_value_strings(std::string_view text, std::vector<std::size_t>& out) {
  for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
    std::size_t quote = at + 1;
    if (quote < text.size() && is_space(static_cast<unsigned char>(text[quote]))) ++quote;
    if (quote < text.size() && text[quote] == '"') out.push_back(quote + 1);
  }
}

}  // namespace gatehouse::guard::unsafe
