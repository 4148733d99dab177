#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/bedrock/codec.h"
#include "gatehouse/dialects/bedrock/testing/dump.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::bedrock {
namespace {

namespace fs = std::filesystem;
using testing::Event;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

// The events as frames bring them: by their names.
std::vector<Event> named(std::string_view jsonl) {
  std::vector<Event> events;
  for (const std::string& line : lines(jsonl)) {
    json::Value(line).members([&](std::string_view key, json::Value data) {
      const std::string name = std::string(key.ends_with("Exception") ? "exception:" : "") + std::string(key);
      events.push_back({name, std::string(data.raw())});
    });
  }
  return events;
}

struct With {
  Rewrites rewrites{};
  llm::Quirks quirks{};
  llm::Origin origin = llm::Origin::anthropic;
  Reading reading() const { return {.rewrites = rewrites, .quirks = quirks, .origin = origin}; }
  std::string stream(const std::vector<Event>& events) const { return testing::dump(events, reading(), back()); }
  std::string stream(std::string_view jsonl) const { return stream(named(jsonl)); }
  std::string whole(std::string_view body) const {
    const auto answer = back().read_answer(body, reading());
    return answer ? testing::dump(*answer) : answer.error().to_string() + "\n";
  }
};

TEST(BedrockAnswer, golden_files) {
  std::set<std::string> cases;
  for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / "bedrock_codec")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".txt")) continue;
    const std::string stem = name.substr(0, name.find('.'));
    cases.insert(stem);
    const fs::path base = entry.path().parent_path() / stem;
    const std::string expected = contents(entry.path());
    const With with;
    if (fs::exists(base.string() + ".stream.jsonl")) {
      const std::string jsonl = contents(base.string() + ".stream.jsonl");
      EXPECT_EQ(with.stream(jsonl), expected) << stem;
      std::vector<Event> unions;
      for (const std::string& line : lines(jsonl)) unions.push_back({"", line});
      EXPECT_EQ(with.stream(unions), expected) << stem << " as unions without names";
    }
    // The same answer whole.
    if (fs::exists(base.string() + ".answer.json")) {
      EXPECT_EQ(with.whole(contents(base.string() + ".answer.json")) + "ended\n", expected) << stem;
    }
  }
  EXPECT_GE(cases.size(), 10U);
}

// A stream that ends anywhere but behind messageStop has failed, and what came before is well-formed.
TEST(BedrockAnswer, StreamsThatEndEarly) {
  for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / "bedrock_codec")) {
    if (entry.path().extension() != ".jsonl") continue;
    const std::vector<Event> events = named(contents(entry.path()));
    bool stopped = false;
    bool failed = false;
    for (std::size_t count = 0; count <= events.size(); ++count) {
      if (count > 0) {
        stopped = stopped || events[count - 1].name == "messageStop";
        failed = failed || events[count - 1].name.starts_with("exception:");
      }
      const std::string said =
          With().stream(std::vector<Event>(events.begin(), events.begin() + static_cast<long>(count)));
      EXPECT_EQ(said.ends_with("ended\n"), stopped && !failed) << entry.path() << count << said;
      EXPECT_EQ(said.find("broken run"), std::string::npos) << said;
    }
  }
}

constexpr std::string_view kUsage = R"("usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2})";
std::string answer(std::string_view content, std::string_view reason = "tool_use") {
  std::string body = R"({"output":{"message":{"role":"assistant","content":[)";
  body.append(content).append(R"(]}},"stopReason":")").append(reason).append("\",").append(kUsage).append("}");
  return body;
}

