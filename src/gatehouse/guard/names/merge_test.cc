#include "gatehouse/guard/names/merge.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Given {
  std::vector<std::pair<std::string_view, float>> dictionary{};  // "PERSON Anna", scores
  std::vector<std::pair<std::string_view, float>> model{};
  bool partial = false;
  bool settled = false;
  std::string_view known{};  // words that the lexicon has
};

std::pair<std::size_t, std::size_t> place(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  EXPECT_NE(at, text.npos) << words;
  return {at, at + words.size()};
}

// "PERSON Anna 0.90 model".
std::vector<std::string> merged(std::string_view text, const Given& given) {
  std::vector<NameFinding> dictionary;
  for (const auto& [one, score] : given.dictionary) {
    const auto [begin, end] = place(text, one.substr(one.find(' ') + 1));
    dictionary.push_back({begin, end, one.substr(0, one.find(' ')), score});
  }
  ml::Reading reading;
  reading.partial = given.partial;
  reading.settled = given.settled;
  for (const auto& [one, score] : given.model) {
    const auto [begin, end] = place(text, one.substr(one.find(' ') + 1));
    reading.entities.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), one.substr(0, one.find(' ')), score});
  }
  std::vector<MergedName> out;
  merge_names(
      text, 0, text.size(), dictionary, reading,
      [&](std::string_view, std::string_view words) { return !given.known.empty() && words.contains(given.known); },
      out);
  std::vector<std::string> told;
  std::size_t last = 0;
  for (const MergedName& one : out) {
    EXPECT_LE(last, one.begin) << "they do not overlap";
    last = one.end;
    told.push_back(fmt::format("{} {} {:.2f}{}", one.entity, text.substr(one.begin, one.end - one.begin), one.score,
                               one.learned ? " model" : ""));
  }
  return told;
}

TEST(MergeNames, AModelsSpanReplacesWhatTheDictionaryHasThere) {
  EXPECT_THAT(
      merged("I met May in the park", {.dictionary = {{"PERSON May", 0.45F}}, .model = {{"DATE_TIME May", 0.8F}}}),
      ElementsAre("DATE_TIME May 0.80 model"));
  EXPECT_THAT(merged("we saw Will Turner there",
                     {.dictionary = {{"PERSON Will", 0.5F}}, .model = {{"PERSON Will Turner", 0.8F}}}),
              ElementsAre("PERSON Will Turner 0.85 model"));
}

TEST(MergeNames, HalfANameIsNone) {
  EXPECT_THAT(merged("we saw Anna Maria Schmidt there",
                     {.dictionary = {{"PERSON Anna Maria Schmidt", 0.9F}}, .model = {{"PERSON Anna", 0.6F}}}),
              ElementsAre("PERSON Anna Maria Schmidt 0.78 model"));
  EXPECT_THAT(merged("at 12 Berlin Road now",
                     {.dictionary = {{"STREET_ADDRESS 12 Berlin Road", 0.8F}}, .model = {{"LOCATION Berlin", 0.9F}}}),
              ElementsAre("STREET_ADDRESS 12 Berlin Road 0.94 model"));
}

TEST(MergeNames, TwoNamesSideBySideAreTwo) {
  const Given given{.dictionary = {{"PERSON Ann Lee Bob", 0.6F}, {"PERSON Ray", 0.6F}},
                    .model = {{"PERSON Ann Lee", 0.9F}, {"PERSON Bob Ray", 0.9F}}};
  EXPECT_THAT(merged("Ann Lee Bob Ray", given), ElementsAre("PERSON Ann Lee 0.93 model", "PERSON Bob Ray 0.93 model"));
  // What the model doubts does not stand in the way.
  const Given doubted{.dictionary = {{"PERSON Ann Lee Bob", 0.6F}},
                      .model = {{"PERSON Ann Lee", 0.9F}, {"PERSON Bob", 0.3F}}};
  EXPECT_THAT(merged("Ann Lee Bob", doubted), ElementsAre("PERSON Ann Lee Bob 0.93 model"));
}

TEST(MergeNames, ABracketThatANameOpensIsClosed) {
  const Given given{.model = {{"PERSON Ann Lee ( painter", 0.9F}}};
  EXPECT_THAT(merged("Ann Lee ( painter )", given), ElementsAre("PERSON Ann Lee ( painter ) 0.90 model"));
  EXPECT_THAT(merged("Ann Lee ( painter and )", given), ElementsAre("PERSON Ann Lee ( painter 0.90 model"));
  EXPECT_THAT(merged("(Ann Lee)", {.model = {{"PERSON Ann Lee", 0.9F}}}), ElementsAre("PERSON Ann Lee 0.90 model"));
  EXPECT_THAT(merged("Ann Lee ( painter", given), ElementsAre("PERSON Ann Lee ( painter 0.90 model"));
}

