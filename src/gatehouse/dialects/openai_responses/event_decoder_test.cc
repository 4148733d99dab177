#include "gatehouse/dialects/openai_responses/event_decoder.h"

#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_responses/codec_testing.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using namespace testing;

Decoded decode_data(const std::vector<std::string>& data) {
  static const llm::ChatRequest asked;
  Sse stream;
  for (const auto& one : data) stream.emplace_back("", one);
  return decode(stream, kOpenai, {.request = asked, .model = {}, .seed = "s"});
}

TEST(ResponsesDecoder, errors_in_every_shape) {
  const std::string started = R"({"type":"response.created","response":{"id":"r","model":"m","status":"in_progress"}})";
  const std::vector<std::string> shapes = {
      R"({"type":"error","code":"rate_limit_exceeded","message":"Slow down","param":null,"sequence_number":1})",
      R"({"type":"error","error":{"type":"rate_limit_error","code":"rate_limit_exceeded","message":"Slow down"}})",
      R"({"error":{"type":"requests","code":"rate_limit_exceeded","message":"Slow down"}})",
      R"({"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down"}}})"};
  for (const auto& shape : shapes) {
    const Decoded decoded = decode_data({started, shape, R"({"type":"response.completed","response":{}})"});
    ASSERT_TRUE(decoded.error.has_value()) << shape;
    EXPECT_EQ(decoded.error->kind, llm::ErrorKind::rate_limit) << shape;
    EXPECT_EQ(decoded.error->status, 429) << shape;
    EXPECT_EQ(decoded.error->message, "Slow down") << shape;
    EXPECT_FALSE(decoded.ended);
  }
}

TEST(ResponsesDecoder, a_stream_that_breaks_off_is_no_answer) {
  const Decoded decoded =
      decode_data({R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Half"})"});
  EXPECT_TRUE(decoded.error.has_value());
  EXPECT_FALSE(decoded.ended);
  const Decoded broken = decode_data({R"({"type":"response.output_text.delta","del)"});
  EXPECT_TRUE(broken.error.has_value());
}

TEST(ResponsesDecoder, unknown_events_and_keepalives_say_nothing) {
  const Decoded decoded = decode_data({R"({"type":"keepalive","sequence_number":3})", "[DONE]", " ",
                                       R"({"type":"response.of_tomorrow","delta":"x"})",
                                       R"({"type":"response.completed","response":{"id":"r","status":"completed"}})"});
  EXPECT_TRUE(decoded.ended);
  EXPECT_EQ(decoded.answer.id, "r");
  EXPECT_TRUE(decoded.answer.choices[0].blocks.empty());
}

TEST(ResponsesDecoder, a_server_without_output_index_goes_by_id) {
  const Decoded decoded = decode_data(
      {R"({"type":"response.output_item.added","item":{"type":"function_call","id":"fc_1","call_id":"c1","name":"f"}})",
       R"({"type":"response.output_item.added","item":{"type":"function_call","id":"fc_2","call_id":"c2","name":"g"}})",
       R"({"type":"response.function_call_arguments.delta","item_id":"fc_1","delta":"{\"a\""})",
       R"({"type":"response.function_call_arguments.delta","item_id":"fc_2","delta":"{}"})",
       R"({"type":"response.function_call_arguments.delta","item_id":"fc_1","delta":":1}"})",
       R"({"type":"response.completed","response":{"status":"completed"}})"});
  ASSERT_TRUE(decoded.ended);
  const auto& blocks = decoded.answer.choices[0].blocks;
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].as<llm::ToolCall>()->arguments, R"({"a":1})");
  EXPECT_EQ(blocks[1].as<llm::ToolCall>()->arguments, "{}");
  EXPECT_EQ(decoded.answer.choices[0].finish, llm::FinishReason::tool_calls);
}

TEST(ResponsesDecoder, what_was_streamed_is_not_told_again) {
  const std::string item =
      R"({"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[]}]})";
  const Decoded decoded = decode_data(
      {R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m","delta":"Hi"})",
       R"({"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hi"})",
       R"({"type":"response.output_item.done","output_index":0,"item":)" + item + "}",
       R"({"type":"response.completed","response":{"status":"completed","output":[)" + item + "]}}"});
  ASSERT_EQ(decoded.answer.choices[0].blocks.size(), 1U);
  EXPECT_EQ(decoded.answer.choices[0].blocks[0].as<llm::Text>()->text, "Hi");
}

TEST(ResponsesDecoder, too_many_items_end_the_stream) {
  std::vector<std::string> data;
  for (std::size_t i = 0; i <= ResponseDecoder::kMostItems; ++i) {
    data.push_back(R"({"type":"response.output_text.delta","content_index":0,"delta":"x","output_index":)" +
                   std::to_string(i) + "}");
  }
  EXPECT_TRUE(decode_data(data).error.has_value());
}

TEST(ResponsesErrors, whole_bodies) {
  const auto kind = [](int status, std::string_view body) { return back().read_error(status, body); };
  const auto quota =
      kind(429, R"({"error":{"message":"No money","type":"insufficient_quota","code":"insufficient_quota"}})");
  EXPECT_EQ(quota.kind, llm::ErrorKind::billing);
  EXPECT_EQ(quota.status, 429);
  EXPECT_EQ(
      kind(
          400,
          R"({"error":{"message":"Your input exceeds the context window of this model","type":"invalid_request_error","code":"context_length_exceeded","param":"input"}})")
          .kind,
      llm::ErrorKind::context_length);
  EXPECT_EQ(
      kind(404, R"({"error":{"message":"x","type":"invalid_request_error","code":"previous_response_not_found"}})")
          .kind,
      llm::ErrorKind::not_found);
  EXPECT_EQ(kind(401, R"({"error":"Incorrect key","code":"Client specified an invalid argument"})").message,
            "Incorrect key");
  EXPECT_EQ(kind(503, "<html>").kind, llm::ErrorKind::overloaded);
  EXPECT_EQ(kind(500, "").kind, llm::ErrorKind::api);
  EXPECT_EQ(kind(200, R"({"id":"r","status":"failed","error":{"code":"server_error","message":"Sorry"}})").status, 500);
  EXPECT_EQ(front().write_error(quota),
            R"({"error":{"message":"No money","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})");
}

TEST(ResponsesErrors, a_200_that_failed_is_no_answer) {
  const auto answer = back().read_answer(
      R"({"id":"r","status":"failed","error":{"code":"server_error","message":"Sorry"},"output":[]})", kOpenai);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().detail, "Sorry");
  EXPECT_FALSE(back().read_answer("nonsense", kOpenai).has_value());
  EXPECT_FALSE(back().read_answer("{}", kOpenai).has_value());
}

}  // namespace
}  // namespace gatehouse::dialects::openai_responses
