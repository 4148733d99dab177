#include "gatehouse/guard/unsafe/value_ends.h"

#include <re2/re2.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::guard::unsafe {
namespace {

using testing::ElementsAre;

std::vector<std::pair<std::size_t, std::size_t>> ends(std::string_view text) {
  std::vector<ValueEnd> found;
  find_value_ends(text, found);
  std::vector<std::pair<std::size_t, std::size_t>> list;
  list.reserve(found.size());
  for (const ValueEnd& one : found) list.emplace_back(one.conjunction, one.end);
  return list;
}

TEST(ValueEnds, AreQuotesDigitsAndParenthesesWithAConjunctionBehind) {
  EXPECT_THAT(ends("x' OR 1=1"), ElementsAre(std::pair(3U, 5U)));
  EXPECT_THAT(ends("1/**/and(2)||3"), ElementsAre(std::pair(5U, 8U), std::pair(11U, 13U)));
  EXPECT_THAT(ends("12\n \t+xor"), ElementsAre(std::pair(6U, 9U)));
  EXPECT_TRUE(ends("salt and pepper, this or that, 1     or, (or, #and").empty());
  EXPECT_TRUE(ends("1 o").empty());
}

// The rule as a pattern says the same at every place, also where blocks of 64 bytes meet.
TEST(ValueEnds, AreWhatThePatternFinds) {
  const re2::RE2 pattern(R"(^(?is:['"`)0-9][ \t\n\v\f\r+*/]{0,4}(?:or|\|\||&&|and|xor)))");
  constexpr std::string_view kParts[] = {"'",  "\"", "`", ")",  "(",     "7",  "42",      " ",   "\n",
                                         "+",  "*",  "/", "\v", "or",    "OR", "and",     "xor", "||",
                                         "&&", "|",  "o", "an", "word ", "#",  "\xC3\xA9"};
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 200) text += kParts[random() % std::size(kParts)];
    std::vector<std::size_t> wanted;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (re2::RE2::PartialMatch(std::string_view(text).substr(at), pattern)) wanted.push_back(at);
    }
    EXPECT_EQ(ends(text).size(), wanted.size()) << text;
  }
}

TEST(ValueStrings, BeginBehindAColon) {
  std::vector<std::size_t> found;
  find_value_strings(R"({"a":"b", "c" : "d","e":  "f","g":)", found);
  EXPECT_THAT(found, ElementsAre(6U, 17U));
}

}  // namespace
}  // namespace gatehouse::guard::unsafe
