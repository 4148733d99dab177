#include "gatehouse/guard/pieces.h"

#include <algorithm>

namespace gatehouse::guard {
namespace {

constexpr std::size_t kHard = 512;  // cut at the next end of a character

bool is_white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_small(c) || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80U) != 0; }

constexpr std::uint32_t bytes(char a, char b, char c) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(a)) << 16U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(b)) << 8U | static_cast<unsigned char>(c);
}
constexpr std::uint32_t kLast = 0xFFFFFF;

}  // namespace

bool PieceCutter::ends_behind(char c) {
  const auto byte = static_cast<unsigned char>(c);
  size_ = static_cast<std::uint16_t>(size_ + 1);
  const std::uint32_t before = last_;
  last_ = (last_ << 8U | byte) & kLast;
  if (byte < 0x80 || byte >= 0xC0) {
    missing_ = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0;
  } else if (missing_ > 0) {
    --missing_;
  }
  // The full stops of Chinese and Japanese need no blank behind them.
  const bool ideographic = last_ == bytes('\xE3', '\x80', '\x82') || last_ == bytes('\xEF', '\xBC', '\x81') ||
                           last_ == bytes('\xEF', '\xBC', '\x9F');
  bool end = ideographic && size_ >= kLeast;
  if (is_letter(c) || is_digit(c)) {
    if (!in_word_) {
      word_ = 0;
      small_ = is_small(c);
      number_ = is_digit(c);
    }
    in_word_ = true;
    word_ = static_cast<std::uint8_t>(std::min(word_ + 1, 255));
    stopped_ = false;
  } else if (is_white(c)) {
    end = end || ((c == '\n' || stopped_) && size_ >= kLeast) || size_ >= kLong;
    in_word_ = false;
    word_ = 0;
    stopped_ = false;
  } else if (c == '!' || c == '?') {
    stopped_ = true;
    in_word_ = false;
  } else if (c == '.') {
    // "Dr.", "J.", "No. 5" and "Mozartstr. 5" go on.
    const bool street = (before | 0x202020U) == bytes('s', 't', 'r');
    const bool full = !in_word_ || (number_ ? word_ >= 3 : word_ >= 5 || (small_ && word_ >= 2));
    stopped_ = full && !street && size_ > 1;
    in_word_ = false;
  } else {
    const bool closes = c == '"' || c == '\'' || c == ')' || c == ']' || c == '*' || c == '_';
    stopped_ = stopped_ && closes;
    end = end || ((c == ',' || c == ';') && size_ >= kLong);
    in_word_ = false;
    word_ = 0;
  }
  return end || (size_ >= kHard && missing_ == 0) || size_ >= kMost;
}

std::size_t PieceCutter::next(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    if (!ends_behind(text[at])) continue;
    *this = PieceCutter();
    return at + 1;
  }
  return kNone;
}

}  // namespace gatehouse::guard
