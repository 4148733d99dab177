#include "gatehouse/guard/terms/terms_detector.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/terms/fold_term.h"
#include "gatehouse/guard/terms/glyphs.h"
#include "gatehouse/guard/terms/term_check.h"
#include "gatehouse/guard/terms/term_pattern.h"
#include "gatehouse/guard/terms/term_table.h"
#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TermOptions words(std::string name, std::vector<std::string> list) {
  TermOptions options;
  options.name = std::move(name);
  options.words = std::move(list);
  return options;
}
TermOptions pattern(std::string name, std::string expression) {
  TermOptions options;
  options.name = std::move(name);
  options.kind = TermKind::pattern;
  options.pattern = std::move(expression);
  return options;
}

// A detector with its driver.
struct Made {
  explicit Made(std::vector<TermOptions> terms) {
    TermsOptions options;
    options.terms = std::move(terms);
    auto made = TermsDetector::make(options);
    if (!made) {
      ADD_FAILURE() << made.error().detail;
      std::abort();
    }
    detector = *made;
    driver = std::make_unique<testing::Driver>(*detector);
  }
  std::vector<std::string> found(std::string_view text) {
    std::vector<std::string> out;
    for (const Finding& f : driver->whole(text)) {
      out.push_back(std::string(f.entity) + " " + std::string(text.substr(f.begin, f.end - f.begin)));
    }
    return out;
  }
  std::shared_ptr<const TermsDetector> detector;
  std::unique_ptr<testing::Driver> driver;
};

std::string refusal(TermOptions option) {
  TermsOptions options;
  options.terms.push_back(std::move(option));
  const auto made = TermsDetector::make(options);
  return made ? "" : made.error().detail;
}

// Enough others that the list is looked up at every word instead of being triggers.
std::vector<std::string> padded(std::vector<std::string> list) {
  for (int i = 0; i < 1000; ++i) list.push_back("qfiller" + std::to_string(i));
  return list;
}

TEST(Glyphs, TellWordsFromMarks) {
  EXPECT_EQ(token_at("Straße, x", 0).end, 7U);
  EXPECT_EQ(token_at("“quoted”", 0).end, 3U);
  EXPECT_EQ(token_at("東京タワー", 0).end, 3U);
  EXPECT_TRUE(token_at("abc", 0).open);
  EXPECT_FALSE(token_at("abc ", 0).open);
  EXPECT_TRUE(token_at("abc\xC3", 0).open);
  EXPECT_TRUE(begins_token("a b", 2));
  EXPECT_FALSE(begins_token("éb", 2));
  EXPECT_TRUE(begins_token("“b", 3));
  EXPECT_EQ(word_in_progress("one two", 100), 4U);
  EXPECT_EQ(word_in_progress("one tw\xC3", 100), 4U);
  EXPECT_EQ(word_in_progress("one two ", 100), 8U);
}

TEST(Terms, WordsAreWholeAndInAnyCase) {
  for (const bool many : {false, true}) {
    std::vector<std::string> list = {"Project Falcon", "falcon", "AT&T", "C++", "東京", "don't", "Blücher"};
    Made made({words("SECRET_PROJECT", many ? padded(list) : list)});
    EXPECT_THAT(made.found("About project  FALCON and falcons."),
                ElementsAre("SECRET_PROJECT project  FALCON", "SECRET_PROJECT FALCON"));
    EXPECT_THAT(made.found("at&t uses c++, don't they?"),
                ElementsAre("SECRET_PROJECT at&t", "SECRET_PROJECT c++", "SECRET_PROJECT don't"));
    EXPECT_THAT(made.found("私は東京に行く"), ElementsAre("SECRET_PROJECT 東京"));
    EXPECT_THAT(made.found("falcon_x xfalcon falconé éfalcon"), IsEmpty());
    EXPECT_THAT(made.found("“Falcon” Falcon’s"), ElementsAre("SECRET_PROJECT Falcon", "SECRET_PROJECT Falcon"));
    // As a folded view has it.
    EXPECT_THAT(made.found("blücher"), ElementsAre("SECRET_PROJECT blücher"));
    EXPECT_EQ(made.driver->all_cuts("About project  FALCON and falcon, AT&T\nproject\nfalcon project falconer 東京 x"),
              "");
  }
}

TEST(Terms, TheLongestOfSeveralIsTold) {
  Made made({words("CITY", {"new york", "new york city", "york"})});
  EXPECT_THAT(made.found("in new york city."), ElementsAre("CITY new york city", "CITY york"));
  EXPECT_THAT(made.found("in new york citadel"), ElementsAre("CITY new york", "CITY york"));
  EXPECT_EQ(made.driver->all_cuts("in new york city or new york citadel or new"), "");
}

