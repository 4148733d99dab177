#pragma once

#include <cstddef>
#include <string_view>

// Common English words, and those that attacks are made of: which of two readings of a word is meant, and where words
// end that were written without blanks. What is not here is still read, only not preferred.
namespace gatehouse::text::views {

inline constexpr std::size_t kLongestKnown = 16;

// `word` in small letters.
bool is_known_word(std::string_view word);

}  // namespace gatehouse::text::views
