#include "gatehouse/dialects/blocked.h"

#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"

namespace gatehouse::dialects {
namespace {

using llm::Operation;

// Keeps `keep` bytes of each of the texts that come from `from` on, all of those before.
std::string blocked(Operation operation, std::string_view body, std::size_t from, std::size_t keep = 0) {
  DeltaReader reader(operation);
  std::vector<llm::Delta> deltas;
  EXPECT_TRUE(reader.read_body(body, deltas));
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < deltas.size(); ++i) kept.push_back(i < from ? deltas[i].text.size() : keep);
  std::string out = blocked_body(operation, body, deltas, reader.logprobs(), kept);
  EXPECT_TRUE(json::validate(out)) << out;
  return out;
}

TEST(BlockedBody, TheChoiceThatIsCutEndsAsFiltered) {
  const auto body =
      R"({"choices":[{"index":0,"message":{"content":"fine"},"logprobs":{"content":[{"token":"fine"}]},"finish_reason":"stop"},)"
      R"({"index":1,"message":{"content":"call \u00e9a"},"logprobs":{"content":[{"token":"x"}]},"finish_reason":"stop"}],"usage":{"a":1}})";
  EXPECT_EQ(
      blocked(Operation::chat_completions, body, 1, 6),
      R"({"choices":[{"index":0,"message":{"content":"fine"},"logprobs":{"content":[{"token":"fine"}]},"finish_reason":"stop"},)"
      R"({"index":1,"message":{"content":"call "},"logprobs":null,"finish_reason":"content_filter"}],"usage":{"a":1}})");
  EXPECT_EQ(blocked(Operation::chat_completions, body, 9), body);
}

TEST(BlockedBody, NoHalfCallIsMade) {
  const auto body =
      R"({"choices":[{"message":{"content":"so","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},)"
      R"({"id":"b","function":{"name":"g","arguments":"{\"x\":1}"}}]}}]})";
  EXPECT_EQ(
      blocked(Operation::chat_completions, body, 4, 3),
      R"({"choices":[{"finish_reason":"content_filter","message":{"content":"so","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]}}]})");
  EXPECT_EQ(blocked(Operation::chat_completions, body, 1),
            R"({"choices":[{"finish_reason":"content_filter","message":{"content":"so","tool_calls":null}}]})");
  EXPECT_EQ(
      blocked(
          Operation::chat_completions,
          R"({"choices":[{"message":{"function_call":{"name":"f","arguments":"{}"},"audio":{"data":"UklG","transcript":"a b"}},"finish_reason":"stop"}]})",
          0),
      R"({"choices":[{"message":{"function_call":null,"audio":null},"finish_reason":"content_filter"}]})");
}

TEST(BlockedBody, CompletionsAndWhatHasNoEnding) {
  EXPECT_EQ(
      blocked(Operation::completions, R"({"choices":[{"text":"one two","finish_reason":"stop","index":0}]})", 0, 4),
      R"({"choices":[{"text":"one ","finish_reason":"content_filter","index":0}]})");
  EXPECT_EQ(blocked(Operation::audio, R"({"text":"one two"})", 0, 4), R"({"text":"one "})");
}

TEST(BlockedBody, AResponseIsIncomplete) {
  const auto body =
      R"({"id":"r","status":"completed","incomplete_details":null,"output":[)"
      R"({"type":"function_call","status":"completed","name":"f","arguments":"{}"},)"
      R"({"type":"message","status":"completed","content":[{"type":"output_text","text":"one two","logprobs":[{"token":"one"}]}]},)"
      R"({"type":"function_call","name":"g","arguments":"{\"a\":1}"}]})";
  EXPECT_EQ(
      blocked(Operation::responses, body, 2, 4),
      R"({"id":"r","status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[)"
      R"({"type":"function_call","status":"completed","name":"f","arguments":"{}"},)"
      R"({"type":"message","status":"incomplete","content":[{"type":"output_text","text":"one ","logprobs":[]}]}]})");
  EXPECT_EQ(blocked(Operation::responses, body, 0),
            R"({"id":"r","status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[)"
            R"({"type":"message","status":"incomplete","content":[{"type":"output_text","text":"","logprobs":[]}]}]})");
  EXPECT_EQ(blocked(Operation::responses, R"({"output":[{"type":"function_call","arguments":"{}"}]})", 0),
            R"({"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]})");
}

TEST(BlockedBody, MessagesAreRefused) {
  const auto body =
      R"({"content":[{"type":"text","text":"fine"},{"type":"tool_use","id":"t","name":"f","input":{"a":"b"}},)"
      R"({"type":"text","text":"call me"}],"stop_reason":"end_turn","usage":{"output_tokens":3}})";
  // "fine", the name, the argument's name and value, "call me".
  EXPECT_EQ(blocked(Operation::messages, body, 4, 5),
            R"({"content":[{"type":"text","text":"fine"},{"type":"tool_use","id":"t","name":"f","input":{"a":"b"}},)"
            R"({"type":"text","text":"call "}],"stop_reason":"refusal","usage":{"output_tokens":3}})");
  EXPECT_EQ(blocked(Operation::messages, body, 3, 0),
            R"({"content":[{"type":"text","text":"fine"},)"
            R"({"type":"text","text":""}],"stop_reason":"refusal","usage":{"output_tokens":3}})");
  EXPECT_EQ(blocked(Operation::messages, body, 9), body);
}

TEST(BlockedBody, CandidatesEndForSafety) {
  const auto body =
      R"({"candidates":[{"content":{"parts":[{"text":"fine"},{"functionCall":{"name":"f","args":{"a":"b"}}}]},)"
      R"("finishReason":"STOP","index":0},{"content":{"parts":[{"text":"other"}]},"index":1}],"modelVersion":"m"})";
  EXPECT_EQ(
      blocked(Operation::generate_content, body, 3, 0),
      R"({"candidates":[{"content":{"parts":[{"text":"fine"}]},)"
      R"("finishReason":"SAFETY","index":0},{"finishReason":"SAFETY","content":{"parts":[{"text":""}]},"index":1}],)"
      R"("modelVersion":"m"})");
  EXPECT_EQ(blocked(Operation::generate_content, body, 9), body);
}

}  // namespace
}  // namespace gatehouse::dialects
