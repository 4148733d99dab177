#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard {

// A word of a text as leakage compares words: a run of letters and digits, in lower case (ASCII, Latin-1, Greek,
// Cyrillic), invisible characters left out; everything else (punctuation, Markdown, white space) stands between words.
// Each letter of a script that writes without spaces (Han, kana, Thai) is a word of half the weight.
struct Word {
  std::uint32_t hash = 0;  // 0: longer than kLongestWord, or cut: equal to none
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint8_t weight = 2;
};

// Bytes. Longer words, and words further apart, are not compared: what a run of words is depends on so many bytes only.
inline constexpr std::size_t kLongestWord = 24;
inline constexpr std::size_t kWidestGap = 8;

// Steps through the words of a text.
class WordReader {
 public:
  explicit WordReader(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}
  // False: none is left.
  bool next(Word& word);
  // The last word ends with the text: more text could change it.
  bool open() const { return open_; }

 private:
  std::string_view text_;
  std::size_t at_;
  bool open_ = false;
};

}  // namespace gatehouse::guard
