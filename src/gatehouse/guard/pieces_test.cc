#include "gatehouse/guard/pieces.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> out;
  PieceCutter cutter;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = cutter.next(text, begin);
    if (end == PieceCutter::kNone) break;
    out.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  if (begin < text.size()) {
    EXPECT_EQ(cutter.size(), text.size() - begin);
    out.emplace_back(text.substr(begin));
  }
  return out;
}

TEST(Pieces, EndWithSentencesAndLines) {
  EXPECT_THAT(
      pieces("It rained all day long and nobody came to see us. Then it stopped.  We left in the evening, all "
             "of us, and went (slowly.) home\nwithout a word"),
      ElementsAre("It rained all day long and nobody came to see us. ",
                  "Then it stopped.  We left in the evening, all of us, and went (slowly.) ", "home\nwithout a word"));
  EXPECT_THAT(pieces("a line that is long enough to stand for itself alone\nand more"),
              ElementsAre("a line that is long enough to stand for itself alone\n", "and more"));
}

TEST(Pieces, DoNotEndBehindAbbreviations) {
  for (const std::string_view text : {"the letter that came this morning was signed by Dr. Anna Schmidt",
                                      "the letter that came this morning was signed by J. R. Miller",
                                      "the letter was sent to the house that stands in Mozartstr. 5 there",
                                      "the letter that came this morning was about house No. 5 there"}) {
    EXPECT_EQ(pieces(text).size(), 1U) << text;
  }
}

TEST(Pieces, ShortOnesGoOn) {
  EXPECT_THAT(pieces("Hello! My name is Anna.\nI am well.\nYou?"),
              ElementsAre("Hello! My name is Anna.\nI am well.\nYou?"));
}

TEST(Pieces, AreBounded) {
  std::string prose;
  while (prose.size() < 3000) prose += "words and ";
  for (const std::string& piece : pieces(prose)) {
    EXPECT_LE(piece.size(), PieceCutter::kLong + 8);
    EXPECT_TRUE(piece.ends_with(' '));
  }
  for (const std::string_view unit : {"x", "\xC3\xA4", "\xE7\x8E\x8B", "\xF0\x9F\x98\x80", "\x80", "\xFF", "\xE7"}) {
    std::string text;
    while (text.size() < 3000) text += unit;
    for (const std::string& piece : pieces(text)) {
      EXPECT_LE(piece.size(), PieceCutter::kMost);
      if (unit.size() > 1 && !piece.empty()) EXPECT_EQ(piece.size() % unit.size(), 0U) << "no character is cut";
    }
  }
}

TEST(Pieces, ChineseSentences) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "\xE4\xBD\xA0";
  const std::string first = text + "\xE3\x80\x82";
  EXPECT_THAT(pieces(first + text), ElementsAre(first, text));
}

TEST(Pieces, AreTheSameHoweverTheTextArrives) {
  const std::string text =
      "He said \"it is over.\" Then Mr. Smith (the one from Mozartstr. 5) went home! \xE4\xBD\xA0\xE3\x80\x82 And "
      "1984. "
      "was a year.\n\nA new line begins here, and it is a long one that ends somewhere\nin the middle.";
  const auto whole = pieces(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    PieceCutter cutter;
    cutter.advance(std::string_view(text).substr(0, cut));
    std::size_t ends = 0;
    for (std::size_t sum = 0; const std::string& piece : whole) {
      if (sum + piece.size() > cut) {
        EXPECT_EQ(cutter.size(), cut - sum);
        const std::size_t end = cutter.next(text, cut);
        if (end != PieceCutter::kNone) EXPECT_EQ(end, sum + piece.size());
        ++ends;
        break;
      }
      sum += piece.size();
    }
    EXPECT_EQ(ends, cut == text.size() ? 0U : 1U);
  }
}

}  // namespace
}  // namespace gatehouse::guard
