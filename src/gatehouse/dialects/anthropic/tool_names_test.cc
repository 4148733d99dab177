#include "gatehouse/dialects/anthropic/tool_names.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::dialects::anthropic {
namespace {

TEST(AnthropicToolNames, NamesThatAreFineStayAndOthersFindBack) {
  ToolNames names;
  names.reserve("look_up");
  names.reserve("look.up");
  EXPECT_EQ(names.sent("look_up"), "look_up");
  const std::string dotted(names.sent("look.up"));
  EXPECT_NE(dotted, "look_up");
  EXPECT_EQ(dotted.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-"), std::string::npos);
  EXPECT_EQ(names.sent("look.up"), dotted);
  ASSERT_EQ(names.changed().size(), 1U);
  EXPECT_EQ(names.changed()[0], (std::pair<std::string, std::string>(dotted, "look.up")));
}

TEST(AnthropicToolNames, LongNamesThatBeginAlikeStayApart) {
  ToolNames names;
  const std::string one(names.sent(std::string(200, 'a') + "1"));
  const std::string other(names.sent(std::string(200, 'a') + "2"));
  EXPECT_EQ(one.size(), ToolNames::kMostName);
  EXPECT_NE(one, other);
}

TEST(AnthropicToolNames, AFreshNameIsNobodys) {
  ToolNames names;
  names.reserve("answer");
  EXPECT_EQ(names.fresh("answer"), "answer_");
}

TEST(AnthropicToolNames, IdsOfOthersAreHashedNotCut) {
  ToolNames names;
  EXPECT_EQ(names.call_id("toolu_01A-b", "f"), "toolu_01A-b");
  const std::string one(names.call_id("functions.f:0", "f"));
  EXPECT_EQ(one.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos);
  EXPECT_EQ(names.result_id("functions.f:0", "f"), one);
  EXPECT_NE(names.call_id("functions.f:1", "f"), one);
}

TEST(AnthropicToolNames, CallsWithoutIdsArePairedByNameThenByOrder) {
  ToolNames names;
  const std::string a(names.call_id("", "a"));
  const std::string b(names.call_id("", "b"));
  const std::string c(names.call_id("", "c"));
  EXPECT_NE(a, b);
  EXPECT_EQ(names.result_id("", "b"), b);
  EXPECT_EQ(names.result_id("", ""), a);
  EXPECT_EQ(names.result_id("", "nobody"), c);
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