TEST(BedrockAnswer, BodiesThatAreNone) {
  const With with;
  for (const std::string_view body :
       {"", "[]", "{}", "null", R"({"output":{}})", R"({"output":{"message":null}})", R"({"output":{"message":{}})",
        R"({"output":{"message":{"content":[{"text":"a"]}}})", R"({"message":"The model is busy"})"}) {
    EXPECT_TRUE(with.whole(body).starts_with("upstream_protocol")) << body;
  }
  const std::string good = answer(R"({"text":"a"})", "end_turn");
  EXPECT_TRUE(with.whole(good + " ").starts_with(R"({"text":"a"})"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(with.whole(good.substr(0, size)).starts_with("upstream_protocol")) << size;
  }
}

TEST(BedrockAnswer, StopReasons) {
  const With with;
  const auto finish = [&](std::string_view content, std::string_view reason) {
    const std::string said = with.whole(answer(content, reason));
    return std::string(*json::Value(said.substr(
        said.find("{\"finish\""), said.find('\n', said.find("{\"finish\"")) - said.find("{\"finish\"")))["finish"]
                            .string());
  };
  constexpr std::string_view kText = R"({"text":"a"})";
  constexpr std::string_view kCall = R"({"toolUse":{"toolUseId":"1","name":"f","input":{}}})";
  EXPECT_EQ(finish(kText, "end_turn"), "stop");
  EXPECT_EQ(finish(kCall, "tool_use"), "tool_calls");
  EXPECT_EQ(finish(kText, "max_tokens"), "length");
  EXPECT_EQ(finish(kText, "stop_sequence"), "stop_sequence");
  EXPECT_EQ(finish(kText, "guardrail_intervened"), "content_filter");
  EXPECT_EQ(finish(kText, "content_filtered"), "content_filter");
  EXPECT_EQ(finish(kText, "malformed_model_output"), "malformed");
  EXPECT_EQ(finish(kText, "malformed_tool_use"), "malformed");
  EXPECT_EQ(finish(kText, "model_context_window_exceeded"), "context_length");
  EXPECT_EQ(finish(kCall, "end_turn"), "tool_calls") << "some models say so";
  EXPECT_EQ(finish(kCall, "max_tokens"), "length");
  EXPECT_EQ(finish(kCall, "something_new"), "tool_calls");
  EXPECT_EQ(finish(kText, "something_new"), "stop");
}

TEST(BedrockAnswer, TheStopSequenceThatWasMet) {
  std::string body = answer(R"({"text":"a"})", "stop_sequence");
  body.insert(body.size() - 1, R"(,"additionalModelResponseFields":{"stop_sequence":"END"})");
  EXPECT_NE(With().whole(body).find(R"("stop_sequence":"END"})"), std::string::npos);
}

TEST(BedrockAnswer, BlocksThatAreNotKnownAreKept) {
  const With with;
  EXPECT_TRUE(with.whole(answer(R"({"hologram":{"x":[1]}},{"type":"text","text":"a"},{"text":""},{})", "end_turn"))
                  .starts_with("{\"foreign\":\"hologram\",\"json\":\"{\\\"hologram\\\":{\\\"x\\\":[1]}}\"}\n"
                               "{\"text\":\"a\"}\n{\"finish\""));
  EXPECT_TRUE(with.whole(answer(R"({"image":{"format":"jpeg","source":{"bytes":"eA=="}}})", "end_turn"))
                  .starts_with(R"({"media":"image/jpeg","data":"eA==","url":""})"));
}

// What a Claude redacted is what Anthropic's own API calls data; another model's stays with Bedrock.
TEST(BedrockAnswer, RedactedThinking) {
  With with;
  const std::string body = answer(R"({"reasoningContent":{"redactedContent":"REFUQQ=="}})", "end_turn");
  EXPECT_TRUE(with.whole(body).starts_with(R"({"reasoning":"","encrypted":{"anthropic":"DATA"}})"));
  const std::string binary = answer(R"({"reasoningContent":{"redactedContent":"AAEC"}})", "end_turn");
  EXPECT_TRUE(with.whole(binary).starts_with(R"({"reasoning":"","encrypted":{"bedrock":"AAEC"}})"));
  with.origin = llm::Origin::bedrock;
  EXPECT_TRUE(with.whole(body).starts_with(R"({"reasoning":"","encrypted":{"bedrock":"REFUQQ=="}})"));
}

// --- what was rewritten is undone

constexpr std::string_view kStreamedCall = R"({"messageStart":{"role":"assistant"}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Here it is:"}}}
{"contentBlockStop":{"contentBlockIndex":0}}
{"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"1","name":"answer_in_json"}}}}
{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"value\""}}}}
{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":":[1,\"a\"]}"}}}}
{"contentBlockStop":{"contentBlockIndex":1}}
{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"text":"Anything else?"}}}
{"contentBlockStop":{"contentBlockIndex":2}}
{"messageStop":{"stopReason":"tool_use"}}
{"metadata":{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}}
)";
constexpr std::string_view kWholeCall =
    R"({"text":"Here it is:"},{"toolUse":{"toolUseId":"1","name":"answer_in_json","input":{"value":[1,"a"]}}},)"
    R"({"text":"Anything else?"})";

