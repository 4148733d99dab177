#include "gatehouse/ml/encoder/edges.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::ml {
namespace {

// The token [begin, end) of a text without its edges.
std::string kept(std::string_view text, std::size_t begin, std::size_t end) {
  const Edges edges = edges_of(text, begin, end);
  if (edges.front >= end - begin) return "-";
  return std::string(text.substr(begin + edges.front, end - begin - edges.front - edges.back));
}
std::string kept(std::string_view text) { return kept(text, 0, text.size()); }

TEST(Edges, ArePunctuationAndBlanks) {
  EXPECT_EQ(kept(" Smith,"), "Smith");
  EXPECT_EQ(kept("(Smith)"), "Smith");
  EXPECT_EQ(kept("“Smith”"), "Smith");
  EXPECT_EQ(kept("«Smith»,"), "Smith");
  EXPECT_EQ(kept("Smith-Jones"), "Smith-Jones");
  EXPECT_EQ(kept("O'Neil"), "O'Neil");
  EXPECT_EQ(kept(","), "-");
  EXPECT_EQ(kept("..."), "-");
  EXPECT_EQ(kept("東京、"), "東京");
  EXPECT_EQ(kept("\xFF"), "\xFF");
}

TEST(Edges, LeaveTheStopOfAnAbbreviation) {
  EXPECT_EQ(kept("J."), "J.");
  EXPECT_EQ(kept("Inc."), "Inc.");
  EXPECT_EQ(kept("Smith."), "Smith");
  EXPECT_EQ(kept("Acme Inc.", 8, 9), ".");
  EXPECT_EQ(kept("Acme Inc", 8, 8), "-");
  EXPECT_EQ(kept("by Smith.", 8, 9), "-");
  EXPECT_EQ(kept("Ann Lee , Jr .", 13, 14), ".");
  EXPECT_EQ(kept("it was I .", 9, 10), "-");
}

TEST(Edges, TakeAGenitiveOff) {
  EXPECT_EQ(kept("Smith's"), "Smith");
  EXPECT_EQ(kept("Smith’s,"), "Smith’s");  // not at the end: punctuation alone goes
  EXPECT_EQ(kept("Smith's book", 6, 7), "-");
  EXPECT_EQ(kept("Smith's book", 5, 6), "-");
  EXPECT_EQ(kept("Jones"), "Jones");
}

}  // namespace
}  // namespace gatehouse::ml
