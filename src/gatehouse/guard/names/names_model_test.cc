#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/guard/testing/cuts.h"
#include "gatehouse/guard/testing/fake_oracle.h"

// Names with a model beside the dictionary.
namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;
using testing::FakeOracle;
using ::testing::IsEmpty;
using testing::naming;
using Mode = FakeOracle::Mode;

constexpr std::size_t kContext = PieceCutter::kMost + 256;

const NamesDetector& detector() {
  static const NamesDetector kDetector;
  return kDetector;
}

std::vector<std::string> told(std::string_view text, const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& f : findings) {
    out.push_back(std::string(f.entity) + " " + std::string(text.substr(f.begin, f.end - f.begin)));
  }
  return out;
}

// One look at a whole text.
Findings look(FakeOracle& oracle, std::string_view text, Direction direction = Direction::request,
              text::ViewKind view = text::ViewKind::original) {
  Findings found;
  Look look{.text = text, .view = view, .direction = direction};
  look.meaning = &oracle;
  (void)detector().look(look, {}, found);
  return found;
}

Look answering(FakeOracle& oracle) {
  Look like;
  like.direction = Direction::response;
  like.meaning = &oracle;
  return like;
}

FakeOracle people(Mode mode = Mode::at_once) {
  return {ml::Want::entities, naming({{"quux", "PERSON"}, {"Zorblat Frood", "PERSON"}, {"flu", "MEDICAL_CONDITION"}}),
          mode};
}

TEST(NamesWithAModel, WhatTheDictionaryCannotKnow) {
  FakeOracle oracle = people();
  const std::string_view text = "yesterday quux had the flu, said Anna Schmidt in Berlin";
  const Findings found = look(oracle, text);
  EXPECT_THAT(told(text, found.list()), ElementsAre("PERSON quux", "MEDICAL_CONDITION flu", "PERSON Anna Schmidt"));
  EXPECT_EQ(found.list()[0].detector, "names.model");
  EXPECT_EQ(found.list()[2].detector, "names.person");
  EXPECT_FALSE(found.waiting());
  EXPECT_TRUE(found.all_read());
  EXPECT_THAT(oracle.asked, ElementsAre(text)) << "a request's text is one question";
}

TEST(NamesWithAModel, TextWithoutALetterAsksNothing) {
  FakeOracle oracle = people();
  (void)look(oracle, "12 34 56 -- 2024!");
  (void)look(oracle, "1 2 3", Direction::response);
  EXPECT_EQ(oracle.asks(), 0U);
}

TEST(NamesWithAModel, OtherReadingsAreNotAskedAbout) {
  FakeOracle oracle = people();
  const std::string_view text = "quux, Anna Schmidt, Emily";
  EXPECT_THAT(told(text, look(oracle, text, Direction::request, text::ViewKind::json).list()),
              ElementsAre("PERSON Anna Schmidt"))
      << "only what a model could not doubt";
  EXPECT_EQ(oracle.asks(), 0U);
}

TEST(NamesWithAModel, WithoutAnAnswerTheDictionaryDecides) {
  const std::string_view text = "quux met Emily from Berlin";
  FakeOracle fails = people(Mode::fails);
  Findings found = look(fails, text);
  EXPECT_THAT(told(text, found.list()), ElementsAre("PERSON Emily", "LOCATION Berlin"));
  EXPECT_TRUE(found.is_unread(Family::pii));

  FakeOracle never = people(Mode::never);
  EXPECT_TRUE(look(never, text).waiting());
  never.give_up();
  found = look(never, text);
  EXPECT_FALSE(found.waiting());
  EXPECT_TRUE(found.is_unread(Family::pii));
  EXPECT_THAT(told(text, found.list()), ElementsAre("PERSON Emily", "LOCATION Berlin"));
}

