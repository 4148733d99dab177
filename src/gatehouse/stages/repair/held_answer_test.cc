#include "gatehouse/stages/repair/held_answer.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::stages {
namespace {

using llm::Operation;
using pipeline::Form;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

HeldAnswer read_of(Operation operation, Form form, std::string bytes) {
  HeldAnswer answer;
  answer.bytes = std::move(bytes);
  EXPECT_TRUE(read(answer, operation, form)) << answer.bytes;
  return answer;
}

std::string chat(const std::string& message, const std::string& finish) {
  return R"({"choices":[{"index":0,"message":)" + message + R"(,"finish_reason":)" + finish + "}]}";
}

TEST(HeldAnswerTest, WholeAnswers) {
  auto answer = read_of(Operation::chat_completions, Form::whole,
                        chat(R"({"content":"{\"a\":1}","reasoning_content":"so"})", "\"stop\""));
  EXPECT_THAT(answer.contents, ElementsAre("{\"a\":1}"));
  EXPECT_TRUE(answer.ended_itself);
  answer = read_of(Operation::messages, Form::whole,
                   R"({"type":"message","content":[{"type":"thinking","thinking":"so"},{"type":"text","text":"x"},)"
                   R"({"type":"text","text":"y"}],"stop_reason":"end_turn"})");
  EXPECT_THAT(answer.contents, ElementsAre("x", "y"));
  EXPECT_EQ(answer.said(), "xy");
  EXPECT_TRUE(answer.ended_itself);
}

TEST(HeldAnswerTest, WhatItsModelDidNotEndItself) {
  const auto ended = [](const std::string& body) {
    return read_of(Operation::chat_completions, Form::whole, body).ended_itself;
  };
  EXPECT_TRUE(ended(chat(R"({"content":"x"})", "\"stop\"")));
  EXPECT_TRUE(ended(chat(R"({"content":"x"})", "null")));
  EXPECT_FALSE(ended(chat(R"({"content":"x"})", "\"length\"")));
  EXPECT_FALSE(ended(chat(R"({"content":"x"})", "\"content_filter\"")));
  EXPECT_FALSE(ended(chat(R"({"content":"x","tool_calls":[{"id":"c","type":"function","function":{"name":"f",)"
                          R"("arguments":"{}"}}]})",
                          "\"stop\"")));
  EXPECT_FALSE(ended(R"({"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"},)"
                     R"({"index":1,"message":{"content":"y"},"finish_reason":"stop"}]})"));
}

TEST(HeldAnswerTest, Streams) {
  const auto event = [](const std::string& delta, const std::string& finish) {
    return R"(data: {"choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + finish + "}]}\n\n";
  };
  auto answer = read_of(Operation::chat_completions, Form::events,
                        event(R"({"content":"{\"a\""})", "null") + ": ping\n\n" +
                            event(R"({"content":":1}"})", "null") + event("{}", "\"stop\"") + "data: [DONE]\n\n");
  EXPECT_THAT(answer.contents, ElementsAre("{\"a\":1}"));
  EXPECT_TRUE(answer.ended_itself);
  // What ends a text of the responses API repeats it.
  answer = read_of(
      Operation::responses, Form::events,
      "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"content_index\":0,\"delta\":\"x\"}\n\n"
      "data: {\"type\":\"response.output_text.done\",\"output_index\":0,\"content_index\":0,\"text\":\"x\"}\n\n");
  EXPECT_THAT(answer.contents, ElementsAre("x"));
  answer = read_of(Operation::chat_completions, Form::events, "data: [DONE]\n\n");
  EXPECT_THAT(answer.contents, IsEmpty());
}

TEST(HeldAnswerTest, WhatCannotBeRead) {
  HeldAnswer answer;
  answer.bytes = "{";
  EXPECT_FALSE(read(answer, Operation::chat_completions, Form::whole));
  answer.bytes = "data: {\n\n";
  EXPECT_FALSE(read(answer, Operation::chat_completions, Form::events));
}

}  // namespace
}  // namespace gatehouse::stages
