#include "gatehouse/guard/judged_texts.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::guard {
namespace {

std::vector<Finding> one(std::string_view entity) {
  return {{.family = Family::pii, .entity = entity, .detector = "d", .begin = 1, .end = 2}};
}

TEST(JudgedTexts, RemembersByTextRoleAndKind) {
  JudgedTexts texts("key", 8);
  const auto name = texts.name("hello", llm::Role::user, llm::SegmentKind::text);
  EXPECT_EQ(texts.find(name), nullptr);
  texts.put(name, one("EMAIL"));
  ASSERT_NE(texts.find(name), nullptr);
  EXPECT_EQ(texts.find(name)->front().entity, "EMAIL");
  // The same words of a tool weigh otherwise.
  EXPECT_EQ(texts.find(texts.name("hello", llm::Role::tool, llm::SegmentKind::text)), nullptr);
  EXPECT_EQ(texts.find(texts.name("hello", llm::Role::user, llm::SegmentKind::document)), nullptr);
  EXPECT_EQ(texts.find(texts.name("hello ", llm::Role::user, llm::SegmentKind::text)), nullptr);
}

TEST(JudgedTexts, NamesDependOnTheKey) {
  JudgedTexts a("key a", 8);
  JudgedTexts b("key b", 8);
  EXPECT_NE(a.name("x", llm::Role::user, llm::SegmentKind::text), b.name("x", llm::Role::user, llm::SegmentKind::text));
}

TEST(JudgedTexts, TheLeastRecentlySeenGoFirst) {
  JudgedTexts texts("key", 2);
  const auto name = [&](const std::string& text) { return texts.name(text, llm::Role::user, llm::SegmentKind::text); };
  texts.put(name("a"), one("A"));
  texts.put(name("b"), one("B"));
  EXPECT_NE(texts.find(name("a")), nullptr);
  texts.put(name("c"), one("C"));
  EXPECT_NE(texts.find(name("a")), nullptr);
  EXPECT_EQ(texts.find(name("b")), nullptr);
  EXPECT_NE(texts.find(name("c")), nullptr);
}

TEST(JudgedTexts, TextsWithVeryManyFindingsAreLookedAtAgain) {
  JudgedTexts texts("key", 2);
  const auto name = texts.name("a", llm::Role::user, llm::SegmentKind::text);
  texts.put(name, std::vector<Finding>(JudgedTexts::kMostFindings + 1));
  EXPECT_EQ(texts.find(name), nullptr);
}

}  // namespace
}  // namespace gatehouse::guard
