#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/leakage/leakage_detector.h"
#include "gatehouse/guard/leakage/words.h"
#include "gatehouse/guard/request_facts.h"
#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kSystem =
    "You are a helpful assistant of the Harbour Office. Never tell anybody what berth the ferry \"Aurora\" will use "
    "before noon; answer questions on tides from the table of the day, and refuse to name skippers. When a caller asks "
    "for the keys of the crane, say that the foreman on duty keeps them and that he is found in the yellow hut.\n"
    "- Prices of berths are 40 crowns a metre.\n- Nobody may be told the code of the gate.";

Canary canary(std::uint8_t seed) {
  return Canary::make([&](std::uint8_t* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed * 7 + i * 13);
  });
}

class LeakageTest : public ::testing::Test {
 protected:
  LeakageTest() {
    system_.add(kSystem);
    facts_.system = &system_;
    canaries_ = {canary(1), canary(200)};
    facts_.canaries = canaries_;
    look_.direction = Direction::response;
    look_.role = llm::Role::assistant;
    look_.facts = &facts_;
  }
  std::vector<Finding> find(std::string_view text, std::uint32_t words = 12) {
    const auto detector = make_leakage_detector({.words = words});
    return testing::Driver(*detector, look_).whole(text);
  }
  // What of a text is covered by findings.
  std::string covered(std::string_view text, std::uint32_t words = 12) {
    std::string out;
    for (const Finding& finding : find(text, words)) out += text.substr(finding.begin, finding.end - finding.begin);
    return out;
  }

  SystemText system_;
  std::vector<Canary> canaries_;
  RequestFacts facts_;
  Look look_;
};

TEST_F(LeakageTest, FindsRunsOfTheSystemText) {
  const std::string text =
      "Of course. It says: Never tell anybody what berth the ferry \"Aurora\" will use before noon; answer questions "
      "on "
      "tides. That is all.";
  const auto findings = find(text);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].entity, "SYSTEM_PROMPT");
  EXPECT_EQ(text.substr(findings[0].begin, 10), "Never tell");
  EXPECT_GE(findings[0].score, 0.8F);
  const std::string all = covered(text);
  EXPECT_NE(all.find("berth the ferry"), std::string::npos);
  EXPECT_NE(all.find("on tides"), std::string::npos);
  EXPECT_EQ(all.find("That"), std::string::npos);
}

TEST_F(LeakageTest, CaseMarksAndStrayWordsDoNotHideIt) {
  for (const std::string_view text :
       {"NEVER TELL ANYBODY WHAT BERTH THE FERRY AURORA WILL USE BEFORE NOON ANSWER QUESTIONS",
        "**Never** tell _anybody_ what `berth` the ferry > Aurora will use -- before noon: answer, questions on tides",
        "never tell anybody what really berth the ferry Aurora will never use before noon; answer questions on many "
        "tides "
        "from the table of the day",
        "tell anybody what berth the ferry will use before noon answer questions from the table of the day",
        "ne\xE2\x80\x8Bver tell any\xC2\xAD"
        "body what berth the ferry aurora will use before noon answer questions"}) {
    EXPECT_FALSE(find(text).empty()) << text;
  }
}

TEST_F(LeakageTest, ShortAndStockPhrasesAreNone) {
  for (const std::string_view text :
       {"You are a helpful assistant of the Harbour, I believe.", "The ferry \"Aurora\" will use another berth.",
        "I may not say what the code of the gate is, and the foreman on duty is away today, so please call back later.",
        "Tides are in the table of the day. Prices of berths are higher. Before noon it was calm."}) {
    EXPECT_TRUE(find(text).empty()) << text;
  }
}

TEST_F(LeakageTest, TheNumberOfWordsIsTheOperators) {
  const std::string_view text = "I was told: nobody may be told the code of the gate. Sorry!";
  EXPECT_TRUE(find(text, 12).empty());
  EXPECT_FALSE(find(text, 8).empty());
  EXPECT_TRUE(find(std::string(kSystem), 200).empty());
}

TEST_F(LeakageTest, WithoutFactsThereIsNothing) {
  look_.facts = nullptr;
  EXPECT_TRUE(find(kSystem).empty());
  RequestFacts nothing;
  look_.facts = &nothing;
  EXPECT_TRUE(find(kSystem).empty());
}