TEST(Terms, CaseCountsWhereAsked) {
  TermOptions option = words("CODE", {"Apollo"});
  option.caseless = false;
  Made made({option});
  EXPECT_THAT(made.found("Apollo apollo APOLLO"), ElementsAre("CODE Apollo"));
}

TEST(Terms, InsideWords) {
  TermOptions option = words("STEM", {"frick", "ana"});
  option.whole_words = false;
  Made made({option});
  EXPECT_THAT(made.found("unFRICKing banana"), ElementsAre("STEM FRICK", "STEM anana"));
  EXPECT_EQ(made.driver->all_cuts("unFRICKing banana ananas"), "");
}

TEST(Terms, FromAFile) {
  const std::string path = ::testing::TempDir() + "gatehouse_terms.txt";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::fputs("# names of projects\r\nfalcon\r\n\n  red kite \n", file);
  std::fclose(file);
  TermOptions option = words("BIRD", {});
  option.file = path;
  Made made({option});
  EXPECT_THAT(made.found("a falcon, a Red Kite, names"), ElementsAre("BIRD falcon", "BIRD Red Kite"));
  std::remove(path.c_str());
  EXPECT_THAT(refusal(option), HasSubstr("cannot be opened"));
}

TEST(Terms, Patterns) {
  Made made({pattern("EMPLOYEE_ID", "EMP-\\d{6}"), pattern("TICKET", "\\b(?:OPS|DEV)-[0-9]+\\b"),
             pattern("CASE_NUMBER", "case no\\.? [0-9]{2}/[0-9]{3,4}")});
  EXPECT_THAT(made.found("see emp-123456, OPS-42 and Case No. 12/345."),
              ElementsAre("EMPLOYEE_ID emp-123456", "TICKET OPS-42", "CASE_NUMBER Case No. 12/345"));
  EXPECT_THAT(made.found("emp-12345 and xemp 12/345"), ElementsAre());
  EXPECT_EQ(made.driver->all_cuts("see emp-123456, OPS-42 and Case No. 12/3456. EMP-1234567 case no"), "");
}

TEST(Terms, PatternsHoldBackOnlyWhatMayBecomeAMatch) {
  Made made({pattern("CASE_NUMBER", "case no\\.? [0-9]{2}/[0-9]{3,4}")});
  std::string text;
  for (int i = 0; i < 20; ++i) text += "In this case nobody was in the case when it was found. ";
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < text.size(); ++i) cuts.push_back(i);
  std::size_t held = 0;
  EXPECT_EQ(made.driver->pieces(text, cuts, {}, 256, &held), "");
  EXPECT_LE(held, 10U);
}

TEST(Terms, ChecksOverTheDigits) {
  TermOptions card = pattern("LOYALTY_CARD", "LC[ -]?\\d{4}[ -]?\\d{4}");
  card.check = TermCheck::luhn;
  Made made({card});
  EXPECT_THAT(made.found("LC 1234 5674 and LC 1234 5675"), ElementsAre("LOYALTY_CARD LC 1234 5674"));
  EXPECT_TRUE(passes(TermCheck::mod97, "DE89 3704 0044 0532 0130 00") == false);  // not rotated
  EXPECT_TRUE(passes(TermCheck::mod97, "370400440532013000DE89"));
  EXPECT_TRUE(passes(TermCheck::mod11, "0-306-40615-2"));
  EXPECT_TRUE(passes(TermCheck::mod11, "080442957X"));
  EXPECT_FALSE(passes(TermCheck::mod11, "0-306-40615-3"));
  EXPECT_TRUE(passes(TermCheck::verhoeff, "2363"));
  EXPECT_FALSE(passes(TermCheck::verhoeff, "2364"));
}

TEST(Terms, UnsafePatternsAreRefusedWithAReason) {
  EXPECT_THAT(refusal(pattern("A", "x.*y")), HasSubstr("without bound"));
  EXPECT_THAT(refusal(pattern("A", "x[^,]+y")), HasSubstr("without bound"));
  EXPECT_THAT(refusal(pattern("A", "\\w{3,}")), HasSubstr("ordinary words"));
  EXPECT_THAT(refusal(pattern("A", "^EMP")), HasSubstr("anchor"));
  EXPECT_THAT(refusal(pattern("A", "(a)\\1")), HasSubstr("back reference"));
  EXPECT_THAT(refusal(pattern("A", "(?=x)yz")), HasSubstr("not supported"));
  EXPECT_THAT(refusal(pattern("A", "(ab")), HasSubstr("nothing closes"));
  EXPECT_THAT(refusal(pattern("A", "ab)")), HasSubstr("nothing opens"));
  EXPECT_THAT(refusal(pattern("A", "a?")), HasSubstr("less than two"));
  EXPECT_THAT(refusal(pattern("A", "[0-9]{300}")), HasSubstr("256"));
  EXPECT_THAT(refusal(pattern("A", "([0-9]{100}){5}")), HasSubstr("256"));
  EXPECT_THAT(refusal(pattern("A", "[é]x1")), HasSubstr("ASCII"));
  EXPECT_THAT(refusal(pattern("A", std::string(200, '('))), HasSubstr("deep"));
  EXPECT_THAT(refusal(pattern("A", "")), HasSubstr("less than two"));
  EXPECT_THAT(refusal(pattern("no name", "EMP-1")), HasSubstr("a name is"));
  EXPECT_THAT(refusal(words("A", {})), HasSubstr("no words"));
  EXPECT_EQ(refusal(pattern("A", "(?:(?:a|b){1,8}){1,8}[0-9]+")), "");
}