// Case 10: the tool that stands for the format is seen by nobody.
TEST(BedrockAnswer, TheAnswerThatCameAsACall) {
  With with;
  with.rewrites.json_tool = "answer_in_json";
  std::string expected =
      "{\"text\":\"{\\\"value\\\":[1,\\\"a\\\"]}\"}\n"
      R"({"finish":"stop","native":"tool_use","stop_sequence":""})";
  EXPECT_TRUE(with.stream(kStreamedCall).starts_with(expected)) << with.stream(kStreamedCall);
  EXPECT_EQ(with.whole(answer(kWholeCall)) + "ended\n", with.stream(kStreamedCall));
  with.rewrites.json_wrapped = true;
  expected = "{\"text\":\"[1,\\\"a\\\"]\"}\n";
  EXPECT_TRUE(with.stream(kStreamedCall).starts_with(expected)) << with.stream(kStreamedCall);
  EXPECT_EQ(with.whole(answer(kWholeCall)) + "ended\n", with.stream(kStreamedCall));
}

TEST(BedrockAnswer, AnswersBesideCallsOfOtherTools) {
  With with;
  with.rewrites.json_tool = "j";
  constexpr std::string_view kStream = R"({"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"First"}}}
{"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"1","name":"f"}}}}
{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}}
{"contentBlockStop":{"contentBlockIndex":1}}
{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"text":"Now"}}}
{"contentBlockStart":{"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"2","name":"j"}}}}
{"contentBlockDelta":{"contentBlockIndex":3,"delta":{"toolUse":{"input":"{\"a\":1}"}}}}
{"contentBlockStop":{"contentBlockIndex":3}}
{"contentBlockStart":{"contentBlockIndex":4,"start":{"toolUse":{"toolUseId":"3","name":"j"}}}}
{"contentBlockDelta":{"contentBlockIndex":4,"delta":{"toolUse":{"input":"{\"a\":2}"}}}}
{"contentBlockStop":{"contentBlockIndex":4}}
{"messageStop":{"stopReason":"tool_use"}}
{"metadata":{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}}
)";
  const std::string said = with.stream(kStream);
  EXPECT_TRUE(
      said.starts_with("{\"text\":\"First\"}\n{\"call\":\"f\",\"id\":\"1\",\"arguments\":\"{}\"}\n"
                       "{\"text\":\"{\\\"a\\\":1}\"}\n{\"finish\":\"tool_calls\""))
      << said;
  EXPECT_EQ(with.whole(answer(R"({"text":"First"},{"toolUse":{"toolUseId":"1","name":"f","input":{}}},{"text":"Now"},)"
                              R"({"toolUse":{"toolUseId":"2","name":"j","input":{"a":1}}},)"
                              R"({"toolUse":{"toolUseId":"3","name":"j","input":{"a":2}}})")) +
                "ended\n",
            said);
  // The model answered in words after all: they are not lost.
  constexpr std::string_view kWords = R"({"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"I "}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"cannot."}}}
{"messageStop":{"stopReason":"end_turn"}}
)";
  EXPECT_TRUE(with.stream(kWords).starts_with("{\"text\":\"I cannot.\"}\n{\"finish\":\"stop\""));
}

