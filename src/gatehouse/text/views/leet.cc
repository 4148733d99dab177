#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/known_words.h"
#include "gatehouse/text/views/rewordings.h"
#include "gatehouse/text/views/windows.h"

namespace gatehouse::text::views {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kShortest = 2;
constexpr std::size_t kLongest = 24;      // a longer one is a name of something
constexpr std::size_t kMostTogether = 3;  // between letters: 1n57ruc710n5; at an end one less: abc123

// From a word that is surely written so, bytes within which what else could be is read so too.
constexpr std::size_t kNear = 48;
constexpr std::size_t kMostNear = 8;          // bytes of a word without a letter
constexpr std::size_t kMostEither = 3;        // of the signs in a word that stand for i or l
constexpr std::size_t kMostLookedUp = 8'192;  // words of a text

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

constexpr bool is_either(char c) { return c == '1' || c == '!' || c == '|'; }

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

  // Of a text with several such words: what stands near them is read as well, wherever that makes words: those with
  // digits at their ends only, or nothing else ("7h3", "15"). False: that is no more than was read before.
  bool read_near() {
    if (words_.size() < 2) return false;
    // Names in code are written so too: what is no word then says nothing about what is around it.
    std::vector<Word> sure;
    std::ranges::copy_if(words_, std::back_inserter(sure), [&](const Word& word) {
      return !word.weak && ++looked_up_ <= kMostLookedUp && is_known(word);
    });
    if (sure.empty()) return false;
    const std::vector<Word> read_before = std::exchange(words_, {});
    auto known = read_before.begin();
    bool more = false;
    next_ = 0;
    auto near = sure.begin();  // the first that ends behind the word in hand
    for (std::size_t at = 0; at < text_.size();) {
      if (!in_word(text_[at])) {
        ++at;
        continue;
      }
      Word word{at, at, false, 0};
      while (word.end < text_.size() && in_word(text_[word.end])) ++word.end;
      at = word.end;
      while (near != sure.end() && near->end <= word.begin) ++near;
      const bool is_near = (near != sure.end() && near->begin <= word.end + kNear) ||
                           (near != sure.begin() && word.begin <= std::prev(near)->end + kNear);
      if (!is_near) continue;
      trim(word);
      if (word.begin == word.end) continue;
      const bool usual = judge(word);
      if (!usual && !reads_as_word(word)) continue;
      while (known != read_before.end() && known->end <= word.begin) ++known;
      const bool read = known != read_before.end() && known->begin == word.begin && known->end == word.end;
      word.weak = false;
      resolve(word);
      more = more || !read || known->weak || known->turned != word.turned;
      words_.push_back(word);
    }
    return more;
  }

  bool next(std::size_t at, Change& change) {
    if (next_ > 0 && words_[next_ - 1].end > at) {
      next_ = static_cast<std::size_t>(std::ranges::upper_bound(words_, at, {}, &Word::end) - words_.begin());
    }
    for (; next_ < words_.size(); ++next_) {
      // From its first sign to its last, in one.
      const Word& word = words_[next_];
      std::size_t begin = std::max(at, word.begin);
      while (begin < word.end && is_letter(text_[begin])) ++begin;
      if (begin == word.end) continue;
      std::size_t end = word.end;
      while (is_letter(text_[end - 1])) --end;
      letters_.clear();
      for (std::size_t i = begin; i < end; ++i) letters_ += is_letter(text_[i]) ? text_[i] : read(word, i);
      change = {begin, end, letters_, word.weak, true};
      return true;
    }
    return false;
  }

  std::size_t open = kNone;

 private:
  struct Word {
    std::size_t begin;
    std::size_t end;
    bool weak;
    std::uint8_t turned;  // bits: which of its signs for i or l are the other one than they seem
  };

  char read(const Word& word, std::size_t i) const {
    const char letter =
        letter_for(text_[i], i > word.begin ? text_[i - 1] : '\0', i + 1 < word.end ? text_[i + 1] : '\0');
    if (word.turned == 0 || !is_either(text_[i])) return letter;
    const auto before = std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(word.begin),
                                      text_.begin() + static_cast<std::ptrdiff_t>(i), is_either);
    if ((word.turned >> static_cast<unsigned>(before) & 1U) == 0) return letter;
    return letter == 'l' ? 'i' : 'l';
  }

  // Whether it is a known word when read so.
  bool is_known(const Word& word) const {
    std::array<char, kLongestKnown> letters;
    std::size_t size = 0;
    for (std::size_t i = word.begin; i < word.end; ++i) {
      const char c = is_letter(text_[i]) ? static_cast<char>(text_[i] | 0x20) : read(word, i);
      if (c == 0 || size == letters.size()) return false;
      letters[size++] = c;
    }
    return is_known_word({letters.data(), size});
  }

  // Chooses between i and l by which makes a word. Nothing changes where none does.
  void resolve(Word& word) {
    std::size_t either = 0;
    for (std::size_t i = word.begin; i < word.end; ++i) either += is_either(text_[i]) ? 1 : 0;
    if (either == 0 || either > kMostEither || word.end - word.begin > kLongestKnown) return;
    if (++looked_up_ > kMostLookedUp) return;
    for (unsigned turned = 0; turned < 1U << either; ++turned) {
      word.turned = static_cast<std::uint8_t>(turned);
      if (is_known(word)) return;
    }
    word.turned = 0;
  }

  // More digits than letters, or nothing else: only where that makes a word.
  bool reads_as_word(Word word) {
    bool letters = false;
    bool others = false;
    for (std::size_t i = word.begin; i < word.end; ++i) (is_letter(text_[i]) ? letters : others) = true;
    const std::size_t size = word.end - word.begin;
    if (!others || size > (letters ? kLongestKnown : kMostNear)) return false;
    if (looked_up_ > kMostLookedUp) return false;
    ++looked_up_;
    resolve(word);
    return is_known(word);
  }

  // Signs that end a sentence, or stand before a word.
  void trim(Word& word) const {
    while (word.end > word.begin && text_[word.end - 1] == '!') --word.end;
    while (word.begin < word.end && is_sign(text_[word.begin])) ++word.begin;
  }

  // The word around `at`, if it is one. Returns its end.
  std::size_t add(std::size_t at) {
    Word word{at, at, true, 0};
    const std::size_t before = words_end_;
    while (word.begin > before && at - word.begin <= kLongest && in_word(text_[word.begin - 1])) --word.begin;
    while (word.end < text_.size() && in_word(text_[word.end])) ++word.end;
    if (word.end <= words_end_) return word.end;
    const std::size_t end = words_end_ = word.end;
    trim(word);
    if (judge(word)) {
      resolve(word);
      words_.push_back(word);
    }
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
  std::size_t looked_up_ = 0;
  std::size_t next_ = 0;  // the first word that may end behind where reading is
  std::string letters_;   // of the change that was found last
};

}  // namespace

void make_leet(const Source& source, const Screened& found, Sink& sink) {
  Leet reading(source.text, found);
  make_windows(source, reading, ViewKind::leet, sink);
  // What stands before a word is read for what comes behind it: not of a text that goes on.
  if (source.complete && !sink.full() && reading.read_near()) make_windows(source, reading, ViewKind::leet, sink);
}

}  // namespace gatehouse::text::views
