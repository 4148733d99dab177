#pragma once

#include <span>
#include <string_view>

namespace gatehouse::guard::injection {

// A named list that patterns refer to as <name>. Words in their usual spelling, a stem ends with *.
struct WordList {
  std::string_view name;
  std::string_view words;  // separated by white space
};

std::span<const WordList> english_words();
std::span<const WordList> other_words();  // "de.ignore" ...: by ISO 639-1 code

// Words that are worth finding with their inner letters in disorder.
std::string_view scrambled_words();

}  // namespace gatehouse::guard::injection
