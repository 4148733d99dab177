#include "gatehouse/llm/chat/assembler.h"

#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

using Kind = ChatEvent::Kind;

ChatAnswer sample() {
  ChatAnswer answer;
  answer.id = "a1";
  answer.model = "m";
  answer.created = 7;
  Choice& choice = answer.choices.emplace_back();
  choice.blocks.push_back(
      {.value = Reasoning{
           .text = "hm", .summary = false, .id = "r", .signature = {Origin::anthropic, "sig"}, .encrypted = {}}});
  choice.blocks.push_back({.value = Text{.text = "hello", .citations = {}, .logprobs = {}, .signature = {}}});
  ToolCall call;
  call.id = "c1";
  call.name = "f";
  call.arguments = "{}";
  choice.blocks.push_back({.value = call});
  choice.finish = FinishReason::tool_calls;
  answer.usage.prompt_tokens = 3;
  answer.usage.known = true;
  return answer;
}

TEST(AnswerAssembler, PutsTogetherWhatARunSays) {
  const ChatAnswer answer = sample();
  AnswerAssembler assembler;
  for (const auto& event : run_of(answer)) ASSERT_TRUE(assembler.add(event));
  ASSERT_TRUE(assembler.ended());
  const ChatAnswer& again = assembler.answer();
  EXPECT_EQ(again.id, "a1");
  EXPECT_EQ(again.usage, answer.usage);
  ASSERT_EQ(again.choices.size(), 1U);
  ASSERT_EQ(again.choices[0].blocks.size(), 3U);
  EXPECT_EQ(*again.choices[0].blocks[0].as<Reasoning>(), *answer.choices[0].blocks[0].as<Reasoning>());
  EXPECT_EQ(*again.choices[0].blocks[1].as<Text>(), *answer.choices[0].blocks[1].as<Text>());
  EXPECT_EQ(again.choices[0].blocks[2].as<ToolCall>()->arguments, "{}");
  EXPECT_EQ(again.choices[0].finish, FinishReason::tool_calls);
}

TEST(AnswerAssembler, RefusesRunsThatAreNotWellFormed) {
  const auto fails = [](std::vector<ChatEvent> run) {
    AnswerAssembler assembler;
    for (const auto& event : run) {
      if (!assembler.add(event)) return true;
    }
    return false;
  };
  const ChatEvent started{.kind = Kind::started};
  const ChatEvent begins{.kind = Kind::block_started};
  const ChatEvent ends{.kind = Kind::block_ended};
  const ChatEvent grows{.kind = Kind::text, .text = "x"};
  const ChatEvent finished{.kind = Kind::finished, .finish = FinishReason::stop};
  const ChatEvent ended{.kind = Kind::ended};
  EXPECT_FALSE(fails({started, begins, grows, ends, finished, ended}));
  EXPECT_TRUE(fails({begins}));
  EXPECT_TRUE(fails({started, started}));
  EXPECT_TRUE(fails({started, grows}));
  EXPECT_TRUE(fails({started, begins, ends, grows}));
  EXPECT_TRUE(fails({started, begins, finished}));
  EXPECT_TRUE(fails({started, begins, ended}));
  EXPECT_TRUE(fails({started, finished, begins}));
  EXPECT_TRUE(fails({started, ended, ended}));
  EXPECT_TRUE(fails({started, begins, begins}));
}

TEST(AnswerAssembler, KeepsNoMoreThanItsBound) {
  AnswerAssembler assembler(4);
  ASSERT_TRUE(assembler.add({.kind = Kind::started}));
  ASSERT_TRUE(assembler.add({.kind = Kind::block_started}));
  ASSERT_TRUE(assembler.add({.kind = Kind::text, .text = "abcd"}));
  ASSERT_TRUE(assembler.add({.kind = Kind::text, .text = "e"}));
  EXPECT_TRUE(assembler.lost());
  EXPECT_EQ(assembler.answer().choices[0].blocks[0].as<Text>()->text, "abcd");
}

TEST(Opaque, FindsBackToItsOriginOnly) {
  const Opaque state{Origin::gemini, "abc.def"};
  EXPECT_EQ(wrap_opaque(state, Origin::gemini), "abc.def");
  const auto written = wrap_opaque(state, Origin::anthropic);
  EXPECT_EQ(written, "gh1.gemini.abc.def");
  EXPECT_EQ(unwrap_opaque(written, Origin::anthropic), state);
  EXPECT_EQ(unwrap_opaque("plain", Origin::anthropic), (Opaque{Origin::anthropic, "plain"}));
  EXPECT_EQ(unwrap_opaque("gh1.nobody.x", Origin::openai), (Opaque{Origin::openai, "gh1.nobody.x"}));
}

}  // namespace
}  // namespace gatehouse::llm