TEST(MergeNames, WhatTheDictionaryIsSureOfStaysUnseen) {
  const Given given{.dictionary = {{"PERSON Anna Schmidt", 0.9F}, {"LOCATION Berlin", 0.65F}}};
  EXPECT_THAT(merged("Anna Schmidt went to Berlin", given), ElementsAre("PERSON Anna Schmidt 0.90"));
  Given partial = given;
  partial.partial = true;
  EXPECT_THAT(merged("Anna Schmidt went to Berlin", partial),
              ElementsAre("PERSON Anna Schmidt 0.90", "LOCATION Berlin 0.65"));
  Given settled = given;
  settled.settled = true;
  EXPECT_THAT(merged("Anna Schmidt went to Berlin", settled),
              ElementsAre("PERSON Anna Schmidt 0.90", "LOCATION Berlin 0.65"));
}

TEST(MergeNames, ASureDictionaryOverrulesADoubtfulModel) {
  EXPECT_THAT(merged("Zephyr Widgets GmbH said",
                     {.dictionary = {{"ORGANIZATION Zephyr Widgets GmbH", 0.85F}}, .model = {{"PERSON Zephyr", 0.6F}}}),
              ElementsAre("ORGANIZATION Zephyr Widgets GmbH 0.85"));
  EXPECT_THAT(merged("Zephyr Widgets GmbH said",
                     {.dictionary = {{"ORGANIZATION Zephyr Widgets GmbH", 0.85F}}, .model = {{"PERSON Zephyr", 0.8F}}}),
              ElementsAre("PERSON Zephyr 0.80 model"));
}

TEST(MergeNames, TheLexiconRaisesAScore) {
  EXPECT_THAT(merged("he saw anna there", {.model = {{"PERSON anna", 0.6F}}}), ElementsAre("PERSON anna 0.60 model"));
  EXPECT_THAT(merged("he saw anna there", {.model = {{"PERSON anna", 0.6F}}, .known = "anna"}),
              ElementsAre("PERSON anna 0.70 model"));
  EXPECT_THAT(merged("he saw anna there", {.model = {{"PERSON anna", 0.4F}}}), IsEmpty());
  EXPECT_THAT(merged("he saw anna there", {.model = {{"PERSON anna", 0.4F}}, .known = "anna"}),
              ElementsAre("PERSON anna 0.55 model"));
  EXPECT_THAT(merged("he saw anna there", {.model = {{"PERSON anna", 0.3F}}, .known = "anna"}), IsEmpty());
}

TEST(MergeNames, SpansArePartedWhereTheyMeet) {
  EXPECT_THAT(merged("see Anna Schmidt, Mozartstr. 5",
                     {.dictionary = {{"STREET_ADDRESS Schmidt, Mozartstr. 5", 0.5F}},
                      .model = {{"PERSON Anna Schmidt", 0.9F}, {"STREET_ADDRESS Mozartstr. 5", 0.8F}}}),
              ElementsAre("PERSON Anna Schmidt 0.90 model", "STREET_ADDRESS , Mozartstr. 5 0.85 model"));
}

TEST(MergeNames, OddSpansDoNoHarm) {
  const std::string_view text = "a b";
  ml::Reading reading;
  reading.entities = {{0, 0, "PERSON", 0.9F},
                      {1, 2, "PERSON", 0.9F},
                      {2, 900, "PERSON", 0.9F},
                      {5, 9, "PERSON", 2.0F},
                      {0, 1, "NO_SUCH", 0.9F}};
  std::vector<MergedName> out;
  merge_names(text, 0, text.size(), {}, reading, [](std::string_view, std::string_view) { return false; }, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].begin, 2U);
  EXPECT_EQ(out[0].end, 3U);
}

TEST(YieldToPatterns, ACheckDigitIsNoOpinion) {
  const auto finding = [](std::string_view entity, std::string_view detector, std::size_t begin, std::size_t end,
                          float score) {
    return Finding{Family::pii, entity, detector, begin, end, score, text::ViewKind::original};
  };
  const auto left = [&](std::vector<Finding> list) {
    yield_to_patterns(list);
    std::vector<std::string> names;
    for (const Finding& one : list) names.push_back(fmt::format("{} {}", one.entity, one.begin));
    return names;
  };
  EXPECT_THAT(
      left({finding("CREDIT_CARD", "pii.credit_card", 4, 20, 0.9F), finding("PERSON", kLearnedNames, 4, 20, 0.9F),
            finding("AGE", kLearnedNames, 6, 8, 0.9F), finding("PERSON", kLearnedNames, 18, 30, 0.9F)}),
      ElementsAre("CREDIT_CARD 4", "PERSON 18"));
  EXPECT_THAT(left({finding("DATE", "pii.date", 0, 10, 0.9F), finding("DATE_OF_BIRTH", kLearnedNames, 0, 10, 0.9F)}),
              ElementsAre("DATE 0", "DATE_OF_BIRTH 0"));
  EXPECT_THAT(left({finding("IMEI", "pii.imei", 0, 10, 0.3F), finding("PERSON", kLearnedNames, 0, 10, 0.9F)}),
              ElementsAre("IMEI 0", "PERSON 0"));
  EXPECT_THAT(left({finding("PERSON", "names.person", 0, 10, 0.9F), finding("PERSON", kLearnedNames, 0, 10, 0.9F)}),
              ElementsAre("PERSON 0", "PERSON 0"));
}

}  // namespace
}  // namespace gatehouse::guard