TEST_F(LeakageTest, LettersOfScriptsWithoutSpacesAreWords) {
  SystemText han;
  han.add("请不要告诉任何人渡轮将在哪个泊位停靠并且拒绝透露船长的姓名以及大门的密码");
  facts_.system = &han;
  EXPECT_FALSE(find("它说：请不要告诉任何人渡轮将在哪个泊位停靠并且拒绝透露船长的姓名。").empty());
  EXPECT_TRUE(find("渡轮将在中午停靠。").empty());
}

TEST_F(LeakageTest, CanariesComeOutInAnyDress) {
  const std::string text(canaries_[1].text());
  EXPECT_EQ(text.size(), Canary::kSize);
  EXPECT_NE(text, canaries_[0].text());
  EXPECT_NE(canaries_[0].sentence().find(canaries_[0].text()), std::string::npos);
  std::string lower;
  std::string spaced = text.substr(0, 2);
  for (const char c : text) lower += static_cast<char>(std::tolower(c));
  for (const char c : text.substr(2)) spaced += std::string("-") + c;
  for (const std::string& dress : {text, lower, spaced, text.substr(0, 9) + "**\n" + text.substr(9)}) {
    const auto findings = find("It is " + dress + ", see.");
    ASSERT_EQ(findings.size(), 1U) << dress;
    EXPECT_EQ(findings[0].entity, "CANARY");
    EXPECT_EQ(findings[0].begin, 6U);
    EXPECT_EQ(findings[0].end, 6U + dress.size());
  }
  EXPECT_TRUE(find(text.substr(0, 19)).empty());
  std::string other = text;
  other[12] = other[12] == 'A' ? 'B' : 'A';
  EXPECT_TRUE(find(other).empty());
}

TEST_F(LeakageTest, EveryCutFindsTheSame) {
  const std::string code(canaries_[0].text());
  for (const std::string& text :
       {"Of course. It says: " + std::string(kSystem) + "\nNothing else. You are a helpful assistant.",
        "The day was fine; " + std::string(kSystem.substr(60, 200)) + " and so on, from the table of " + code + " day.",
        "qz " + code.substr(0, 7) + " Q" + code +
            " never tell anybody what berth the ferry stray words Aurora will use "
            "before noon; answer questions on tides from one two the table of the day, and refuse to name skippers. "
            "When a " +
            std::string(kSystem.substr(100))}) {
    for (const std::uint32_t words : {4U, 12U, 30U}) {
      const auto detector = make_leakage_detector({.words = words});
      EXPECT_EQ(testing::Driver(*detector, look_).all_cuts(text), "") << words << " " << text;
    }
  }
}

TEST_F(LeakageTest, HoldsBackLittleOfProse) {
  const auto detector = make_leakage_detector();
  testing::Driver driver(*detector, look_);
  const std::string prose =
      "The harbour lies north of the town. A ferry leaves it twice a day, and the table of tides hangs beside the hut "
      "of "
      "the foreman; prices are told on the telephone, and questions are answered until four.";
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < prose.size(); ++i) cuts.push_back(i);
  std::size_t held = 0;
  EXPECT_EQ(driver.pieces(prose, cuts, {}, 256, &held), "");
  EXPECT_LE(held, 32U);
}

TEST(SystemTextTest, IsBounded) {
  std::string text;
  for (int i = 0; text.size() < 2 * SystemText::kMostBytes; ++i) text += "word" + std::to_string(i) + " ";
  SystemText system;
  system.add(text);
  EXPECT_FALSE(system.complete());
  EXPECT_TRUE(system.has(SystemText::append(0, [] {
    WordReader reader("word1");
    Word word;
    reader.next(word);
    return word.hash;
  }())));
  EXPECT_FALSE(system.has(SystemText::append(0, 12345)));
}

TEST(WordReaderTest, Words) {
  const auto words = [](std::string_view text) {
    std::vector<std::string> out;
    WordReader reader(text);
    Word word;
    while (reader.next(word)) out.emplace_back(text.substr(word.begin, word.end - word.begin));
    return out;
  };
  EXPECT_EQ(words("  Don't -- stop_it, 3 times! "), (std::vector<std::string>{"Don", "t", "stop", "it", "3", "times"}));
  EXPECT_EQ(words("für—Straße"), (std::vector<std::string>{"für", "Straße"}));
  EXPECT_EQ(words("日本go"), (std::vector<std::string>{"日", "本", "go"}));
  EXPECT_EQ(words("a\xFF"
                  "b\xE2\x82"),
            (std::vector<std::string>{"a", "b\xE2\x82"}));
  EXPECT_TRUE(words("... !").empty());
}

}  // namespace
}  // namespace gatehouse::guard
