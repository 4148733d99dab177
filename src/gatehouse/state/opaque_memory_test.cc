#include "gatehouse/state/opaque_memory.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/state/state_testing.h"

namespace gatehouse::state {
namespace {

using namespace testing;
using llm::Block;
using llm::Origin;

Block thought(std::string text, std::string signature, Origin origin = Origin::anthropic) {
  llm::Reasoning out;
  out.text = std::move(text);
  out.signature = {.origin = origin, .value = std::move(signature)};
  return {.value = std::move(out)};
}
Block text(std::string words) {
  llm::Text out;
  out.text = std::move(words);
  return {.value = std::move(out)};
}
Block call(std::string id, std::string arguments, std::string signature = {}) {
  llm::ToolCall out;
  out.id = std::move(id);
  out.name = "f";
  out.arguments = std::move(arguments);
  if (!signature.empty()) out.signature = {.origin = Origin::gemini, .value = std::move(signature)};
  return {.value = std::move(out)};
}
llm::ChatAnswer answer(std::vector<Block> blocks) {
  llm::ChatAnswer out;
  out.choices.resize(1);
  out.choices[0].blocks = std::move(blocks);
  return out;
}
llm::ChatRequest history(std::vector<Block> blocks) {
  llm::ChatRequest out;
  out.messages.resize(3);
  out.messages[1].author = llm::Author::assistant;
  out.messages[1].blocks = std::move(blocks);
  out.messages[2].author = llm::Author::tool;
  return out;
}

TEST(OpaqueMemory, thinking_comes_back_where_it_stood) {
  const auto store = sealed();
  OpaqueMemory memory(*store);
  memory.remember(
      "t", answer({thought("why", "S1"), thought("", "S2"), text("Let me look. "), call("c1", "{\"a\": 1}")}), kNow);
  // Trimmed, and the arguments written anew.
  auto request = history({text("Let me look."), call("c1", "{\"a\":1}")});
  EXPECT_EQ(memory.restore("t", request, Origin::anthropic, kNow), 2U);
  const auto& blocks = request.messages[1].blocks;
  ASSERT_EQ(blocks.size(), 4U);
  EXPECT_EQ(blocks[0].as<llm::Reasoning>()->text, "why");
  EXPECT_EQ(blocks[0].as<llm::Reasoning>()->signature.value, "S1");
  EXPECT_EQ(blocks[1].as<llm::Reasoning>()->signature.value, "S2");
  EXPECT_NE(blocks[2].as<llm::Text>(), nullptr);
  // Again: it is there now.
  EXPECT_EQ(memory.restore("t", request, Origin::anthropic, kNow), 0U);
}

TEST(OpaqueMemory, signatures_of_calls_and_texts) {
  const auto store = sealed();
  OpaqueMemory memory(*store);
  llm::Text signed_text;
  signed_text.text = "Both.";
  signed_text.signature = {.origin = Origin::gemini, .value = "T"};
  memory.remember("t", answer({{.value = signed_text}, call("c1", "{}", "G1"), call("c2", "", "G2")}), kNow);
  auto request = history({text("Both."), call("c2", "{}"), call("c1", "")});
  EXPECT_EQ(memory.restore("t", request, Origin::gemini, kNow), 3U);
  const auto& blocks = request.messages[1].blocks;
  EXPECT_EQ(blocks[0].as<llm::Text>()->signature.value, "T");
  EXPECT_EQ(blocks[1].as<llm::ToolCall>()->signature.value, "G2");
  EXPECT_EQ(blocks[2].as<llm::ToolCall>()->signature.value, "G1");
}

TEST(OpaqueMemory, a_call_is_enough_when_the_client_leaves_the_text_out) {
  const auto store = sealed();
  OpaqueMemory memory(*store);
  memory.remember("t", answer({thought("why", "S"), text("words"), call("c1", "{}"), call("c2", "{}")}), kNow);
  auto request = history({call("c1", "{}"), call("c2", "{}")});
  EXPECT_EQ(memory.restore("t", request, Origin::anthropic, kNow), 1U);
  EXPECT_NE(request.messages[1].blocks[0].as<llm::Reasoning>(), nullptr);
}

TEST(OpaqueMemory, an_id_that_is_used_again_brings_nobody_elses_state) {
  const auto store = sealed();
  OpaqueMemory memory(*store);
  memory.remember("t", answer({call("call_0", "{\"city\":\"Lyon\"}", "LYON")}), kNow);
  memory.remember("t", answer({call("call_0", "{\"city\":\"Nice\"}", "NICE")}), kNow);
  auto first = history({call("call_0", "{\"city\":\"Lyon\"}")});
  EXPECT_EQ(memory.restore("t", first, Origin::gemini, kNow), 1U);
  EXPECT_EQ(first.messages[1].blocks[0].as<llm::ToolCall>()->signature.value, "LYON");
  auto unknown = history({text("?"), call("call_0", "{\"city\":\"Oslo\"}")});
  EXPECT_EQ(memory.restore("t", unknown, Origin::gemini, kNow), 0U);
  EXPECT_TRUE(unknown.messages[1].blocks[1].as<llm::ToolCall>()->signature.empty());
}

TEST(OpaqueMemory, goes_to_its_origin_and_its_tenant_only) {
  const auto store = sealed();
  OpaqueMemory memory(*store);
  memory.remember("t", answer({thought("why", "S"), call("c1", "{}", "G")}), kNow);
  for (const Origin other : {Origin::openai, Origin::bedrock, Origin::none, Origin::other}) {
    auto request = history({call("c1", "{}")});
    EXPECT_EQ(memory.restore("t", request, other, kNow), 0U);
    EXPECT_EQ(request.messages[1].blocks.size(), 1U);
    EXPECT_TRUE(request.messages[1].blocks[0].as<llm::ToolCall>()->signature.empty());
  }
  auto strangers = history({call("c1", "{}")});
  EXPECT_EQ(memory.restore("u", strangers, Origin::gemini, kNow), 0U);
  auto gemini = history({call("c1", "{}")});
  EXPECT_EQ(memory.restore("t", gemini, Origin::gemini, kNow), 1U);
  EXPECT_EQ(gemini.messages[1].blocks.size(), 1U);  // no thinking of Claude's
  auto late = history({call("c1", "{}")});
  EXPECT_EQ(memory.restore("t", late, Origin::gemini, kNow + std::chrono::hours(25)), 0U);
}

TEST(OpaqueMemory, what_the_client_sends_stays) {
  const auto store = sealed();
  OpaqueMemory memory(*store);
  memory.remember("t", answer({thought("why", "S"), text("x")}), kNow);
  auto kept = history({thought("why", "CLIENT"), text("x")});
  EXPECT_EQ(memory.restore("t", kept, Origin::anthropic, kNow), 0U);
  EXPECT_EQ(kept.messages[1].blocks[0].as<llm::Reasoning>()->signature.value, "CLIENT");
  // Thoughts without their proof are no use: they come back whole.
  auto bare = history({thought("why", ""), text("x")});
  EXPECT_EQ(memory.restore("t", bare, Origin::anthropic, kNow), 1U);
  ASSERT_EQ(bare.messages[1].blocks.size(), 2U);
  EXPECT_EQ(bare.messages[1].blocks[0].as<llm::Reasoning>()->signature.value, "S");
}

TEST(OpaqueMemory, answers_without_state_or_with_too_much_leave_nothing) {
  const auto store = sealed();
  OpaqueMemory memory(*store);
  memory.remember("t", answer({text("x"), call("c", "{}")}), kNow);
  memory.remember("t", answer({thought("y", "S")}), kNow);  // says nothing that it could be found by
  memory.remember("t", answer({thought("y", std::string(OpaqueMemory::kMostBytes + 1, 's')), text("x")}), kNow);
  EXPECT_EQ(store->stats().entries, 0U);
}

TEST(OpaqueMemory, many_threads) {
  const auto store = sealed(database());
  OpaqueMemory memory(*store);
  std::vector<std::thread> threads;
  std::atomic<std::size_t> restored{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string tenant = "t" + std::to_string(t % 2);
      for (int i = 0; i < 100; ++i) {
        const std::string id = "c" + std::to_string(i % 10);
        memory.remember(tenant, answer({thought(tenant, tenant), call(id, "{}")}), kNow);
        auto request = history({call(id, "{}")});
        restored += memory.restore(tenant, request, Origin::anthropic, kNow);
        const auto* back = request.messages[1].blocks[0].as<llm::Reasoning>();
        EXPECT_TRUE(back != nullptr && back->signature.value == tenant);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(restored, 400U);
}

}  // namespace
}  // namespace gatehouse::state
