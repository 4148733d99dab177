#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::guard {

// What a customer names himself: his own identifiers, words that are banned, subjects that are. Filled from the
// configuration.
enum class TermKind : std::uint8_t {
  pattern,  // a regular expression
  words,    // a list, up to a million
  topic,    // weighted words that must come together
};

// Over the digits of what a pattern matched.
enum class TermCheck : std::uint8_t {
  none,
  luhn,      // ISO/IEC 7812-1
  mod97,     // ISO 7064 MOD 97-10: letters count 10 to 35; the remainder is 1
  mod11,     // weights 2 to 10 from the last digit but one; the last is what is missing to a multiple of 11, X for 10
  verhoeff,  // the dihedral group D5
};

struct WeightedTerm {
  std::string term;
  float weight = 1;
};

struct TermOptions {
  std::string name;         // the entity: "EMPLOYEE_ID"; letters, digits and _
  std::string description;  // one line, may be empty
  TermKind kind = TermKind::words;
  bool caseless = true;
  float score = 1;  // 0 to 1

  // pattern: the part of RE2's syntax that TermPattern names (term_pattern.h)
  std::string pattern;
  TermCheck check = TermCheck::none;

  // words
  std::vector<std::string> words;
  std::string file;         // more of them, one a line, UTF-8; empty lines and those that begin with # are skipped
  bool whole_words = true;  // false: also inside words; at most kMostInside words, none with white space

  // topic: found at the word with which the weights of the different terms in `window` bytes reach the threshold
  std::vector<WeightedTerm> weighted;
  float threshold = 1;
  std::size_t window = 200;  // 16 to 200: what a stream keeps of released text

  static constexpr std::size_t kMostWords = 1'000'000;
  static constexpr std::size_t kMostInside = 1'000;
  static constexpr std::size_t kMostWeighted = 10'000;
  static constexpr std::size_t kLongestTerm = 128;  // bytes
};

struct TermsOptions {
  std::vector<TermOptions> terms;
  static constexpr std::size_t kMost = 256;  // entities
};

}  // namespace gatehouse::guard
