#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::guard::injection {

// One word of a text, or one character of a script that sets no spaces. `folded` has lower case and no diacritics, so
// that "Anweisungén", "ANWEISUNGEN" and the list's own spelling meet; it holds until the next call of `next`.
struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view folded;
  // Han, kana, Thai: words run together, and `folded` is the whole run from here to its end; the caller says through
  // Words::take how much of it was a word.
  bool run = false;
  // A sentence ended between the word before and this one.
  bool after_stop = false;
};

// The words of a piece of text, one after another. Any bytes: what is no UTF-8 separates words. Linear; a word longer
// than kLongest is cut there.
class Words {
 public:
  Words(std::string_view text, std::size_t from, std::size_t to) : text_(text), at_(from), to_(to) {}

  bool next(Word& word);
  // Of a run: its first `folded_bytes` were one word (at least one character is taken). Returns where it ends in the
  // text.
  std::size_t take(std::size_t folded_bytes);

  static constexpr std::size_t kLongest = 96;

 private:
  std::string_view text_;
  std::size_t at_;
  std::size_t to_;
  bool stop_ = false;
  char folded_[kLongest + 8];
  std::uint8_t size_ = 0;
  // Of a run: where each folded character began, in the run and in the text.
  std::uint8_t characters_ = 0;
  std::uint8_t folded_ends_[kLongest + 8];
  std::uint8_t source_ends_[kLongest + 8];
  std::size_t run_begin_ = 0;
  std::uint8_t run_next_ = 0;  // characters of the run that were taken
  bool in_run_ = false;
  bool cut_ = false;  // the run goes on behind kLongest
};

// A word of a list in the form of Word::folded. A list's word is one word.
std::string fold_word(std::string_view word);

}  // namespace gatehouse::guard::injection
