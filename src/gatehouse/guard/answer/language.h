#pragma once

#include <string_view>

namespace gatehouse::guard {

// Which language a text is in: by script where that tells, by frequent words where the script is shared. About 30
// languages; pure, no allocation, linear; meant for a sentence or more. Any thread.
struct LanguageGuess {
  std::string_view code;  // ISO 639-1; empty: cannot tell
  float share = 0;        // of the evidence, 0 to 1
  unsigned evidence = 0;  // words that are frequent in it, or letters of its script
};
LanguageGuess guess_language(std::string_view text);

// Whether a word (lower case) is among those that languages of Latin and Cyrillic letters are known by: "the", "und".
bool is_frequent_word(std::string_view word);

// Whether a code is one that guess_language can give.
bool known_language(std::string_view code);

}  // namespace gatehouse::guard
