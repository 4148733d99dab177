#include "gatehouse/dialects/anthropic/model_rules.h"

#include <gtest/gtest.h>

namespace gatehouse::dialects::anthropic {
namespace {

using Thinking = ModelRules::Thinking;
using Off = ModelRules::Off;

TEST(AnthropicModelRules, DefaultsOfMaxTokensByName) {
  for (const char* model : {"claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-8", "claude-sonnet-5",
                            "claude-fable-5", "claude-haiku-5-5", "claude-mythos-preview"}) {
    EXPECT_EQ(rules_of(model).max_output, 128'000U) << model;
  }
  for (const char* model : {"claude-sonnet-4-5-20250929", "claude-haiku-4-5@20251001", "claude-opus-4-5",
                            "claude-sonnet-4-20250514", "us.anthropic.claude-sonnet-4-20250514-v1:0"}) {
    EXPECT_EQ(rules_of(model).max_output, 64'000U) << model;
  }
  for (const char* model : {"claude-opus-4-1-20250805", "claude-opus-4-20250514", "anthropic.claude-opus-4-1-v1:0"}) {
    EXPECT_EQ(rules_of(model).max_output, 32'000U) << model;
  }
  for (const char* model : {"claude-3-haiku-20240307", "claude-3-5-sonnet-latest", "claude-2.1", "deepseek-chat", ""}) {
    EXPECT_EQ(rules_of(model).max_output, 4096U) << model;
  }
}

TEST(AnthropicModelRules, ThinkingByName) {
  EXPECT_EQ(rules_of("claude-3-5-haiku-latest").thinking, Thinking::none);
  EXPECT_EQ(rules_of("claude-3-7-sonnet-20250219").thinking, Thinking::manual);
  EXPECT_EQ(rules_of("claude-opus-4-5").thinking, Thinking::manual);
  EXPECT_EQ(rules_of("global.anthropic.claude-opus-4-6-v1:0").thinking, Thinking::either);
  EXPECT_EQ(rules_of("Claude-Opus-4.7").thinking, Thinking::adaptive);
  EXPECT_EQ(rules_of("some-server's-model").thinking, Thinking::manual);

  EXPECT_EQ(rules_of("claude-opus-4-8").off, Off::omit);
  EXPECT_EQ(rules_of("claude-opus-5").off, Off::disabled);
  EXPECT_EQ(rules_of("claude-sonnet-5-5").off, Off::between_tools);
  EXPECT_EQ(rules_of("claude-opus-5-5").off, Off::low_effort);
  EXPECT_EQ(rules_of("claude-fable-5").off, Off::low_effort);
}

TEST(AnthropicModelRules, WhatTheNewestRefuse) {
  for (const char* model : {"claude-opus-4-7", "claude-sonnet-5", "claude-opus-5", "claude-fable-5"}) {
    EXPECT_FALSE(rules_of(model).sampling) << model;
  }
  for (const char* model : {"claude-opus-4-6", "claude-haiku-4-5", "claude-3-opus-20240229"}) {
    EXPECT_TRUE(rules_of(model).sampling) << model;
  }
  EXPECT_TRUE(rules_of("claude-opus-5").forced_tool);
  EXPECT_FALSE(rules_of("claude-opus-5-5").forced_tool);
  EXPECT_TRUE(rules_of("claude-fable-5").forced_tool);
  EXPECT_FALSE(rules_of("claude-fable-5-1").forced_tool);
  EXPECT_TRUE(rules_of("claude-haiku-5-5").forced_tool);

  EXPECT_FALSE(rules_of("claude-sonnet-4-20250514").json_schema);
  EXPECT_TRUE(rules_of("claude-opus-4-1").json_schema);
  EXPECT_TRUE(rules_of("claude-haiku-4-5").json_schema);
  EXPECT_FALSE(rules_of("claude-sonnet-4-6").late_system);
  EXPECT_TRUE(rules_of("claude-opus-4-8").late_system);
  EXPECT_FALSE(rules_of("claude-opus-4-6").effort_xhigh);
  EXPECT_TRUE(rules_of("claude-3-7-sonnet-latest").temperature_with_top_p);
  EXPECT_FALSE(rules_of("claude-sonnet-4-5").temperature_with_top_p);
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
