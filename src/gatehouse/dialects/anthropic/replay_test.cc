// Thinking that has to come back as it was given: the provider's own byte for byte, that of others to those who can
// read it and to nobody else.
#include "gatehouse/dialects/anthropic/replay.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Origin;

constexpr std::string_view kContent = R"([{"type":"thinking","thinking":"Let \"me\" see\nü","signature":"EqQB+/=="},)"
                                      R"({"type":"redacted_thinking","data":"Emx/0=="},)"
                                      R"({"type":"thinking","thinking":"","signature":"OMITTED=="},)"
                                      R"({"type":"text","text":"I look it up."},)"
                                      R"({"type":"tool_use","id":"toolu_1","name":"f","input":{"a": 1.0}}])";

std::string request_with(std::string_view content) {
  return R"({"model":"claude-opus-4-6","max_tokens":5000,"thinking":{"type":"enabled","budget_tokens":2000},)"
         R"("messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":)" +
         std::string(content) +
         R"(},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"1"}]}],)"
         R"("tools":[{"name":"f","input_schema":{"type":"object"}}]})";
}

std::string content_sent(const llm::ChatRequest& request, Origin origin) {
  Losses losses;
  Rewrites rewrites;
  const llm::Quirks quirks;
  const auto body =
      back().write_request(request, {.model = "claude-opus-4-6", .quirks = quirks, .origin = origin}, losses, rewrites);
  if (!body) return body.error().error.detail;
  std::string found;
  json::Value(*body)["messages"].elements([&](json::Value turn) {
    if (turn["role"].raw() == "\"assistant\"") found = turn["content"].raw();
  });
  return found;
}

// Case 1: signed, redacted and empty-but-signed blocks survive, through an answer and the next request.
TEST(AnthropicReplay, ThinkingComesBackByteForByte) {
  const std::string answer =
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-4-6","content":)" +
      std::string(kContent) + R"(,"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}})";
  const llm::Quirks quirks;
  const Rewrites rewrites;
  const auto read = back().read_answer(answer, {.rewrites = rewrites, .quirks = quirks, .origin = Origin::anthropic});
  ASSERT_TRUE(read);
  const llm::ChatRequest asked;
  const std::string told = front().write_answer(*read, {.request = asked, .seed = "s"});
  const std::string content(json::Value(told)["content"].raw());
  EXPECT_EQ(content, kContent);

  const auto next = front().read_request(request_with(content), "", false);
  ASSERT_TRUE(next);
  EXPECT_EQ(content_sent(*next, Origin::anthropic), kContent);
}

TEST(AnthropicReplay, NobodyElseIsSentIt) {
  const auto next = front().read_request(request_with(kContent), "", false);
  ASSERT_TRUE(next);
  const std::string sent = content_sent(*next, Origin::other);
  EXPECT_THAT(sent, testing::Not(testing::HasSubstr("thinking")));
  EXPECT_THAT(sent, testing::HasSubstr("I look it up."));
}

// Case 12: another provider's state goes through a caller of this dialect and comes back to that provider alone.
TEST(AnthropicReplay, StateOfOthersFindsBack) {
  llm::ChatAnswer answer;
  llm::Choice& choice = answer.choices.emplace_back();
  llm::Reasoning summed;
  summed.text = "I thought.";
  summed.summary = true;
  summed.id = "rs_0.1";
  summed.encrypted = {.origin = Origin::openai, .value = "gAAA.5+="};
  llm::Reasoning hidden;
  hidden.id = "rs_2";
  hidden.encrypted = {.origin = Origin::openai, .value = "gBBB"};
  llm::Reasoning signed_thought;
  signed_thought.text = "Hm.";
  signed_thought.signature = {.origin = Origin::gemini, .value = "GEM"};
  llm::Text words{.text = "So."};
  words.signature = {.origin = Origin::gemini, .value = "TXT"};
  llm::ToolCall call;
  call.id = "toolu_1";
  call.name = "f";
  call.arguments = R"({"a":1})";
  call.signature = {.origin = Origin::gemini, .value = "CALL"};
  choice.blocks = {{.value = summed}, {.value = hidden}, {.value = signed_thought}, {.value = words}, {.value = call}};
  choice.finish = llm::FinishReason::tool_calls;

  const llm::ChatRequest asked;
  const std::string told = front().write_answer(answer, {.request = asked, .seed = "s"});
  const auto next = front().read_request(request_with(json::Value(told)["content"].raw()), "", false);
  ASSERT_TRUE(next) << next.error().error.detail;
  const auto& blocks = next->messages[1].blocks;
  ASSERT_EQ(blocks.size(), 5U);
  EXPECT_EQ(*blocks[0].as<llm::Reasoning>(), summed);
  EXPECT_EQ(*blocks[1].as<llm::Reasoning>(), hidden);
  EXPECT_EQ(*blocks[2].as<llm::Reasoning>(), signed_thought);
  EXPECT_EQ(*blocks[3].as<llm::Text>(), words);
  EXPECT_EQ(blocks[4].as<llm::ToolCall>()->signature, call.signature);
  // Anthropic is not shown any of it.
  EXPECT_EQ(content_sent(*next, Origin::anthropic),
            R"([{"type":"text","text":"So."},{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}])");
}

TEST(AnthropicReplay, WhatIsWrappedOtherwiseIsASignature) {
  for (const std::string_view written : {"gh1.gemini.z9", "gh1.gemini.s", "gh1.gemini.s99.a", "gh1.gemini.sx.a"}) {
    const Replayed replayed = unwrap_replayed(written, Belongs::thinking);
    EXPECT_EQ(replayed.belongs, Belongs::thinking);
    EXPECT_EQ(replayed.state.origin, Origin::gemini);
    EXPECT_EQ(replayed.state.value, written.substr(11));
  }
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
