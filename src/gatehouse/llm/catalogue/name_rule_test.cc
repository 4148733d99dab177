#include "gatehouse/llm/catalogue/name_rule.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

TEST(NameRule, each_operator) {
  EXPECT_TRUE(rule_holds("=gpt-4o", "gpt-4o"));
  EXPECT_FALSE(rule_holds("=gpt-4o", "gpt-4o-mini"));
  EXPECT_TRUE(rule_holds("^claude-", "claude-x"));
  EXPECT_FALSE(rule_holds("^claude-", "a-claude-x"));
  EXPECT_TRUE(rule_holds("$-fast", "grok-fast"));
  EXPECT_TRUE(rule_holds("*claude", "eu.anthropic.claude-3"));
  EXPECT_TRUE(rule_holds("#gpt-####-##", "gpt-2026-01"));
  EXPECT_FALSE(rule_holds("#gpt-####-##", "gpt-2026-0x"));
  EXPECT_FALSE(rule_holds("#gpt-####-##", "gpt-2026-011"));
  EXPECT_TRUE(rule_holds("@gemini-3-#", "gemini-3-1-preview"));
  EXPECT_FALSE(rule_holds("@gemini-3-#", "gemini-3-"));
  EXPECT_TRUE(rule_holds("^gemini&!-tts", "gemini-2"));
  EXPECT_FALSE(rule_holds("^gemini&!-tts", "gemini-2-tts"));
  EXPECT_FALSE(rule_holds("^gemini&!-tts", "gemini-tts-2"));
  EXPECT_TRUE(rule_holds("^gemini&!-tts", "gemini-2-ttsx"));
  EXPECT_FALSE(rule_holds("^mistral&~/", "mistral/x"));
}

TEST(NameRule, malformed_ones_hold_for_nothing) {
  for (const char* rule : {"", "=", "x", "gpt", "^a&", "&^a", "^a&&^b", "^a&b", "?x"}) {
    EXPECT_FALSE(rule_is_valid(rule)) << rule;
  }
  EXPECT_FALSE(rule_holds("", "a"));
  EXPECT_FALSE(rule_holds("?a", "a"));
  EXPECT_TRUE(rule_is_valid("^a&~/"));
}

TEST(HostMatches, stars_stay_within_the_host) {
  EXPECT_TRUE(host_matches("*.openai.azure.com", "my-account.openai.azure.com/openai"));
  EXPECT_FALSE(host_matches("*.openai.azure.com", "evil.com/x.openai.azure.com"));
  EXPECT_TRUE(host_matches("bedrock-runtime.*.amazonaws.com", "bedrock-runtime.eu-west-1.amazonaws.com"));
  EXPECT_TRUE(host_matches("router.example.com/groq", "router.example.com/groq/v1"));
  EXPECT_TRUE(host_matches("router.example.com/groq", "router.example.com/groq"));
  EXPECT_FALSE(host_matches("router.example.com/groq", "router.example.com/groqq"));
  EXPECT_FALSE(host_matches("router.example.com/groq", "router.example.com"));
}

TEST(LowerName, is_bounded) {
  EXPECT_EQ(LowerName(" GPT-4o\t").view(), "gpt-4o");
  EXPECT_EQ(LowerName(std::string(256, 'A')).view(), std::string(256, 'a'));
  EXPECT_TRUE(LowerName(std::string(257, 'A')).empty());
}

TEST(OtherDate, goes_both_ways) {
  const auto other = [](std::string_view name) {
    const auto changed = with_other_date(LowerName(name));
    return changed ? std::string(changed->view()) : std::string();
  };
  EXPECT_EQ(other("claude-sonnet-4-5-20250929"), "claude-sonnet-4-5-2025-09-29");
  EXPECT_EQ(other("gpt-4o-2024-08-06"), "gpt-4o-20240806");
  EXPECT_EQ(other("a-20250929-v1:0"), "a-2025-09-29-v1:0");
  EXPECT_EQ(other("a-20250929:free"), "a-2025-09-29:free");
  EXPECT_EQ(other("a-20251329"), "");
  EXPECT_EQ(other("a-202509290"), "");
  EXPECT_EQ(other("a-20b-x-20250929"), "a-20b-x-2025-09-29") << "20b is no date";
  EXPECT_EQ(other("gpt-4o"), "");
  EXPECT_EQ(other(std::string(245, 'a') + "-20250929"), std::string(245, 'a') + "-2025-09-29") << "256 bytes";
  EXPECT_EQ(other(std::string(246, 'a') + "-20250929"), "") << "no room";
}

}  // namespace
}  // namespace gatehouse::llm
