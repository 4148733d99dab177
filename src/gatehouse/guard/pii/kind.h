#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::guard::pii {

// Whether `compact` is a well-formed identifier: check digits, ranges, dates. `compact` fits the shape, holds nothing
// but 0-9 and A-Z (letters are made upper case), and no separators. Pure.
using Validate = bool (*)(std::string_view compact);

// One way in which an identifier is written. A row of a constexpr table; an identifier with several ways that weigh
// differently has several rows of the same entity. Adding one takes a row and a validator, nothing else.
struct Kind {
  std::string_view entity;       // "DE_TAX_ID"; of a table of ours or another's
  std::string_view description{};  // one line; that of an entity's first row counts
  std::string_view country{};      // ISO 3166 alpha-2, or empty

  // How it looks, alternatives separated by `|`:
  //   #  a digit        @  a letter (ASCII, either case)        *  either
  //   {n} or {m,n}      so many of what stands before it
  //   -  a separator may stand here     ~  either all of these or none     _  a separator must stand here
  //   other digits and letters stand for themselves, in either case
  // At most kLongestShape characters without separators. It has to stand by itself: no letter or digit adjoins it, nor
  // does one with a digit behind a single - . / : or _. At least one character must be a digit in any text that fits.
  std::string_view shapes;
  // What may separate, of: space - . / : _ +. In one find all are the same, unless `mixed`. No-break spaces count as a
  // space, the Unicode hyphens and dashes as '-'. A line break never separates.
  std::string_view separators = " -";

  Validate valid = nullptr;  // null: the shape says it all

  // Words that speak for it when they stand before it (within kWordsBefore bytes) or behind it (kWordsBehind bytes, on
  // the same line): lower case UTF-8, `|` between them. One of up to 4 letters must be a word by itself, a longer one
  // is the beginning of a word ("passport" also finds "passports", "Reisepass" is another). A space in it matches one
  // character that is no letter, or none ("date of birth": date_of_birth, dateOfBirth). Those without ASCII need no
  // word's beginning (CJK, Thai).
  std::string_view words = {};

  // How sure a finding is: without a word, and with one. A policy's threshold is 0.5 unless it says otherwise, so a
  // shape that ordinary numbers have (an order number, an amount) stays below that without a word, also with one check
  // digit, which one number in ten has by chance. Guide: shape 0.05 to 0.2, with a check digit 0.3 to 0.4, unmistakable
  // shapes 0.6 to 0.9; with a word 0.6 for a shape, 0.85 to 0.95 with a check digit.
  float score = 0.1F;
  float score_near = 0.6F;
  bool needs_word = false;  // no finding without a word
  bool mixed = false;       // separators may differ within one find
  // Also where a lower case word is glued to its front ("is030594W903B"). For validators that chance seldom passes.
  bool glued = false;
};

inline constexpr std::size_t kLongestShape = 40;
inline constexpr std::size_t kWordsBefore = 96;
inline constexpr std::size_t kWordsBehind = 40;

// All tables of this folder, joined: `generic` and each country's.
std::vector<Kind> all_kinds();

// Cards, bank accounts, vehicles and the other kinds of no single country, and those of the United States.
std::span<const Kind> generic_kinds();
std::span<const Kind> us_kinds();

}  // namespace gatehouse::guard::pii