TEST(BedrockAnswer, NativeAnswersThatHadToBeWrapped) {
  With with;
  with.rewrites.json_wrapped = true;
  constexpr std::string_view kStream = R"({"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"{\"val"}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"ue\": [1, 2"}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"]}"}}}
{"messageStop":{"stopReason":"end_turn"}}
)";
  EXPECT_TRUE(with.stream(kStream).starts_with("{\"text\":\"[1, 2]\"}\n")) << with.stream(kStream);
  EXPECT_TRUE(
      with.whole(answer(R"({"text":"{\"value\": [1, 2]}"})", "end_turn")).starts_with("{\"text\":\"[1, 2]\"}\n"));
}

TEST(BedrockAnswer, NamesAndTextsOfTools) {
  With with;
  with.rewrites.tool_names = {{"look_up_0123", "look up"}};
  with.rewrites.text_tools = {"apply_patch"};
  constexpr std::string_view kStream =
      R"({"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"1","name":"look_up_0123"}}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}}}
{"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"2","name":"apply_patch"}}}}
{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"inp"}}}}
{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"ut\":\"a\\nb\"}"}}}}
{"messageStop":{"stopReason":"tool_use"}}
{"metadata":{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}}
)";
  const std::string said = with.stream(kStream);
  EXPECT_TRUE(
      said.starts_with("{\"call\":\"look up\",\"id\":\"1\",\"arguments\":\"{}\"}\n"
                       "{\"custom_call\":\"apply_patch\",\"id\":\"2\",\"arguments\":\"a\\nb\"}\n"))
      << said;
  EXPECT_EQ(with.whole(answer(R"({"toolUse":{"toolUseId":"1","name":"look_up_0123","input":{}}},)"
                              R"({"toolUse":{"toolUseId":"2","name":"apply_patch","input":{"input":"a\nb"}}})")) +
                "ended\n",
            said);
}

TEST(BedrockStream, WhatIsNotKnownSaysNothing) {
  const With with;
  std::vector<Event> events = named(R"({"messageStart":{"role":"assistant","x":1}}
{"contentBlockStart":{"contentBlockIndex":0,"start":{}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"hologram":1}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"a"}}}
{"contentBlockDelta":{"delta":{"text":"b"}}}
{"contentBlockStop":{"contentBlockIndex":7}}
{"contentBlockStop":{}}
{"messageStop":{"stopReason":"end_turn"}}
)");
  events.insert(events.begin() + 1, {"initial-response", "not json"});
  EXPECT_TRUE(with.stream(events).starts_with("{\"text\":\"a\"}\n{\"finish\":\"stop\"")) << with.stream(events);
}

TEST(BedrockStream, NothingBeginsBehindTheEnd) {
  const std::string said = With().stream(R"({"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"a"}}}
{"messageStop":{"stopReason":"end_turn"}}
{"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"1","name":"f"}}}}
{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"text":"b"}}}
{"messageStop":{"stopReason":"max_tokens"}}
{"metadata":{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}}
{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"text":"c"}}}
)");
  EXPECT_TRUE(said.starts_with("{\"text\":\"a\"}\n{\"finish\":\"stop\"")) << said;
  EXPECT_TRUE(said.ends_with("ended\n"));
}

TEST(BedrockStream, KindsOfOneNumberAreTwoBlocks) {
  const std::string said =
      With().stream(R"({"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"a"}}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"b"}}}
{"messageStop":{"stopReason":"end_turn"}}
)");
  EXPECT_TRUE(said.starts_with("{\"reasoning\":\"a\"}\n{\"text\":\"b\"}\n")) << said;
}

