#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "gatehouse/json/scan.h"

// The grammar under scan.cc and value.cc, in the header so that it is inlined into both. Not for other rooms.
namespace gatehouse::json::detail {

inline bool is_space(char c) { return c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t'); }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
// -1 for anything but a hexadecimal digit.
inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
// The code unit of the four digits at `p`, or -1.
inline int hex4(const char* p) {
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(p[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}
inline bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
inline bool is_low_surrogate(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// Whether the \u escape at `p` is the first half of a surrogate pair whose other half follows.
inline bool is_paired(const char* p, const char* end) {
  return end - p >= 12 && is_high_surrogate(hex4(p + 2)) && p[6] == '\\' && p[7] == 'u' &&
         is_low_surrogate(hex4(p + 8));
}

// The first byte in [p, end) that ends or interrupts a string: a quote, a backslash or a control byte; else `end`.
inline const char* plain_end(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1F);
  while (end - p >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hits = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                                      _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const int mask = _mm_movemask_epi8(hits);
    if (mask != 0) return p + __builtin_ctz(static_cast<unsigned>(mask));
    p += 16;
  }
#else
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  while (end - p >= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    // Exact as a yes or no for the whole word; which byte it is the loop below finds out.
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    const std::uint64_t hits =
        ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - kOnes * 0x20) & ~word);
    if ((hits & kHighs) != 0) break;
    p += 8;
  }
#endif
  while (p < end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
  return p;
}

// A cursor over a document that checks as it goes. Every step returns false when the text is not valid; `problem` and
// `at` then tell what and where.
class Lexer {
 public:
  // `lone_surrogates`: whether they pass, as JSON.parse lets them.
  explicit Lexer(std::string_view text, bool lone_surrogates = false)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), lone_surrogates_(lone_surrogates) {}
  // One that notes what it meets; `notes` outlives it.
  Lexer(std::string_view text, Notes& notes) : Lexer(text) { notes_ = &notes; }

  // 0 at the end; a zero byte in the text is valid nowhere that `peek` is asked.
  char peek() const { return at_ < end_ ? *at_ : '\0'; }
  bool at_end() const { return at_ == end_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  std::string_view since(std::size_t offset) const { return {begin_ + offset, this->offset() - offset}; }
  const char* problem() const { return problem_; }

  void skip_space() {
    while (at_ < end_ && is_space(*at_)) ++at_;
  }
  bool take(char expected) {
    if (peek() != expected) return false;
    ++at_;
    return true;
  }
  bool fail(const char* problem) {
    problem_ = problem;
    return false;
  }

  // A string, from its opening quote on. `escaped` tells whether it holds a backslash.
  bool string(bool& escaped) {
    escaped = false;
    ++at_;
    for (;;) {
      at_ = plain_end(at_, end_);
      if (at_ == end_) return fail("a string without end");
      if (*at_ == '"') {
        ++at_;
        return true;
      }
      if (*at_ != '\\') return fail("a control character inside a string");
      escaped = true;
      if (!escape()) return false;
    }
  }

  // `key`: one that was read with string(), between its quotes.
  void note_key(std::string_view key) {
    if (notes_ != nullptr && !notes_->key) notes_->key = notes_->wanted(key);
  }

  // Any value, from its first byte on (no white space before it), `depth` containers deep.
  bool value(std::size_t depth, Kind& kind) {
    switch (peek()) {
      case '"':
        kind = Kind::string;
        break;
      case '{':
        kind = Kind::object;
        return skip(depth);
      case '[':
        kind = Kind::array;
        return skip(depth);
      case 't':
      case 'f':
        kind = Kind::boolean;
        break;
      case 'n':
        kind = Kind::null;
        break;
      default:
        kind = Kind::number;
    }
    return scalar();
  }

 private:
  bool escape() {
    if (end_ - at_ < 2) return fail("a string without end");
    switch (at_[1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        at_ += 2;
        return true;
      case 'u':
        return unicode_escape();
      default:
        return fail("an unknown escape inside a string");
    }
  }

  bool unicode_escape() {
    const int unit = end_ - at_ >= 6 ? hex4(at_ + 2) : -1;
    if (unit < 0) return fail("a \\u escape without four hexadecimal digits");
    const bool paired = is_paired(at_, end_);
    if (!paired && !lone_surrogates_ && (is_high_surrogate(unit) || is_low_surrogate(unit))) {
      return fail("a lone surrogate");
    }
    at_ += paired ? 12 : 6;
    if (notes_ != nullptr) notes_->unicode_escape = true;
    return true;
  }

  bool literal(const char* word, std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size || std::memcmp(at_, word, size) != 0) {
      return fail("a value was expected");
    }
    at_ += size;
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return fail("a digit was expected");
    do {
      ++at_;
    } while (at_ < end_ && is_digit(*at_));
    return true;
  }

  bool number() {
    take('-');
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (take('.') && !digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  bool scalar() {
    bool escaped;
    switch (peek()) {
      case '"':
        return string(escaped);
      case 't':
        return literal("true", 4);
      case 'f':
        return literal("false", 5);
      case 'n':
        return literal("null", 4);
      case '-':
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9':
        return number();
      default:
        return fail(at_end() ? "the text ends too early" : "a value was expected");
    }
  }

  bool key() {
    if (peek() != '"') return fail("a key was expected");
    const char* const begin = at_ + 1;
    bool escaped;
    if (!string(escaped)) return false;
    note_key({begin, at_ - 1});
    skip_space();
    if (!take(':')) return fail("a colon was expected");
    skip_space();
    return true;
  }

  // Without recursion: one bit a level tells objects from arrays.
  bool skip(std::size_t depth) {
    std::uint64_t in_object[kMaxDepth / 64 + 1] = {};
    const std::size_t floor = depth;
    for (;;) {
      const char first = peek();
      if (first == '{' || first == '[') {
        if (depth == kMaxDepth) return fail("nested too deep");
        ++at_;
        skip_space();
        if (peek() != (first == '{' ? '}' : ']')) {
          ++depth;
          const std::uint64_t bit = std::uint64_t{1} << (depth % 64);
          if (first == '{') {
            in_object[depth / 64] |= bit;
            if (!key()) return false;
          } else {
            in_object[depth / 64] &= ~bit;
          }
          continue;
        }
        ++at_;
      } else if (!scalar()) {
        return false;
      }
      // A value is complete: close what ends here, then go on with the next one.
      for (;;) {
        if (depth == floor) return true;
        skip_space();
        const bool object = (in_object[depth / 64] >> (depth % 64) & 1) != 0;
        const char next = peek();
        if (next == ',') {
          ++at_;
          skip_space();
          if (object && !key()) return false;
          break;
        }
        if (next != (object ? '}' : ']')) return fail("a comma or a closing bracket was expected");
        ++at_;
        --depth;
      }
    }
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* problem_ = "";
  Notes* notes_ = nullptr;
  bool lone_surrogates_;
};

// Decodes the inside of a string that a Lexer accepted. A lone surrogate becomes U+FFFD.
void append_decoded(std::string_view inside, std::string& out);

}  // namespace gatehouse::json::detail
