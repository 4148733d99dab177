#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/guard/names/lexicon.h"

namespace gatehouse::guard {

// A word of a run.
struct NameToken {
  std::size_t begin = 0;
  std::size_t end = 0;        // without what belongs to it only by writing: 's, a dot
  std::uint32_t flags = 0;    // lexeme
  bool initial = false;       // one capital, or two with a dot between them
  bool particle = false;      // a small word inside a name: de, van
  bool all_capitals = false;  // two letters or more
  bool surname_like = false;  // by its ending
  bool street_like = false;
  bool comma = false;  // one stands in front of it

  bool is(std::uint32_t mask) const { return (flags & mask) != 0; }
  bool known() const { return flags != 0; }
};

// Capitalised words in a row: separated by one or two blanks, with small words between them, dots after initials and
// titles, a comma before GmbH. A run is looked at as a whole, so it is short: a longer one is a heading and no name.
struct NameRun {
  static constexpr std::size_t kMostTokens = 8;
  static constexpr std::size_t kLongest = 160;  // bytes

  std::array<NameToken, kMostTokens + 4> tokens;
  std::size_t count = 0;
  std::size_t end = 0;  // behind its last word
  bool too_long = false;
  bool open = false;  // the text ends where it may go on
};

// Of small ASCII letters, as bits: with which one the small words of names go on that begin with it, and in bit 26,
// whether there are any.
inline constexpr auto kParticleSeconds = [] {
  std::array<std::uint32_t, 26> letters{};
  for (const std::string_view word : {"de", "da", "do", "di", "du", "la", "le", "el", "al", "bi", "ib", "be", "va",
                                      "vo", "te", "zu", "af", "y", "e"}) {
    std::uint32_t& bits = letters[static_cast<std::size_t>(word[0] - 'a')];
    bits |= 1U << 26U;
    if (word.size() > 1) bits |= 1U << static_cast<unsigned>(word[1] - 'a');
  }
  return letters;
}();
// Whether the first two letters of a small word say that it is none of a name. `second` may be anything.
constexpr bool begins_no_particle(char first, char second) {
  if (first < 'a' || first > 'z') return false;
  const unsigned bit = second >= 'a' && second <= 'z' ? static_cast<unsigned>(second - 'a') : 26U;
  return (kParticleSeconds[static_cast<std::size_t>(first - 'a')] >> bit & 1U) == 0;
}
// The small word at `at` is none of a name, whatever the text goes on with; false: perhaps. Prose is full of them.
bool is_ordinary_word(std::string_view text, std::size_t at, bool complete);

// `at`: where Capitals stopped.
void read_run(const Lexicon& lexicon, std::string_view text, std::size_t at, bool complete, NameRun& run);

// Where the word that begins at `at` ends: letters, with apostrophes and dashes inside it. The size of the text where
// it may go on with what follows.
std::size_t word_end(std::string_view text, std::size_t at, bool complete);
// One token out of a word, for a place where case does not count.
NameToken token_of(const Lexicon& lexicon, std::string_view text, std::size_t begin, std::size_t end);

}  // namespace gatehouse::guard
