#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::guard {

// What a word may be, as bits. Several may hold.
namespace lexeme {
inline constexpr std::uint32_t kFirst = 1U << 0;      // a first name
inline constexpr std::uint32_t kFirstWeak = 1U << 1;  // a first name that is also something else, or very short
inline constexpr std::uint32_t kSurname = 1U << 2;
inline constexpr std::uint32_t kSurnameWeak = 1U << 3;
inline constexpr std::uint32_t kCommon = 1U << 4;  // a word that begins sentences and headings
inline constexpr std::uint32_t kPlace = 1U << 5;
inline constexpr std::uint32_t kPlaceStart = 1U << 6;  // the first word of a place of several words
inline constexpr std::uint32_t kTitle = 1U << 7;
inline constexpr std::uint32_t kTitleWeak = 1U << 8;
inline constexpr std::uint32_t kStreet = 1U << 9;  // behind the name: Road
inline constexpr std::uint32_t kStreetWeak = 1U << 10;
inline constexpr std::uint32_t kStreetPrefix = 1U << 11;  // in front of it: Calle
inline constexpr std::uint32_t kParticle = 1U << 12;
inline constexpr std::uint32_t kSuffix = 1U << 13;  // of a company: GmbH
inline constexpr std::uint32_t kSuffixWeak = 1U << 14;
inline constexpr std::uint32_t kBody = 1U << 15;  // University, Bank
inline constexpr std::uint32_t kBodyWeak = 1U << 16;
inline constexpr std::uint32_t kPlacePhrase = 1U << 17;  // a place of several words, as one entry
inline constexpr std::uint32_t kPlaceHead = 1U << 18;    // San, Lake: a place's name follows
inline constexpr std::uint32_t kFacility = 1U << 19;     // Stadium, Hotel: what stands in front is no person
inline constexpr std::uint32_t kUnit = 1U << 20;         // Apt, Suite
}  // namespace lexeme

// A word in small ASCII letters: without diacritics, Cyrillic and Greek in Latin letters, so that one spelling of a
// name stands for all. Empty: other letters, or longer than it holds.
class FoldedWord {
 public:
  explicit FoldedWord(std::string_view word);
  std::string_view view() const { return {letters_.data(), size_}; }

 private:
  void add(std::string_view letters);
  std::array<char, 48> letters_;
  std::size_t size_ = 0;
};

// The words that name people, places, streets and companies, from the lists compiled in (*.inc: one line a language,
// its name first; ? behind a word: it is something else as well). Immutable; any thread.
class Lexicon {
 public:
  Lexicon();
  // 0: not known. `folded` as FoldedWord writes it; blanks between the words of a place.
  std::uint32_t find(std::string_view folded) const;

  // Up to 15 small ASCII letters, with zeros behind them.
  struct ShortWord {
    static constexpr std::size_t kMost = 15;
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    bool operator==(const ShortWord&) const = default;
  };
  // Whether a word is one that begins sentences and nothing else: `find` says kCommon. Of all words in text they are
  // asked about most.
  bool only_common(ShortWord word) const {
    std::size_t slot = slot_of(word);
    while (common_[slot].first != 0 && common_[slot] != word) slot = (slot + 1) & (common_.size() - 1);
    return common_[slot].first != 0;
  }
  std::size_t size() const { return count_; }

 private:
  // A word is its hash of 64 bits: a stranger that hits one by chance is taken for a name, no more.
  struct Row {
    std::uint64_t hash = 0;
    std::uint32_t flags = 0;
  };
  void add(std::string_view word, std::uint32_t flags, std::uint32_t weak_flags);

  std::size_t slot_of(ShortWord word) const {
    const std::uint64_t hash = (word.first ^ word.second * 0xFF51AFD7ED558CCDU) * 0x9E3779B97F4A7C15U;
    return hash >> 40U & (common_.size() - 1);
  }

  std::vector<Row> rows_;
  std::vector<ShortWord> common_;
  std::size_t count_ = 0;
};

// Endings that surnames have and other words seldom do: -ova, -enko, -sson, -wicz.
bool looks_like_surname(std::string_view folded);
// Endings of street names written in one word: -strasse, -weg, -laan, -gatan.
bool looks_like_street(std::string_view folded);

}  // namespace gatehouse::guard
