#include "gatehouse/dialects/openai_chat/tool_ids.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Author;
using llm::Block;
using llm::Message;
using llm::ToolCall;
using llm::ToolResult;

Block call(std::string id, std::string name = "f") {
  ToolCall made;
  made.id = std::move(id);
  made.name = std::move(name);
  return {.value = std::move(made)};
}
Block result(std::string id, std::string name = {}) {
  ToolResult made;
  made.call_id = std::move(id);
  made.name = std::move(name);
  return {.value = std::move(made)};
}
Message message(std::vector<Block> blocks) {
  Message made;
  made.author = Author::assistant;
  made.blocks = std::move(blocks);
  return made;
}

std::string_view id(const ToolIds& ids, const Message& of, std::size_t at) {
  const Block& block = of.blocks[at];
  if (const auto* one = block.as<ToolCall>()) return ids.of(*one);
  return ids.of(*block.as<ToolResult>());
}

TEST(ToolIds, any_id_stays) {
  const std::vector<Message> messages{message({call("toolu_01"), result("toolu_01")})};
  const ToolIds ids(messages, 0, 0);
  EXPECT_EQ(id(ids, messages[0], 0), "toolu_01");
  EXPECT_EQ(id(ids, messages[0], 1), "toolu_01");
}

TEST(ToolIds, nine_letters_are_hashed_not_cut) {
  // Alike in their first and in their last nine characters.
  const std::string a = "toolu_0123456789a0123456789";
  const std::string b = "toolu_0123456789b0123456789";
  const std::vector<Message> messages{message({call(a), call(b), call("abcDEF123"), result(b), result(a)})};
  const ToolIds ids(messages, 9, 0);
  const auto first = id(ids, messages[0], 0);
  const auto second = id(ids, messages[0], 1);
  EXPECT_THAT(std::string(first), testing::MatchesRegex("[a-zA-Z0-9]{9}"));
  EXPECT_NE(first, second);
  EXPECT_EQ(id(ids, messages[0], 2), "abcDEF123");
  EXPECT_EQ(id(ids, messages[0], 3), second);
  EXPECT_EQ(id(ids, messages[0], 4), first);
  // The same in the next turn.
  const std::vector<Message> later{message({call("other_one_before"), call(a)})};
  EXPECT_EQ(id(ToolIds(later, 9, 0), later[0], 1), first);
}

TEST(ToolIds, no_two_meet) {
  // One character has 62 values: 50 calls would meet, were it not checked.
  std::vector<Block> calls;
  for (int i = 0; i < 50; ++i) calls.push_back(call("id_" + std::to_string(i)));
  const std::vector<Message> messages{message(std::move(calls))};
  const ToolIds ids(messages, 1, 0);
  std::set<std::string, std::less<>> seen;
  for (std::size_t i = 0; i < 50; ++i) seen.emplace(id(ids, messages[0], i));
  EXPECT_EQ(seen.size(), 50U);
}

TEST(ToolIds, an_id_that_fits_is_not_taken_by_a_hash) {
  // Whatever one character the first hashes to, a later call that has it keeps it.
  for (const char c : std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) {
    const std::vector<Message> messages{message({call("long one"), call(std::string(1, c))})};
    const ToolIds ids(messages, 1, 0);
    EXPECT_EQ(id(ids, messages[0], 1), std::string(1, c));
    EXPECT_NE(id(ids, messages[0], 0), id(ids, messages[0], 1));
  }
}

TEST(ToolIds, too_long_ones_are_shortened) {
  const std::string long_id(60, 'x');
  const std::vector<Message> messages{message({call(long_id), call("short")})};
  const ToolIds ids(messages, 0, 40);
  EXPECT_LE(id(ids, messages[0], 0).size(), 40U);
  EXPECT_EQ(id(ids, messages[0], 1), "short");
}

TEST(ToolIds, results_without_ids_find_their_calls) {
  const std::vector<Message> messages{
      message({call("", "a"), call("", "b"), result("", "b"), result("", "a"), result("")})};
  const ToolIds ids(messages, 0, 0);
  EXPECT_NE(id(ids, messages[0], 0), id(ids, messages[0], 1));
  EXPECT_EQ(id(ids, messages[0], 2), id(ids, messages[0], 1));
  EXPECT_EQ(id(ids, messages[0], 3), id(ids, messages[0], 0));
  EXPECT_FALSE(id(ids, messages[0], 4).empty());
}

TEST(ToolNames, only_what_openai_refuses_is_rewritten) {
  std::vector<std::pair<std::string, std::string>> rewritten;
  ToolNames names(rewritten);
  EXPECT_EQ(names.of("get-weather_2"), "get-weather_2");
  EXPECT_TRUE(rewritten.empty());
  const std::string dotted = "mcp.server:tool";
  const std::string other = "mcp.server.tool";
  const std::string sent(names.of(dotted));
  EXPECT_THAT(sent, testing::MatchesRegex("[a-zA-Z0-9_-]+"));
  EXPECT_NE(sent, names.of(other));
  EXPECT_EQ(names.of(dotted), sent);
  ASSERT_EQ(rewritten.size(), 2U);
  EXPECT_EQ(rewritten[0], (std::pair{sent, dotted}));
  const std::string very_long(200, 'n');
  EXPECT_LE(names.of(very_long).size(), 64U);
}

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
