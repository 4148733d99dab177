#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard::unsafe {

inline bool is_upper(int c) { return c >= 'A' && c <= 'Z'; }
inline bool is_digit(int c) { return c >= '0' && c <= '9'; }
inline int lower(int c) { return is_upper(c) ? c + ('a' - 'A') : c; }
inline bool is_letter(int c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
inline bool is_alnum(int c) { return is_letter(c) || is_digit(c); }
inline bool is_word(int c) { return is_alnum(c) || c == '_' || c >= 0x80; }
constexpr bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline bool is_hex(int c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

// The bytes that a judgement may see: from a place in a text on, so many and no more, so that it depends on nothing
// else. Who reads past what is there of a text that goes on is `starved`: he cannot know, and must ask again with more.
// That is what makes judgements the same for every cut. Positions are those of the whole text.
class Ahead {
 public:
  Ahead(std::string_view text, std::size_t from, std::size_t reach, bool complete)
      : text_(text.substr(0, from + std::min(reach, text.size() - from))),
        open_(!complete && text.size() - from < reach) {}

  // -1 behind the end.
  int operator[](std::size_t at) {
    ++reads_;
    if (at < text_.size()) return static_cast<unsigned char>(text_[at]);
    starved_ = starved_ || open_;
    return -1;
  }
  // ASCII letters of `word` (lower case) in any case at `at`.
  bool has(std::size_t at, std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (lower((*this)[at + i]) != static_cast<unsigned char>(word[i])) return false;
    }
    return true;
  }
  std::size_t skip_space(std::size_t at) {
    while (is_space((*this)[at])) ++at;
    return at;
  }
  std::size_t skip_blanks(std::size_t at) {
    while ((*this)[at] == ' ' || (*this)[at] == '\t') ++at;
    return at;
  }
  // The first byte in [at, ...) of which `test` is true, or the end.
  template <class Test>
  std::size_t find_if(std::size_t at, Test test) {
    for (;; ++at) {
      const int c = (*this)[at];
      if (c < 0 || test(c)) return at;
    }
  }
  std::size_t end() const { return text_.size(); }
  std::string_view slice(std::size_t begin, std::size_t end) const { return text_.substr(begin, end - begin); }
  bool starved() const { return starved_; }
  // How often a byte was asked for: what the judgement cost.
  std::size_t reads() const { return reads_; }

 private:
  std::string_view text_;
  bool open_;
  bool starved_ = false;
  std::size_t reads_ = 0;
};

// What a judgement says of a place. Scores are before the place is considered (site.h).
enum class Nature : std::uint8_t {
  code,     // ordinary code, harmless where code is expected
  payload,  // made to be injected
  hazard,   // harms who runs, follows or renders it, wherever it stands
};
struct Verdict {
  float score = 0;  // 0: nothing
  Nature nature = Nature::payload;
  std::size_t begin = 0;
  std::size_t end = 0;
  explicit operator bool() const { return score > 0; }
};

}  // namespace gatehouse::guard::unsafe
