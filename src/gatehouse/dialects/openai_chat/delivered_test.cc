#include "gatehouse/dialects/openai_chat/delivered.h"

#include <gtest/gtest.h>

namespace gatehouse::dialects::openai_chat {
namespace {

std::string delivered(std::string_view json) {
  std::string out;
  append_delivered(json, out);
  return out;
}

TEST(Delivered, EverythingThatTheModelWrote) {
  EXPECT_EQ(delivered(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"a\n"}}]})"), "a\n");
  EXPECT_EQ(delivered(R"({"choices":[{"delta":{"reasoning_content":"why"}},{"delta":{"refusal":"no"}}]})"), "whyno");
  EXPECT_EQ(
      delivered(R"({"choices":[{"delta":{"tool_calls":[{"id":"x","function":{"name":"f","arguments":"{\"a\""}}]}}]})"),
      R"(f{"a")");
  EXPECT_EQ(delivered(R"({"choices":[{"message":{"content":[{"type":"text","text":"part"}]}}]})"), "part");
  EXPECT_EQ(delivered(R"({"choices":[{"text":"old"}]})"), "old");
  EXPECT_EQ(delivered(R"({"choices":[{"message":{"content":null,"function_call":{"name":"g","arguments":"{}"}}}]})"),
            "g{}");
}

TEST(Delivered, OfTheResponsesApi) {
  EXPECT_EQ(delivered(R"({"type":"response.output_text.delta","output_index":0,"delta":"a\n"})"), "a\n");
  EXPECT_EQ(delivered(R"({"delta":"{","type":"response.function_call_arguments.delta"})"), "{");
  EXPECT_EQ(delivered(R"({"type":"response.output_text.done","text":"a"})"), "");  // told before
  EXPECT_EQ(delivered(R"({"type":"response.audio.delta","delta":"UklG"})"), "");
  EXPECT_EQ(delivered(R"({"type":"response.shell_call_output_content.delta","delta":{"stdout":"x"}})"), "");
  EXPECT_EQ(delivered(R"({"type":"response.completed","response":{"output":[{"content":[{"text":"a"}]}]}})"), "");
  EXPECT_EQ(delivered(R"({"object":"response","output":[{"type":"reasoning","summary":[{"text":"s"}]},)"
                      R"({"type":"message","content":[{"type":"output_text","text":"t"},{"refusal":"r"}]},)"
                      R"({"type":"function_call","name":"f","arguments":"{}"}]})"),
            "strf{}");
}

TEST(Delivered, NothingFromWhatIsNoAnswer) {
  for (const auto* other : {"", "[DONE]", "{}", R"({"choices":[]})", R"({"choices":"x"})",
                            R"({"error":{"message":"m"}})", R"({"choices":[{"delta":{"content":"a"}})"}) {
    EXPECT_EQ(delivered(other), "") << other;
  }
}

TEST(OnlyTellsUsage, TheExtraEventAndNoOther) {
  EXPECT_TRUE(only_tells_usage(R"({"id":"a","choices":[],"usage":{"prompt_tokens":1}})"));
  EXPECT_FALSE(only_tells_usage(R"({"id":"a","choices":[{"index":0}],"usage":{"prompt_tokens":1}})"));
  EXPECT_FALSE(only_tells_usage(R"({"id":"a","choices":[],"usage":null})"));
  EXPECT_FALSE(only_tells_usage(R"({"prompt_filter_results":[],"choices":[]})"));
  EXPECT_FALSE(only_tells_usage("[DONE]"));
}

TEST(BlockedEnding, SaysThatAFilterStoppedIt) {
  EXPECT_EQ(end_stream(R"({"id":"c1","object":"chat.completion.chunk"})", 2, "content_filter"),
            "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},"
            "\"logprobs\":null,\"finish_reason\":\"content_filter\"},{\"index\":1,\"delta\":{},\"logprobs\":null,"
            "\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n");
}

TEST(CutShort, EndsAsAProviderEnds) {
  EXPECT_EQ(
      end_stream(R"({"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"delta":{"content":"x"}}]})", 1,
                 "length"),
      "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,"
      "\"delta\":{},\"logprobs\":null,\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n");
  EXPECT_NE(end_stream(R"({"object":"text_completion"})", 2, "length").find(R"({"index":1,"text":"")"),
            std::string::npos);
  EXPECT_NE(end_stream("not json", 1, "length").find("\"finish_reason\":\"length\""), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
