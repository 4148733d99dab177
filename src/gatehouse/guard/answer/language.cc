#include "gatehouse/guard/answer/language.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "gatehouse/guard/answer/stop_words.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

using namespace languages;

constexpr std::size_t kMostBytes = 12;  // of a word that is looked up

constexpr auto kStopWords = [] {
  std::array<StopWord, std::size(kUnsorted)> sorted{};
  std::ranges::copy(kUnsorted, sorted.begin());
  std::ranges::sort(sorted, {}, &StopWord::word);
  // A word that stands twice has the languages of both.
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].word != sorted[i - 1].word) continue;
    sorted[i].langs |= sorted[i - 1].langs;
    sorted[i - 1].langs = sorted[i].langs;
  }
  return sorted;
}();

// Letters that only some languages of a script write.
std::uint32_t letter_hint(char32_t c) {
  switch (c) {
    case 0xDF:
      return bits({kDe});
    case 0xF1:
    case 0xBF:
    case 0xA1:
      return bits({kEs});
    case 0xE3:
    case 0xF5:
      return bits({kPt, kVi});
    case 0xE5:
      return bits({kSv, kDa, kNo});
    case 0xF8:
    case 0xE6:
      return bits({kDa, kNo});
    case 0x142:
    case 0x105:
    case 0x119:
    case 0x15B:
    case 0x17C:
      return bits({kPl});
    case 0x159:
    case 0x11B:
    case 0x16F:
      return bits({kCs});
    case 0x11F:
    case 0x131:
      return bits({kTr});
    case 0x219:
    case 0x21B:
      return bits({kRo});
    case 0x151:
    case 0x171:
      return bits({kHu});
    case 0x1A1:
    case 0x1B0:
    case 0x111:
      return bits({kVi});
    case 0x44B:
    case 0x44D:
    case 0x451:
      return bits({kRu});
    case 0x456:
    case 0x457:
    case 0x454:
    case 0x491:
      return bits({kUk});
    case 0x458:
    case 0x45B:
    case 0x452:
    case 0x45F:
      return bits({kSr});
    default:
      return c >= 0x1EA0 && c <= 0x1EF9 ? bits({kVi}) : 0;
  }
}

enum Script : std::uint8_t { kLatin, kCyrillic, kArabic, kOwn, kScripts };

// Of a script that one language here writes: that language.
int language_of_script(char32_t c) {
  if (c >= 0x370 && c <= 0x3FF) return kEl;
  if (c >= 0x590 && c <= 0x5FF) return kHe;
  if (c >= 0x900 && c <= 0x97F) return kHi;
  if (c >= 0x980 && c <= 0x9FF) return kBn;
  if (c >= 0xB80 && c <= 0xBFF) return kTa;
  if (c >= 0xE00 && c <= 0xE7F) return kTh;
  if (c >= 0x10A0 && c <= 0x10FF) return kKa;
  if (c >= 0x530 && c <= 0x58F) return kHy;
  if (c >= 0x3040 && c <= 0x30FF) return kJa;
  if ((c >= 0xAC00 && c <= 0xD7AF) || (c >= 0x1100 && c <= 0x11FF)) return kKo;
  if ((c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x3FFFF)) return kZh;
  return -1;
}

class Counting {
 public:
  void read(std::string_view text) {
    while (!text.empty()) {
      const text::Sequence sequence = text::next_sequence(text);
      if (sequence.valid) {
        character(sequence.code_point, text.substr(0, sequence.size));
      } else {
        end_word();
      }
      text.remove_prefix(sequence.size);
    }
    end_word();
  }

  LanguageGuess guess() {
    // Kana makes Han Japanese.
    if (score_[kJa] > 0 && score_[kJa] * 10 >= score_[kZh]) score_[kJa] += std::exchange(score_[kZh], 0U);
    const auto script = static_cast<std::size_t>(std::ranges::max_element(letters_) - letters_.begin());
    std::size_t total_letters = 0;
    for (const unsigned letters : letters_) total_letters += letters;
    if (total_letters == 0) return {};
    if (script == kArabic) {
      if (persian_ * 20 >= letters_[kArabic])
        score_[urdu_ * 40 >= letters_[kArabic] ? kUr : kFa] += letters_[kArabic];
      else
        score_[kAr] += letters_[kArabic];
    }
    const Lang first = script == kLatin ? kEn : script == kCyrillic ? kRu : script == kArabic ? kAr : kEl;
    const Lang last = script == kLatin ? kVi : script == kCyrillic ? kSr : script == kArabic ? kUr : kKo;
    unsigned best = 0;
    unsigned all = 0;
    std::size_t which = first;
    for (std::size_t lang = first; lang <= last; ++lang) {
      all += score_[lang];
      if (score_[lang] > best) {
        best = score_[lang];
        which = lang;
      }
    }
    if (best == 0) return {};
    const bool by_words = script == kLatin || script == kCyrillic;
    LanguageGuess guess{.code = kCodes[which],
                        .share = static_cast<float>(best) / static_cast<float>(all),
                        .evidence = by_words ? words_[which] : letters_[script]};
    // What is mixed with another script is less sure.
    guess.share *= static_cast<float>(letters_[script]) / static_cast<float>(total_letters);
    return guess;
  }

