#include "gatehouse/dialects/errors.h"

#include <gtest/gtest.h>

#include "gatehouse/dialects/models.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects {
namespace {

using llm::Dialect;

TEST(ErrorBody, InEachDialect) {
  const ApiError error(Code::rate_limited, "too \"fast\"", "model");
  EXPECT_EQ(error_body(Dialect::anthropic, error),
            R"({"type":"error","error":{"type":"rate_limit_error","message":"too \"fast\"","code":"rate_limited"}})");
  EXPECT_EQ(error_body(Dialect::gemini, error),
            R"({"error":{"code":429,"message":"too \"fast\"","status":"RESOURCE_EXHAUSTED","details":[{)"
            R"("@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"rate_limited","domain":"gatehouse"}]}})");
  EXPECT_EQ(error_body(Dialect::openai_chat, error),
            R"({"error":{"message":"too \"fast\"","type":"rate_limit_error","param":"model","code":"rate_limited"}})");
  EXPECT_EQ(error_body(Dialect::openai_responses, error), error_body(Dialect::openai_chat, error));
}

TEST(ErrorEvent, InEachDialect) {
  const Error error(Code::upstream_broken);
  EXPECT_TRUE(
      error_event(Dialect::anthropic, error).starts_with("event: error\ndata: {\"type\":\"error\",\"error\":{"));
  EXPECT_TRUE(error_event(Dialect::gemini, error).starts_with("data: {\"error\":{\"code\":502,"));
  for (const auto dialect : {Dialect::anthropic, Dialect::gemini, Dialect::openai_chat}) {
    EXPECT_TRUE(error_event(dialect, error).ends_with("}\n\n"));
  }
}

TEST(ErrorBody, EveryCodeInEveryDialectSaysSomething) {
  for (std::size_t d = 0; d < llm::kDialectCount; ++d) {
    for (std::size_t i = 0; i < base::kCodeCount; ++i) {
      const auto code = static_cast<Code>(i);
      const std::string body = error_body(static_cast<Dialect>(d), Error(code));
      ASSERT_TRUE(json::validate(body)) << body;
      EXPECT_FALSE(json::read_string(json::find(body, "error.message")).value_or("").empty()) << body;
      EXPECT_NE(body.find(base::code_info(code).slug), std::string::npos) << body;
    }
  }
}

TEST(ErrorBody, ClassesFollowTheStatus) {
  const auto anthropic = [](Code code) {
    return json::read_string(json::find(error_body(Dialect::anthropic, Error(code)), "error.type")).value_or("");
  };
  EXPECT_EQ(anthropic(Code::invalid_request), "invalid_request_error");
  EXPECT_EQ(anthropic(Code::unauthenticated), "authentication_error");
  EXPECT_EQ(anthropic(Code::content_blocked), "permission_error");
  EXPECT_EQ(anthropic(Code::unknown_model), "not_found_error");
  EXPECT_EQ(anthropic(Code::too_large), "request_too_large");
  EXPECT_EQ(anthropic(Code::overloaded), "overloaded_error");
  EXPECT_EQ(anthropic(Code::upstream_timeout), "timeout_error");
  EXPECT_EQ(anthropic(Code::internal), "api_error");
  const auto gemini = [](Code code) {
    return json::read_string(json::find(error_body(Dialect::gemini, Error(code)), "error.status")).value_or("");
  };
  EXPECT_EQ(gemini(Code::invalid_request), "INVALID_ARGUMENT");
  EXPECT_EQ(gemini(Code::unauthenticated), "UNAUTHENTICATED");
  EXPECT_EQ(gemini(Code::forbidden), "PERMISSION_DENIED");
  EXPECT_EQ(gemini(Code::unknown_model), "NOT_FOUND");
  EXPECT_EQ(gemini(Code::upstream_timeout), "DEADLINE_EXCEEDED");
  EXPECT_EQ(gemini(Code::overloaded), "UNAVAILABLE");
  EXPECT_EQ(gemini(Code::internal), "INTERNAL");
}

TEST(Models, InEachDialect) {
  const ModelRow rows[] = {{.id = "a", .created = 951'782'400, .owned_by = "p"}, {.id = "b", .owned_by = "p"}};
  EXPECT_EQ(models_list(Dialect::anthropic, rows),
            R"({"has_more":false,"first_id":"a","last_id":"b","data":[)"
            R"({"type":"model","id":"a","display_name":"a","created_at":"2000-02-29T00:00:00Z"},)"
            R"({"type":"model","id":"b","display_name":"b","created_at":"1970-01-01T00:00:00Z"}]})");
  EXPECT_EQ(models_list(Dialect::anthropic, {}), R"({"has_more":false,"first_id":null,"last_id":null,"data":[]})");
  EXPECT_EQ(models_list(Dialect::gemini, std::span(rows).first(1)),
            R"({"models":[{"name":"models/a","displayName":"a","supportedGenerationMethods":["generateContent",)"
            R"("streamGenerateContent","countTokens","embedContent"]}]})");
  EXPECT_EQ(model_object(Dialect::anthropic, rows[1]),
            R"({"type":"model","id":"b","display_name":"b","created_at":"1970-01-01T00:00:00Z"})");
}

}  // namespace
}  // namespace gatehouse::dialects
