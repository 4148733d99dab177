#include "gatehouse/dialects/openai_chat/errors.h"

#include <gtest/gtest.h>

#include "gatehouse/dialects/models.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_chat {
namespace {

TEST(ErrorBody, has_openais_shape) {
  EXPECT_EQ(
      error_body(ApiError(Code::invalid_request, "no \"model\"", "model")),
      R"({"error":{"message":"no \"model\"","type":"invalid_request_error","param":"model","code":"invalid_request"}})");
  EXPECT_EQ(
      error_body(Error(Code::unauthenticated)),
      R"({"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})");
}

TEST(ErrorBody, types_follow_the_status) {
  const auto type = [](Code code) {
    return json::read_string(json::find(error_body(Error(code)), "error.type")).value_or("");
  };
  EXPECT_EQ(type(Code::rate_limited), "rate_limit_error");
  EXPECT_EQ(type(Code::budget_exceeded), "insufficient_quota");
  EXPECT_EQ(type(Code::unknown_model), "invalid_request_error");
  EXPECT_EQ(type(Code::content_blocked), "invalid_request_error");
  EXPECT_EQ(type(Code::upstream_broken), "server_error");
  EXPECT_EQ(type(Code::overloaded), "server_error");
}

TEST(ErrorBody, every_code_gives_a_message_and_a_code) {
  for (std::size_t i = 0; i < base::kCodeCount; ++i) {
    const std::string body = error_body(Error(static_cast<Code>(i)));
    ASSERT_TRUE(json::validate(body)) << body;
    EXPECT_FALSE(json::read_string(json::find(body, "error.message")).value_or("").empty()) << body;
    EXPECT_EQ(json::read_string(json::find(body, "error.code")), base::code_info(static_cast<Code>(i)).slug);
  }
}

TEST(ErrorEvent, is_one_event_whatever_the_detail_holds) {
  const std::string event = error_event(Error(Code::upstream_broken, "a\n\ndata: [DONE]\r\n"));
  EXPECT_EQ(event.find('\n'), event.size() - 2);
  EXPECT_TRUE(event.starts_with(R"(data: {"error":{"message":"a\n\ndata: [DONE]\r\n",)")) << event;
  EXPECT_TRUE(event.ends_with("}}\n\n"));
}

TEST(Models, have_openais_shape) {
  const ModelRow rows[] = {{"gpt-4o", 1715367049, "system"}, {"a\"b", 0, "x"}};
  EXPECT_EQ(
      models_list(llm::Dialect::openai_chat, rows),
      R"({"object":"list","data":[{"id":"gpt-4o","object":"model","created":1715367049,"owned_by":"system"},{"id":"a\"b","object":"model","created":0,"owned_by":"x"}]})");
  EXPECT_EQ(models_list(llm::Dialect::openai_chat, {}), R"({"object":"list","data":[]})");
  EXPECT_EQ(model_object(llm::Dialect::openai_chat, rows[0]),
            R"({"id":"gpt-4o","object":"model","created":1715367049,"owned_by":"system"})");
}

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