TEST(NamesWithAModel, APartialReadingKeepsTheDictionarys) {
  FakeOracle oracle(ml::Want::entities, [](std::string_view text) {
    auto reading = naming({{"quux", "PERSON"}})(text);
    reading.partial = true;
    return reading;
  });
  const std::string_view text = "quux met Emily from Berlin";
  const Findings found = look(oracle, text);
  EXPECT_THAT(told(text, found.list()), ElementsAre("PERSON quux", "PERSON Emily", "LOCATION Berlin"));
  EXPECT_TRUE(found.is_unread(Family::pii));
}

TEST(NamesWithAModel, AnOracleWithoutNamesIsNotAsked) {
  FakeOracle oracle(ml::Want::injection, naming({{"quux", "PERSON"}}));
  const std::string_view text = "quux met Emily";
  const Findings found = look(oracle, text);
  EXPECT_THAT(told(text, found.list()), ElementsAre("PERSON Emily"));
  EXPECT_TRUE(found.all_read());
  EXPECT_EQ(oracle.asks(), 0U);
}

const std::vector<std::string>& streams() {
  static const std::vector<std::string> kStreams = {
      "It was quux who told me, and everybody else who was there knew about it. Then Zorblat Frood came with Emily! "
      "Nobody had the flu but quux, who lives at 221B Baker Street. Anna Maria\nSchmidt is another one altogether.",
      "a line that names quux and nobody else in this world of ours\nanother one with Zorblat Frood and Peter Miller "
      "in it\n\n- quux\n- flu\n- Dr. Quillfeather, who is not a quux at all, and never had the flu in his life",
      [] {
        std::string text;
        while (text.size() < 1200) text += "words without a full stop and quux in between and Zorblat Frood too and ";
        return text;
      }(),
      [] {
        std::string text = "{\"a\":\"";
        while (text.size() < 700) text += "quux-";
        return text + "\", \"name\": \"Zorblat Frood\"}";
      }(),
      "12 34. 56! 78? quux 90. No letters here: 1234567890 1234567890 1234567890 1234567890. flu",
  };
  return kStreams;
}

TEST(NamesWithAModel, FoundCutAnywhereAndAnsweredAtOnce) {
  for (const std::string& text : streams()) {
    FakeOracle oracle = people();
    testing::Driver driver(detector(), answering(oracle));
    EXPECT_THAT(told(text, driver.whole(text)), ::testing::Contains("PERSON quux")) << text;
    EXPECT_EQ(driver.all_cuts(text, kContext), "") << text;
  }
}

TEST(NamesWithAModel, FoundCutAnywhereAndAnsweredLate) {
  for (const std::string& text : streams()) {
    FakeOracle oracle = people(Mode::later);
    testing::Driver driver(detector(), answering(oracle));
    int waits = 0;
    driver.on_wait([&] {
      if (++waits % 5 == 0) oracle.answer_all();
    });
    EXPECT_EQ(driver.all_cuts(text, kContext, [&] { oracle = people(Mode::later); }), "") << text;
    EXPECT_GT(waits, 100);
  }
}

TEST(NamesWithAModel, FoundCutAnywhereAndNeverAnswered) {
  for (const std::string& text : streams()) {
    FakeOracle oracle = people(Mode::never);
    testing::Driver driver(detector(), answering(oracle));
    driver.on_wait([&] { oracle.give_up(); });
    EXPECT_EQ(driver.all_cuts(text, kContext, [&] { oracle = people(Mode::never); }), "") << text;
  }
}

TEST(NamesWithAModel, APieceOfAnAnswerIsOneQuestion) {
  FakeOracle oracle = people();
  testing::Driver driver(detector(), answering(oracle));
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += "This is the sentence number " + std::to_string(i) + " of the many that follow. ";
  (void)driver.whole(text);
  EXPECT_EQ(oracle.asked.size(), 10U);
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < text.size(); ++i) cuts.push_back(i);
  std::size_t held = 0;
  EXPECT_EQ(driver.pieces(text, cuts, driver.whole(text), kContext, &held), "");
  EXPECT_EQ(oracle.asked.size(), 10U) << "the same ones, however the text arrives";
  EXPECT_LE(held, 60U) << "a sentence";
}

}  // namespace
}  // namespace gatehouse::guard
