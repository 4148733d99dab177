#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::ChatError;
using llm::ErrorKind;

struct Case {
  std::string_view name;
  int status;
  std::string_view body;
  ErrorKind kind;
  int told_status;
  std::string_view message;
  std::int64_t retry_ms = -1;
};

class ChatErrors : public testing::TestWithParam<Case> {};

TEST_P(ChatErrors, are_read) {
  const Case& one = GetParam();
  const ChatError error = back().read_error(one.status, one.body);
  EXPECT_EQ(static_cast<int>(error.kind), static_cast<int>(one.kind));
  EXPECT_EQ(error.status, one.told_status);
  EXPECT_EQ(error.message, one.message);
  EXPECT_EQ(error.retry_after ? error.retry_after->count() : -1, one.retry_ms);
}

const Case kCases[] = {
    {"openai", 400, R"({"error":{"message":"Bad.","type":"invalid_request_error","param":"n","code":null}})",
     ErrorKind::invalid_request, 400, "Bad."},
    {"openai_context", 400,
     R"({"error":{"message":"Too long.","type":"invalid_request_error","code":"context_length_exceeded"}})",
     ErrorKind::context_length, 400, "Too long."},
    {"vllm_context", 400,
     R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400})",
     ErrorKind::context_length, 400, "This model's maximum context length is 4096 tokens."},
    {"xai_context", 400,
     R"({"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072."})",
     ErrorKind::context_length, 400, "This model's maximum prompt length is 131072."},
    {"too_large_as_context", 413, R"({"error":{"message":"Please reduce the length of the messages."}})",
     ErrorKind::context_length, 413, "Please reduce the length of the messages."},
    {"a_rate_of_context", 429,
     R"({"error":{"message":"Request too large for model with context window, tokens per minute."}})",
     ErrorKind::rate_limit, 429, "Request too large for model with context window, tokens per minute."},
    {"openai_quota", 429,
     R"({"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}})",
     ErrorKind::billing, 429, "You exceeded your current quota."},
    {"deepseek_balance", 402, R"({"error":{"message":"Insufficient Balance","code":"invalid_request_error"}})",
     ErrorKind::billing, 402, "Insufficient Balance"},
    {"openai_rate", 429,
     R"({"error":{"message":"Rate limit reached. Please try again in 1m6.5s. Visit us.","type":"tokens","code":"rate_limit_exceeded"}})",
     ErrorKind::rate_limit, 429, "Rate limit reached. Please try again in 1m6.5s. Visit us.", 66'500},
    {"groq_rate", 429, R"({"error":{"message":"Please try again in 340ms.","code":"rate_limit_exceeded"}})",
     ErrorKind::rate_limit, 429, "Please try again in 340ms.", 340},
    {"azure_rate", 429, R"({"error":{"code":"429","message":"Please retry after 26 seconds."}})", ErrorKind::rate_limit,
     429, "Please retry after 26 seconds.", 26'000},
    {"azure_gateway", 429, R"({"statusCode":429,"message":"Rate limit is exceeded. Try again in 7 seconds."})",
     ErrorKind::rate_limit, 429, "Rate limit is exceeded. Try again in 7 seconds.", 7'000},
    {"azure_filter", 400,
     R"({"error":{"message":"Filtered.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
     ErrorKind::content_filter, 400, "Filtered."},
    {"mistral_flat", 401,
     R"({"object":"error","message":"Unauthorized","type":"invalid_request_error","param":null,"code":"1000"})",
     ErrorKind::authentication, 401, "Unauthorized"},
    {"mistral_nested", 422,
     R"({"object":"error","message":{"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"Field required"}]},"type":"invalid_request_error"})",
     ErrorKind::invalid_request, 422, "messages.0.role: Field required"},
    {"fastapi", 422, R"({"detail":[{"loc":["body","model"],"msg":"field required","type":"value_error.missing"}]})",
     ErrorKind::invalid_request, 422, "model: field required"},
    {"fastapi_text", 404, R"({"detail":"Not Found"})", ErrorKind::not_found, 404, "Not Found"},
    {"google_list", 429,
     R"([{"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"35s"}]}}])",
     ErrorKind::rate_limit, 429, "Quota.", 35'000},
    {"openrouter_in_200", 200,
     R"({"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"slow down","provider_name":"X"}},"user_id":"u"})",
     ErrorKind::rate_limit, 429, "slow down"},
    {"in_200_by_words", 200, R"({"error":{"type":"overloaded_error","message":"Overloaded"}})", ErrorKind::overloaded,
     503, "Overloaded"},
    {"in_200_without_words", 200, R"({"error":"something broke"})", ErrorKind::api, 502, "something broke"},
    {"hugging_face", 503, R"({"error":"Model is loading","error_type":"overloaded"})", ErrorKind::overloaded, 503,
     "Model is loading"},
    {"databricks", 400, R"({"error_code":"BAD_REQUEST","message":"no"})", ErrorKind::invalid_request, 400, "no"},
    {"plain_text", 502, "upstream connect error\n  reset", ErrorKind::api, 502, "upstream connect error reset"},
    {"html", 401, "<html><head><title>401 Authorization Required</title></head><body>x</body></html>",
     ErrorKind::authentication, 401, "401 Authorization Required"},
    {"html_without_title", 503, "<h1>Sorry</h1><p>Busy &amp; full</p>", ErrorKind::overloaded, 503,
     "Sorry Busy &amp; full"},
    {"empty", 500, "", ErrorKind::api, 500, "The provider gave no reason."},
    {"half_json", 500, R"({"error":{"message":"cut)", ErrorKind::api, 500, R"({"error":{"message":"cut)"},
    {"a_hint_that_is_none", 429, R"({"error":{"message":"try again in 99999999 hours"}})", ErrorKind::rate_limit, 429,
     "try again in 99999999 hours"},
};

INSTANTIATE_TEST_SUITE_P(All, ChatErrors, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ChatErrors, words_that_clients_look_for) {
  const auto code = [](ErrorKind kind, std::string own = {}) {
    ChatError error;
    error.kind = kind;
    error.message = "M";
    error.code = std::move(own);
    const std::string body = front().write_error(error);
    EXPECT_EQ(json::find(body, "error.message"), "\"M\"");
    return std::string(json::find(body, "error.code"));
  };
  EXPECT_EQ(code(ErrorKind::context_length, "1261"), "\"context_length_exceeded\"");
  EXPECT_EQ(code(ErrorKind::billing), "\"insufficient_quota\"");
  EXPECT_EQ(code(ErrorKind::rate_limit), "\"rate_limit_exceeded\"");
  EXPECT_EQ(code(ErrorKind::invalid_request, "unsupported_value"), "\"unsupported_value\"");
  EXPECT_EQ(code(ErrorKind::api), "null");
}

TEST(ChatErrors, a_long_message_is_bounded) {
  const std::string body = R"({"error":{"message":")" + std::string(100'000, 'x') + "\"}}";
  EXPECT_LE(back().read_error(500, body).message.size(), 4096U);
  EXPECT_LE(back().read_error(500, std::string(100'000, 'y')).message.size(), 4096U);
}

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
