#include "gatehouse/dialects/continuation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/call.h"

namespace gatehouse::dialects {
namespace {

using llm::Operation;

std::string continued(Operation operation, const std::string& body, std::string_view answered = "{\"a\":\"1\"}",
                      const std::vector<json::Edit>& edits = {}) {
  const auto made = Continuation::of(operation, body, answered, "Again.");
  if (!made) return {};
  auto out = json::splice(body, made->with(edits));
  if (operation == Operation::responses) {
    EXPECT_TRUE(read_model(out)) << out;
  } else {
    EXPECT_TRUE(read_call(operation, out)) << out;
  }
  return out;
}

TEST(ContinuationTest, TwoMessagesInEachDialectAndNothingElseTouched) {
  EXPECT_EQ(continued(Operation::chat_completions,
                      R"( {"model": "m", "messages" : [ {"role":"user","content":"x]"} ] , "n":1.0})"),
            R"( {"model": "m", "messages" : [ {"role":"user","content":"x]"} ,{"role":"assistant",)"
            R"("content":"{\"a\":\"1\"}"},{"role":"user","content":"Again."}] , "n":1.0})");
  EXPECT_EQ(
      continued(Operation::messages, R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})"),
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant",)"
      R"("content":"{\"a\":\"1\"}"},{"role":"user","content":"Again."}]})");
  for (const auto operation : {Operation::generate_content, Operation::stream_content}) {
    EXPECT_EQ(continued(operation, R"({"contents":[{"parts":[{"text":"x"}]}],"tools":[]})"),
              R"({"contents":[{"parts":[{"text":"x"}]},{"role":"model","parts":[{"text":"{\"a\":\"1\"}"}]},)"
              R"({"role":"user","parts":[{"text":"Again."}]}],"tools":[]})");
  }
  EXPECT_EQ(continued(Operation::responses, R"({"model":"m","input":[{"role":"user","content":"x"}]})"),
            R"({"model":"m","input":[{"role":"user","content":"x"},{"role":"assistant","content":"{\"a\":\"1\"}"},)"
            R"({"role":"user","content":"Again."}]})");
  EXPECT_EQ(continued(Operation::responses, R"({"input" : "x\n", "model":"m"})"),
            R"({"input" : [{"role":"user","content":"x\n"},{"role":"assistant","content":"{\"a\":\"1\"}"},)"
            R"({"role":"user","content":"Again."}], "model":"m"})");
}

TEST(ContinuationTest, BesideTheEditsOfGuards) {
  const std::string text = R"({"input":"mail a@b.c now","user":"a@b.c","model":"m"})";
  const std::vector<json::Edit> edits = {{text.find("a@b.c"), 5, "[EMAIL]"}, {text.rfind("a@b.c"), 5, "[EMAIL]"}};
  EXPECT_EQ(continued(Operation::responses, text, "y", edits),
            R"({"input":[{"role":"user","content":"mail [EMAIL] now"},{"role":"assistant","content":"y"},)"
            R"({"role":"user","content":"Again."}],"user":"[EMAIL]","model":"m"})");
  // A whole string that another stands for.
  const std::string body = R"({"user":"z","input":"all of it","model":"m"})";
  const std::vector<json::Edit> whole = {{body.find("\"z\""), 3, "\"Z\""}, {body.find("\"all"), 11, "\"none\""}};
  EXPECT_EQ(continued(Operation::responses, body, "y", whole),
            R"({"user":"Z","input":[{"role":"user","content":"none"},{"role":"assistant","content":"y"},)"
            R"({"role":"user","content":"Again."}],"model":"m"})");
}

TEST(ContinuationTest, ABlankAnswerIsNotSaidAgain) {
  EXPECT_EQ(
      continued(Operation::chat_completions, R"({"model":"m","messages":[{"role":"user","content":"x"}]})", " \n"),
      R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"user","content":"Again."}]})");
}

TEST(ContinuationTest, WhatCannotBeContinued) {
  const auto none = [](Operation operation, std::string_view body) {
    return !Continuation::of(operation, body, "a", "b").has_value();
  };
  EXPECT_TRUE(none(Operation::completions, R"({"model":"m","prompt":"x"})"));
  EXPECT_TRUE(
      none(Operation::messages, R"({"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"{"}]})"));
  EXPECT_TRUE(none(Operation::generate_content, R"({"contents":[{"role":"model","parts":[]}]})"));
  EXPECT_TRUE(none(Operation::generate_content, R"({"contents":{"parts":[]}})"));
  EXPECT_TRUE(none(Operation::responses, R"({"prompt":{"id":"p"}})"));
  EXPECT_TRUE(none(Operation::responses, R"({"input":"x","conversation":"c"})"));
  EXPECT_FALSE(none(Operation::responses, R"({"input":"x","conversation":null,"previous_response_id":"r"})"));
  EXPECT_TRUE(none(Operation::chat_completions, R"({"messages":[]})"));
}

}  // namespace
}  // namespace gatehouse::dialects