 private:
  void character(char32_t c, std::string_view bytes) {
    if (c < 0x80) {
      const char folded = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : static_cast<char>(c);
      if (folded < 'a' || folded > 'z') return end_word();
      ++letters_[kLatin];
      if (size_ < word_.size()) word_[size_] = folded;
      ++size_;
      return;
    }
    if (const int own = language_of_script(c); own >= 0) {
      end_word();
      ++letters_[kOwn];
      ++score_[static_cast<std::size_t>(own)];
      return;
    }
    hint(letter_hint(c));
    if ((c >= 0xC0 && c <= 0x24F) || (c >= 0x1E00 && c <= 0x1EFF)) {
      ++letters_[kLatin];
      if (c >= 0xC0 && c <= 0xDE && c != 0xD7) c += 0x20;
      add(c, bytes);
    } else if (c >= 0x400 && c <= 0x4FF) {
      ++letters_[kCyrillic];
      if (c >= 0x410 && c <= 0x42F) c += 0x20;
      if (c >= 0x400 && c <= 0x40F) c += 0x50;
      add(c, bytes);
    } else if ((c >= 0x600 && c <= 0x6FF) || (c >= 0x750 && c <= 0x77F)) {
      end_word();
      ++letters_[kArabic];
      if (c == 0x67E || c == 0x686 || c == 0x698 || c == 0x6AF || c == 0x6A9 || c == 0x6CC) ++persian_;
      if (c == 0x679 || c == 0x688 || c == 0x691 || c == 0x6D2 || c == 0x6C1 || c == 0x6BA) ++urdu_;
    } else {
      end_word();
    }
  }

  // A letter of two or three bytes, lower case.
  void add(char32_t c, std::string_view bytes) {
    if (bytes.size() == 2) {
      if (size_ + 2 <= word_.size()) {
        word_[size_] = static_cast<char>(0xC0 | c >> 6);
        word_[size_ + 1] = static_cast<char>(0x80 | (c & 0x3F));
      }
    } else if (size_ + bytes.size() <= word_.size()) {
      std::ranges::copy(bytes, word_.begin() + static_cast<std::ptrdiff_t>(size_));
    }
    size_ += bytes.size();
  }

  void hint(std::uint32_t langs) {
    if (langs == 0 || hints_ == 12) return;
    ++hints_;
    for (std::size_t lang = 0; lang <= kSr; ++lang) {
      if ((langs >> lang & 1U) == 0) continue;
      score_[lang] += 2;
    }
  }

  void end_word() {
    const std::size_t size = std::exchange(size_, 0);
    if (size == 0 || size > word_.size()) return;
    const std::string_view word(word_.data(), size);
    const auto found = std::ranges::lower_bound(kStopWords, word, {}, &StopWord::word);
    if (found == kStopWords.end() || found->word != word) return;
    const int shared = std::popcount(found->langs);
    const unsigned weight = shared == 1 ? 6 : shared == 2 ? 3 : shared <= 4 ? 2 : 1;
    for (std::size_t lang = 0; lang <= kSr; ++lang) {
      if ((found->langs >> lang & 1U) == 0) continue;
      score_[lang] += weight;
      ++words_[lang];
    }
  }

  std::array<unsigned, kCount> score_{};
  std::array<unsigned, kCount> words_{};
  std::array<unsigned, kScripts> letters_{};
  unsigned persian_ = 0;
  unsigned urdu_ = 0;
  unsigned hints_ = 0;
  std::array<char, kMostBytes> word_{};
  std::size_t size_ = 0;
};

}  // namespace

LanguageGuess guess_language(std::string_view text) {
  Counting counting;
  counting.read(text);
  return counting.guess();
}

bool is_frequent_word(std::string_view word) {
  const auto found = std::ranges::lower_bound(kStopWords, word, {}, &StopWord::word);
  return found != kStopWords.end() && found->word == word;
}

bool known_language(std::string_view code) { return std::ranges::find(kCodes, code) != kCodes.end(); }

}  // namespace gatehouse::guard
