#include <algorithm>
#include <string_view>
#include <vector>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/rewordings.h"
#include "gatehouse/text/views/windows.h"

namespace gatehouse::text::views {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kShortest = 2;
constexpr std::size_t kLongest = 24;      // a longer one is a name of something
constexpr std::size_t kMostTogether = 3;  // between letters: 1n57ruc710n5; at an end one less: abc123

constexpr bool is_sign(char c) { return c == '@' || c == '$' || c == '!' || c == '|'; }
constexpr bool in_word(char c) { return is_alnum(c) || is_sign(c); }

// The letter that a digit or sign stands for, 0 if none. `before` and `after`: its neighbours, 0 for none.
constexpr char letter_for(char c, char before, char after) {
  switch (c) {
    case '0':
      return 'o';
    case '1': {
      const auto is_l = [](char x) { return x == '1' || (x | 0x20) == 'l'; };
      return is_l(before) || is_l(after) || after == 0 ? 'l' : 'i';
    }
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '6':
    case '9':
      return 'g';
    case '7':
      return 't';
    case '8':
      return 'b';
    case '!':
      return 'i';
    case '|':
      return 'l';
    default:
      return 0;
  }
}

class Leet {
 public:
  Leet(std::string_view text, const Screened& found) : text_(text) {
    auto sign = found.signs.begin();
    for (const Span& token : found.mixed) {
      for (; sign != found.signs.end() && *sign < token.begin; ++sign) add(*sign);
      for (std::size_t at = token.begin; at < token.end; ++at) {
        if (is_alnum(text_[at])) at = add(at);
      }
    }
    for (; sign != found.signs.end(); ++sign) add(*sign);
  }

  bool next(std::size_t at, Change& change) {
    if (next_ > 0 && words_[next_ - 1].end > at) {
      next_ = static_cast<std::size_t>(std::ranges::upper_bound(words_, at, {}, &Word::end) - words_.begin());
    }
    for (; next_ < words_.size(); ++next_) {
      const Word* word = &words_[next_];
      for (std::size_t i = std::max(at, word->begin); i < word->end; ++i) {
        if (is_letter(text_[i])) continue;
        letter_ = read(*word, i);
        change = {i, i + 1, {&letter_, 1}, word->weak};
        return true;
      }
    }
    return false;
  }

  std::size_t open = kNone;

 private:
  struct Word {
    std::size_t begin;
    std::size_t end;
    bool weak;
  };

  char read(const Word& word, std::size_t i) const {
    return letter_for(text_[i], i > word.begin ? text_[i - 1] : '\0', i + 1 < word.end ? text_[i + 1] : '\0');
  }

  // The word around `at`, if it is one. Returns its end.
  std::size_t add(std::size_t at) {
    Word word{at, at, true};
    const std::size_t before = words_end_;
    while (word.begin > before && at - word.begin <= kLongest && in_word(text_[word.begin - 1])) --word.begin;
    while (word.end < text_.size() && in_word(text_[word.end])) ++word.end;
    if (word.end <= words_end_) return word.end;
    const std::size_t end = words_end_ = word.end;
    while (word.end > word.begin && text_[word.end - 1] == '!') --word.end;  // an exclamation
    while (word.begin < word.end && is_sign(text_[word.begin])) ++word.begin;
    if (judge(word)) words_.push_back(word);
    return end;
  }

  bool judge(Word& word) const {
    const std::size_t size = word.end - word.begin;
    if (size < kShortest || size > kLongest) return false;
    std::size_t letters = 0;
    std::size_t others = 0;
    std::size_t together = 0;
    bool small = false;
    bool hex = true;
    for (std::size_t i = word.begin; i < word.end; ++i) {
      const char c = text_[i];
      hex = hex && hex_digit(c) >= 0;
      if (is_letter(c)) {
        if (is_upper(c) && small) return false;  // camelCase, base64
        small = is_lower(c);
        if (together > 0 && letters > 0) word.weak = false;
        ++letters;
        together = 0;
        continue;
      }
      if (letter_for(c, 0, 'x') == 0 || ++together > kMostTogether - (letters == 0 ? 1 : 0)) return false;
      ++others;
    }
    if (together == kMostTogether) return false;
    if (others == 0 || others > letters + letters / 2 + 1) return false;
    // A part of a UUID and the like.
    if (hex &&
        ((word.begin > 0 && text_[word.begin - 1] == '-') || (word.end < text_.size() && text_[word.end] == '-'))) {
      return false;
    }
    // An address: name@host.
    const bool address = std::string_view(text_).substr(word.begin, size).find('@') != kNone &&
                         word.end + 1 < text_.size() && (text_[word.end] == '.' || text_[word.end] == '-') &&
                         is_alnum(text_[word.end + 1]);
    return !address;
  }

  std::string_view text_;
  std::vector<Word> words_;
  std::size_t words_end_ = 0;
  std::size_t next_ = 0;  // the first word that may end behind where reading is
  char letter_ = 0;
};

}  // namespace

void make_leet(const Source& source, const Screened& found, Sink& sink) {
  Leet reading(source.text, found);
  make_windows(source, reading, ViewKind::leet, sink);
}

}  // namespace gatehouse::text::views
