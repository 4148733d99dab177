#include "gatehouse/dialects/anthropic/chat_errors.h"

#include <tuple>

#include <gtest/gtest.h>

#include "gatehouse/dialects/anthropic/codec.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::ErrorKind;

TEST(AnthropicChatErrors, EveryTypeBothWays) {
  using Row = std::tuple<ErrorKind, std::string_view, int>;
  for (const auto& [kind, type, status] :
       {Row{ErrorKind::invalid_request, "invalid_request_error", 400},
        Row{ErrorKind::authentication, "authentication_error", 401}, Row{ErrorKind::billing, "billing_error", 402},
        Row{ErrorKind::permission, "permission_error", 403}, Row{ErrorKind::not_found, "not_found_error", 404},
        Row{ErrorKind::conflict, "conflict_error", 409}, Row{ErrorKind::too_large, "request_too_large", 413},
        Row{ErrorKind::rate_limit, "rate_limit_error", 429}, Row{ErrorKind::api, "api_error", 500},
        Row{ErrorKind::timeout, "timeout_error", 504}, Row{ErrorKind::overloaded, "overloaded_error", 529}}) {
    EXPECT_EQ(error_type(kind), type);
    EXPECT_EQ(error_status(kind), status);
    EXPECT_EQ(kind_of_error(type, 0, ""), kind);
    EXPECT_EQ(kind_of_error("", status, ""), kind) << status;
  }
}

TEST(AnthropicChatErrors, ReadsItsOwnBody) {
  const auto error = back().read_error(
      529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"})");
  EXPECT_EQ(error.kind, ErrorKind::overloaded);
  EXPECT_EQ(error.status, 529);
  EXPECT_EQ(error.message, "Overloaded");
  EXPECT_EQ(error.type, "overloaded_error");
}

TEST(AnthropicChatErrors, TellsAPromptThatIsTooLong) {
  const auto error = back().read_error(
      400,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 208310 tokens > 200000 maximum"}})");
  EXPECT_EQ(error.kind, ErrorKind::context_length);
}

TEST(AnthropicChatErrors, ReadsBodiesOfHosts) {
  const auto google =
      back().read_error(429, R"([{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}])");
  EXPECT_EQ(google.kind, ErrorKind::rate_limit);
  EXPECT_EQ(google.message, "Quota exceeded");
  EXPECT_EQ(google.type, "RESOURCE_EXHAUSTED");
  const auto aws = back().read_error(403, R"({"message":"You don't have access to the model."})");
  EXPECT_EQ(aws.kind, ErrorKind::permission);
  EXPECT_EQ(aws.message, "You don't have access to the model.");
}

TEST(AnthropicChatErrors, WhatIsNoJsonIsNotShown) {
  for (const std::string_view body : {"<html>http://10.0.0.1 broke</html>", "", "[]", "7"}) {
    const auto error = back().read_error(503, body);
    EXPECT_EQ(error.kind, ErrorKind::overloaded);
    EXPECT_EQ(error.message, "The provider answered with an error (503).");
  }
}

TEST(AnthropicChatErrors, WritesTheShape) {
  EXPECT_EQ(front().write_error({.kind = ErrorKind::rate_limit, .status = 429, .message = "Slow \"down\""}),
            R"({"type":"error","error":{"type":"rate_limit_error","message":"Slow \"down\""}})");
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
