#pragma once

#include <string>
#include <string_view>

namespace gatehouse::guard {

// Appends the digits that a text gives, in figures or in words (English, German, Spanish, French, Italian, Portuguese;
// "forty-two", "double five", "nul"): "four one 11" gives 4111. Other words are passed over. Returns how many bytes of
// the text are no part of a number (spaces and punctuation not counted); `from` and `to` bound what is.
struct SpokenDigits {
  std::size_t others = 0;
  std::size_t from = 0;
  std::size_t to = 0;
};
SpokenDigits append_spoken_digits(std::string_view text, std::string& out);

}  // namespace gatehouse::guard
