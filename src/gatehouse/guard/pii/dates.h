#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/guard/pii/scene.h"

namespace gatehouse::guard::pii {

// Dates of the Gregorian calendar as they are written: with numbers in any usual order, ISO 8601 with its time, with a
// month's name in the larger European languages, in Chinese and Japanese. A date with its year and a word such as
// "born" near it is a date of birth.
class Dates {
 public:
  Dates(std::uint16_t date, std::uint16_t birth) : date_(date), birth_(birth) {}

  // `digit` is the first digit of a group.
  void at(Scene& scene, std::size_t digit) const;

 private:
  struct Form;
  std::uint16_t date_;
  std::uint16_t birth_;
};

// The month (1 to 12) whose name or abbreviation the word is, 0: none. Any case.
int month_named(std::string_view word);
// Where the month's name begins that ends at `at`, with what parts it from a number there; `at` if there is none.
std::size_t month_before(std::string_view text, std::size_t at, std::size_t from);

// Places on the globe: "48.8566, 2.3522" with at least four decimals, 48°51'24"N 2°21'08"E.
void find_coordinates(Scene& scene, std::size_t digit, std::uint16_t kind);

}  // namespace gatehouse::guard::pii