TEST(Terms, NastyPatternsStayLinear) {
  // What makes a backtracking engine explode.
  Made made({pattern("A", "(?:a+a+){1,4}[0-9]"), pattern("B", "(?:x|xx|xxx){3,20}!")});
  std::string text(100'000, 'a');
  text += std::string(50'000, 'x');
  made.driver->whole(text);
  EXPECT_THAT(made.found("aaaa1 xxxxxx!"), ElementsAre("A aaaa1", "B xxxxxx!"));
}

TEST(Terms, WhatMatchesTooOftenFails) {
  Made made({pattern("A", "[0-9]{4,8}")});
  const std::string text(200'000, '7');
  Findings findings;
  Look look;
  look.text = text;
  const Detector* const list[] = {made.detector.get()};
  const auto matcher = *Matcher::make(list);
  const auto scratch = matcher->make_scratch();
  ASSERT_TRUE(matcher->scan(text, *scratch));
  made.detector->look(look, scratch->hits(0), findings);
  EXPECT_FALSE(findings.failure().empty());
}

TEST(Terms, Topics) {
  TermOptions topic;
  topic.name = "WEAPONS";
  topic.kind = TermKind::topic;
  topic.weighted = {{"rifle", 0.6F}, {"ammunition", 0.5F}, {"machine gun", 1}, {"hunt", 0.3F}};
  topic.window = 100;
  Made made({topic});
  EXPECT_THAT(made.found("A rifle and another rifle."), IsEmpty());
  EXPECT_THAT(made.found("A rifle with its Ammunition."), ElementsAre("WEAPONS Ammunition"));
  EXPECT_THAT(made.found("A rifle." + std::string(120, ' ') + "ammunition"), IsEmpty());
  EXPECT_THAT(made.found("the Machine  Gun"), ElementsAre("WEAPONS Machine  Gun"));
  std::string text;
  for (int i = 0; i < 6; ++i)
    text += "a rifle of his; some words between them; for the hunt; ammunition; a machine gun. Peace. ";
  EXPECT_EQ(made.driver->all_cuts(text), "");
}

TEST(TermTable, AMillionTermsInBoundedMemoryAndTime) {
  std::vector<std::string> terms;
  terms.reserve(1'000'000);
  for (int i = 0; i < 1'000'000; ++i) terms.push_back(fmt::format("t{:06d} w{:06d}", i * 7 % 1'000'000, i));
  const auto before = std::chrono::steady_clock::now();
  TermTable table;
  table.build(std::span<const std::string>(terms), true);
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_EQ(table.size(), 1'000'000U);
  EXPECT_LT(table.memory(), 64U << 20U);
#ifndef GATEHOUSE_SANITIZED
  EXPECT_LT(took, std::chrono::seconds(3));
#endif
  static_cast<void>(took);
  EXPECT_EQ(table.match("T000007 W000001", 0, true).end, 15U);
  EXPECT_EQ(table.match("t000007 w000002", 0, true).end, 0U);
  EXPECT_TRUE(table.match("t000007 ", 0, false).open);
}

TEST(TermTable, AWordAsLongAsTheTextCostsNothing) {
  TermTable table;
  const std::vector<std::string> terms = {"a b", "a a a a"};
  table.build(std::span<const std::string>(terms), true);
  const std::string text = "a " + std::string(1'000'000, 'x');
  EXPECT_EQ(table.match(text, 0, false).end, 0U);
  EXPECT_FALSE(table.match(text, 0, false).open);
}

TEST(TermPattern, TellsWhereAMatchMayHaveBegun) {
  const auto made = TermPattern::parse("EMP[ -](?:\\d{3}|[xy]{2,4})z", true);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->open_from("an emp", 0), 3U);
  EXPECT_EQ(made->open_from("an emp-12", 0), 3U);
  EXPECT_EQ(made->open_from("an emp-xyx", 0), 3U);
  EXPECT_EQ(made->open_from("an emp-1x", 0), 9U);
  EXPECT_EQ(made->open_from("an emp-e", 0), 7U);
  EXPECT_EQ(made->begin_of("an emp-123z.", 11), 3U);
}

}  // namespace
}  // namespace gatehouse::guard
