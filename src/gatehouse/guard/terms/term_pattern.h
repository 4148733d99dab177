#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace re2 {
class RE2;
}

namespace gatehouse::guard {

// A customer's regular expression, made safe: linear, bounded in width, and one that can tell whether the end of a text
// may be the beginning of a match. Immutable; any thread.
//
// Syntax: literals, `.`, classes ([a-z], [^x], \d \w \s and their capitals, [:alpha:] and its kin), groups, `|`,
// `? * + {n} {n,} {n,m}` (also lazy, which makes no difference), \b \B, \t \n \r, \xHH, and what is escaped. UTF-8
// stands for its bytes; in classes only ASCII. Not: anchors (a stream has no ends), back references, look-around,
// flags. Refused are also patterns that match less than two bytes or more than kWidest, that repeat without bound what
// can be white space, or that nothing rarer than letters and blanks is needed for.
class TermPattern {
 public:
  static constexpr std::size_t kWidest = 256;      // bytes of a match; a run without bound is cut off here
  static constexpr std::size_t kLongest = 1024;    // of the expression
  static constexpr std::size_t kMostParts = 1000;  // once bounded repeats are written out

  // Errors: configuration, what is wrong and where; the pattern is the operator's own, so it is quoted.
  static Result<TermPattern> parse(std::string_view pattern, bool caseless);

  TermPattern(TermPattern&&) noexcept;
  TermPattern& operator=(TermPattern&&) noexcept;
  ~TermPattern();

  // For the matcher and for RE2: means the same to both.
  const std::string& expression() const { return expression_; }

  // A match ends at `end`: where the longest one that does begins; npos: none within kWidest.
  std::size_t begin_of(std::string_view text, std::size_t end) const;
  // The first place, not before `from`, from which the text's end may be the beginning of a match; the size: none.
  std::size_t open_from(std::string_view text, std::size_t from) const;

 private:
  TermPattern();
  std::string expression_;
  std::unique_ptr<const re2::RE2> backward_;
  std::unique_ptr<const re2::RE2> prefix_;
};

}  // namespace gatehouse::guard