TEST(BedrockStream, EventsThatCannotBeReadFail) {
  for (const Event& event :
       std::vector<Event>{{"contentBlockDelta", "{\"contentBlockIndex\":0,"},
                          {"contentBlockDelta", ""},
                          {"contentBlockDelta", "{} x"},
                          {"contentBlockStart", "{"},
                          {"contentBlockStop", "}"},
                          {"messageStop", "[]"},
                          {"metadata", ""},
                          {"", "[]"},
                          {"contentBlockDelta", R"({"contentBlockIndex":3,"delta":{"toolUse":{"input":"x"}}})"}}) {
    const std::string said =
        With().stream({{"messageStart", "{}"}, event, {"messageStop", R"({"stopReason":"end_turn"})"}});
    EXPECT_NE(said.find(R"({"error":"api","status":502)"), std::string::npos) << event.name << event.data << said;
  }
}

TEST(BedrockStream, Exceptions) {
  const auto error = [](std::string_view name, std::string_view data) {
    const std::string said = With().stream({{std::string("exception:").append(name), std::string(data)}});
    return said.substr(said.find("{\"error\""));
  };
  EXPECT_EQ(error("throttlingException", R"({"message":"slow"})"),
            "{\"error\":\"rate_limit\",\"status\":429,\"type\":\"throttlingException\",\"message\":\"slow\"}\n");
  EXPECT_EQ(error("serviceUnavailableException", "{}"),
            "{\"error\":\"overloaded\",\"status\":503,\"type\":\"serviceUnavailableException\",\"message\":\"\"}\n");
  EXPECT_EQ(error("validationException", R"({"Message":"prompt is too long: 9 tokens > 8 maximum"})"),
            "{\"error\":\"context_length\",\"status\":400,\"type\":\"validationException\","
            "\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}\n");
  EXPECT_EQ(error("internalServerException", "not json"),
            "{\"error\":\"api\",\"status\":500,\"type\":\"internalServerException\",\"message\":\"not json\"}\n");
  EXPECT_EQ(error("newException", R"({"message":"?"})"),
            "{\"error\":\"api\",\"status\":500,\"type\":\"newException\",\"message\":\"?\"}\n");
}

TEST(BedrockErrors, ByStatusAndWords) {
  const auto error = [](int status, std::string_view body) { return testing::dump(back().read_error(status, body)); };
  EXPECT_EQ(error(400, R"({"message":"The provided model identifier is invalid."})"),
            "{\"error\":\"invalid_request\",\"status\":400,\"type\":\"\","
            "\"message\":\"The provided model identifier is invalid.\"}\n");
  EXPECT_EQ(error(400, R"({"message":"Input is too long for requested model."})").substr(0, 26),
            R"({"error":"context_length",)");
  EXPECT_EQ(error(403, R"({"Message":"The security token included in the request is expired"})").substr(0, 26),
            R"({"error":"authentication",)");
  EXPECT_EQ(error(403, R"({"Message":"You don't have access to the model"})").substr(0, 22),
            R"({"error":"permission",)");
  EXPECT_EQ(error(404, R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"})"),
            "{\"error\":\"not_found\",\"status\":404,\"type\":\"UnknownOperationException\",\"message\":\"\"}\n");
  EXPECT_EQ(error(400, R"({"__type":"ServiceQuotaExceededException","message":"q"})").substr(0, 22),
            R"({"error":"rate_limit",)");
  EXPECT_EQ(error(408, R"({"message":"Model timed out"})").substr(0, 18), R"({"error":"timeout")");
  EXPECT_EQ(error(424, R"({"originalStatusCode":400,"message":"x"})").substr(0, 15), R"({"error":"api",)");
  EXPECT_EQ(error(429, "").substr(0, 21), R"({"error":"rate_limit")");
  EXPECT_EQ(error(503, "<html>busy</html>"),
            "{\"error\":\"overloaded\",\"status\":503,\"type\":\"\",\"message\":\"\"}\n");
  EXPECT_EQ(error(500, "[1]").substr(0, 14), R"({"error":"api")");
  EXPECT_EQ(error(500, std::string("\xff\xfe{", 3)).substr(0, 14), R"({"error":"api")");
}

}  // namespace
}  // namespace gatehouse::dialects::bedrock
