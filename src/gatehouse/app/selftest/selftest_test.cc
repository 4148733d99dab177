#include "gatehouse/app/commands/selftest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/app/selftest/report.h"
#include "gatehouse/app/selftest/shape.h"
#include "gatehouse/app/selftest/tester.h"

namespace gatehouse::app::selftest {
namespace {

using llm::Dialect;

std::string data(const std::string& json) { return "data: " + json + "\n\n"; }
std::string event(const std::string& type, const std::string& more = {}) {
  return "event: " + type + "\n" + data("{\"type\":\"" + type + "\"" + more + "}");
}
std::string chunk(const std::string& delta, const std::string& finish = "null", const std::string& more = {}) {
  return data(R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
              delta + ",\"finish_reason\":" + finish + "}]" + more + "}");
}
const std::string kUsage = R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5})";

std::string why(const Result<std::vector<StreamEvent>>& checked) { return checked ? "" : checked.error().detail; }

TEST(SelftestShape, ChatStreams) {
  const std::string whole = chunk(R"({"role":"assistant","content":"hi"})") + chunk("{}", "\"stop\"") +
                            chunk("{}", "null", ",\"usage\":" + kUsage);
  EXPECT_EQ(why(check_stream(Dialect::openai_chat, whole + "data: [DONE]\n\n")), "");
  EXPECT_NE(why(check_stream(Dialect::openai_chat, whole)).find("[DONE]"), std::string::npos);
  EXPECT_NE(why(check_stream(Dialect::openai_chat, whole + "data: [DONE]")), "");
  EXPECT_NE(why(check_stream(Dialect::openai_chat, chunk("{}", "\"stop\"") + "data: [DONE]\n\n")).find("usage"),
            std::string::npos);
  EXPECT_NE(why(check_stream(Dialect::openai_chat, whole + chunk(R"({"content":"more"})") + "data: [DONE]\n\n")), "");
  EXPECT_NE(why(check_stream(Dialect::openai_chat, data(R"({"error":{"message":"gone"}})") + "data: [DONE]\n\n"))
                .find("gone"),
            std::string::npos);
  EXPECT_NE(why(check_stream(Dialect::openai_chat, data("{") + "data: [DONE]\n\n")), "");
  EXPECT_NE(why(check_stream(Dialect::openai_chat, "")), "");
}

TEST(SelftestShape, MessageStreams) {
  const std::string start = event("message_start", ",\"message\":{}");
  const std::string open = event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");
  const std::string grow = event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"hi"})");
  const std::string close = event("content_block_stop", ",\"index\":0");
  const std::string delta =
      event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2})");
  const std::string stop = event("message_stop");
  const auto check = [](const std::string& bytes) { return why(check_stream(Dialect::anthropic, bytes)); };
  EXPECT_EQ(check(start + event("ping") + open + grow + close + delta + stop), "");
  EXPECT_NE(check(start + open + grow + delta + stop), "");
  EXPECT_NE(check(start + grow + delta + stop), "");
  EXPECT_NE(check(start + open + grow + close + delta), "");
  EXPECT_NE(check(open + close + delta + stop), "");
  EXPECT_NE(check(start + "event: other\n" + data(R"({"type":"message_stop"})") + delta + stop), "");
}

TEST(SelftestShape, ResponseAndGeminiStreams) {
  const std::string answer =
      R"({"id":"r","object":"response","model":"m","status":"completed","output":[],"usage":{"input_tokens":1}})";
  const std::string created = event("response.created", ",\"sequence_number\":0,\"response\":{}");
  const auto completed = [&](int number) {
    return event("response.completed", ",\"sequence_number\":" + std::to_string(number) + ",\"response\":" + answer);
  };
  EXPECT_EQ(why(check_stream(Dialect::openai_responses, created + completed(1))), "");
  EXPECT_NE(why(check_stream(Dialect::openai_responses, created + completed(0))), "");
  EXPECT_NE(why(check_stream(Dialect::openai_responses, created)), "");
  const std::string part = R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]})";
  const std::string last = part + R"(,"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}})";
  EXPECT_EQ(why(check_stream(Dialect::gemini, data(part + "}]}") + data(last))), "");
  EXPECT_NE(why(check_stream(Dialect::gemini, data(part + "}]}"))), "");
}

TEST(SelftestShape, Errors) {
  const std::string open_ai = R"({"error":{"message":"no","type":"invalid_request_error"}})";
  EXPECT_TRUE(check_error(Dialect::openai_chat, 400, open_ai));
  EXPECT_FALSE(check_error(Dialect::anthropic, 400, open_ai));
  EXPECT_TRUE(check_error(Dialect::anthropic, 400, R"({"type":"error","error":{"message":"no","type":"x"}})"));
  const std::string google = R"({"error":{"code":404,"message":"no","status":"NOT_FOUND"}})";
  EXPECT_TRUE(check_error(Dialect::gemini, 404, google));
  EXPECT_FALSE(check_error(Dialect::gemini, 400, google));
  EXPECT_FALSE(check_error(Dialect::openai_chat, 502, "<html>"));
}

