#include "gatehouse/dialects/delivered.h"

#include <gtest/gtest.h>

namespace gatehouse::dialects {
namespace {

using llm::Operation;

std::string delivered(Operation operation, std::string_view json) {
  std::string out;
  append_delivered(operation, json, out);
  return out;
}

TEST(AppendDelivered, OfMessages) {
  const auto of = [](std::string_view json) { return delivered(Operation::messages, json); };
  EXPECT_EQ(of(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\n"}})"), "a\n");
  EXPECT_EQ(of(R"({"delta":{"thinking":"b","type":"thinking_delta"},"type":"content_block_delta"})"), "b");
  EXPECT_EQ(of(R"({"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{\"c"}})"), "{\"c");
  EXPECT_EQ(of(R"({"type":"content_block_start","content_block":{"type":"tool_use","name":"f","input":{}}})"), "f");
  EXPECT_EQ(of(R"({"type":"content_block_start","content_block":{"type":"text","text":"d"}})"), "d");
  EXPECT_EQ(of(R"({"type":"content_block_delta","delta":{"type":"signature_delta","signature":"x"}})"), "");
  EXPECT_EQ(of(R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":"x"}})"), "");
  EXPECT_EQ(of(R"({"type":"content_block_start","content_block":{"type":"web_search_tool_result","content":[]}})"), "");
  EXPECT_EQ(of(R"({"type":"message","content":[{"type":"thinking","thinking":"t"},{"type":"text","text":"u"},)"
               R"({"type":"tool_use","name":"f","input":{"a":1}}]})"),
            "tuf{\"a\":1}");
  EXPECT_EQ(of("no json"), "");
}

TEST(AppendDelivered, OfContents) {
  const auto of = [](std::string_view json) { return delivered(Operation::stream_content, json); };
  EXPECT_EQ(of(R"({"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b","thought":true},)"
               R"({"functionCall":{"name":"f","args":{"x":1}}}]}}]})"),
            "abf{\"x\":1}");
  EXPECT_EQ(of(R"({"usageMetadata":{"promptTokenCount":1}})"), "");
  EXPECT_EQ(of(R"({"candidates":[{"content":{"parts":[{"text":"a"}]}}])"), "");
}

TEST(OnlyTellsUsage, OfChunksOnly) {
  const auto* const chunk = R"({"choices":[],"usage":{"prompt_tokens":1}})";
  EXPECT_TRUE(only_tells_usage(Operation::chat_completions, chunk));
  EXPECT_FALSE(only_tells_usage(Operation::messages, chunk));
}

}  // namespace
}  // namespace gatehouse::dialects