// A gateway that gives every request the same answer, but for unknown models.
Row run_against(const WireAnswer& answer, std::vector<WireRequest>* seen = nullptr) {
  Tester tester(
      [&](const WireRequest& request) -> Result<WireAnswer> {
        if (seen != nullptr) seen->push_back(request);
        if (request.body.find("no-such-model") != std::string::npos) {
          return WireAnswer{.status = 404, .body = R"({"error":{"message":"unknown","type":"invalid_request_error"}})"};
        }
        return answer;
      },
      {.key = base::Secret("secret-key")});
  return tester.run(Dialect::openai_chat, "m");
}

WireAnswer said(const std::string& finish) {
  return {.status = 200,
          .body = R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
                  R"({"role":"assistant","content":"Hello."},"finish_reason":")" +
                  finish + "\"}],\"usage\":" + kUsage + "}",
          .cost_usd = "0.25"};
}

TEST(SelftestTester, JudgesWhatComesBack) {
  std::vector<WireRequest> seen;
  const Row row = run_against(said("stop"), &seen);
  EXPECT_EQ(row.of(Scenario::chat).verdict, Verdict::ok) << row.of(Scenario::chat).reason;
  EXPECT_EQ(row.of(Scenario::stream).verdict, Verdict::failed);
  EXPECT_EQ(row.of(Scenario::tools).verdict, Verdict::failed);
  EXPECT_EQ(row.of(Scenario::tool_result).verdict, Verdict::refused);
  EXPECT_EQ(row.of(Scenario::schema).verdict, Verdict::failed);
  EXPECT_EQ(row.of(Scenario::max_tokens).verdict, Verdict::refused);
  EXPECT_EQ(row.of(Scenario::translation).verdict, Verdict::ok) << row.of(Scenario::translation).reason;
  EXPECT_EQ(row.of(Scenario::wrong_model).verdict, Verdict::ok) << row.of(Scenario::wrong_model).reason;
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front().target, "/v1/chat/completions");
  EXPECT_EQ(seen.front().fields, "authorization: Bearer secret-key\r\n");
  EXPECT_EQ(run_against(said("length")).of(Scenario::max_tokens).verdict, Verdict::ok);
}

TEST(SelftestTester, TellsRefusalsFromFailures) {
  const auto chat = [](int status, const std::string& body) {
    return run_against({.status = status, .body = body}).of(Scenario::chat).verdict;
  };
  const std::string body = R"({"error":{"message":"not that","type":"invalid_request_error"}})";
  EXPECT_EQ(chat(400, body), Verdict::refused);
  EXPECT_EQ(chat(401, body), Verdict::failed);
  EXPECT_EQ(chat(502, body), Verdict::failed);
  EXPECT_EQ(chat(400, "{}"), Verdict::failed);
  EXPECT_EQ(chat(200, "{}"), Verdict::failed);
}

TEST(SelftestTester, DroppedMembersMustBeRefusedIfStrict) {
  WireAnswer answer = said("stop");
  answer.dropped = "seed, top_k,seed";
  const Row row = run_against(answer);
  EXPECT_EQ(row.of(Scenario::translation).verdict, Verdict::failed);
  EXPECT_EQ(row.dropped, (std::vector<std::string>{"seed", "top_k"}));
}

TEST(SelftestReport, Table) {
  Report report;
  EXPECT_FALSE(report.good());
  report.rows.push_back({.model = "m"});
  EXPECT_TRUE(report.good());
  report.rows.front().of(Scenario::image) = {.verdict = Verdict::refused, .reason = "no\nimages"};
  report.rows.front().dropped = {"seed"};
  report.spent = {.requests = 11, .prompt_tokens = 5, .completion_tokens = 7, .answers = 2, .priced = 1, .usd = 0.5};
  const std::string text = report.to_text();
  EXPECT_NE(
      text.find("\nopenai_chat       m      ok       ok       ok       ok            ok           ok       refused  "
                "ok          ok           ok\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("refused  openai_chat  m  image: no images\n"), std::string::npos) << text;
  EXPECT_NE(text.find("dropped  openai_chat  m: seed\n"), std::string::npos) << text;
  EXPECT_NE(text.find("9 ok, 1 refused, 0 failed; 11 requests, 5 prompt and 7 completion tokens, 0.500000 USD and what "
                      "1 answers did not tell\n"),
            std::string::npos)
      << text;
  EXPECT_TRUE(report.good());
  const std::string json = report.to_json();
  EXPECT_NE(json.find(R"("scenario":"image","result":"refused","reason":"no\nimages")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("ok_count":9,"refused_count":1,"failed_count":0)"), std::string::npos) << json;
  report.rows.front().of(Scenario::chat).verdict = Verdict::refused;
  EXPECT_FALSE(report.good());
}

TEST(SelftestCommand, WildcardsAreLeftOut) {
  EXPECT_EQ(models_of(R"({"data":[{"id":"a"},{"id":"gpt-*"},{"id":"b"}]})"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(models_of("<html>").empty());
}

}  // namespace
}  // namespace gatehouse::app::selftest
