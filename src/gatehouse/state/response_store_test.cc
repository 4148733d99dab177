#include "gatehouse/state/response_store.h"

#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/json/value.h"
#include "gatehouse/state/state_testing.h"

namespace gatehouse::state {
namespace {

using namespace testing;

std::string response(const std::string& id, const std::string& words) {
  return R"({"id":")" + id + R"(","object":"response","status":"completed","output":[{"id":"msg_)" + id +
         R"(","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":")" +
         words + R"(","annotations":[]}]}]})";
}

llm::ChatRequest request(const std::string& body) {
  auto read = dialects::openai_responses::front().read_request(body, {}, false);
  EXPECT_TRUE(read.has_value());
  return std::move(*read);
}

std::string texts(const llm::ChatRequest& request) {
  std::string out;
  for (const auto& message : request.messages) {
    for (const auto& block : message.blocks) {
      if (const auto* text = block.as<llm::Text>()) out += text->text + "|";
      if (const auto* call = block.as<llm::ToolCall>()) out += call->name + "()|";
    }
  }
  return out;
}

TEST(ResponseStore, a_previous_response_stands_for_the_whole_history) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  ASSERT_TRUE(store.keep("t", "", R"("one")", response("resp_1", "ONE"), kNow).has_value());
  ASSERT_TRUE(
      store.keep("t", "resp_1", R"([{"role":"user","content":"two"}])", response("resp_2", "TWO"), kNow).has_value());
  auto next = request(R"({"model":"m","instructions":"i","input":"three","previous_response_id":"resp_2"})");
  const auto resolved = store.resolve("t", next, kNow);
  ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
  EXPECT_EQ(texts(next), "i|one|ONE|two|TWO|three|");
  EXPECT_TRUE(next.previous_id.empty());
  const auto raw = store.history("t", "resp_2", kNow);
  ASSERT_TRUE(raw.has_value());
  EXPECT_TRUE(json::validate("[" + *raw + "]").has_value()) << *raw;
}

TEST(ResponseStore, errors_are_in_openais_words) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  ASSERT_TRUE(store.keep("t", "", R"("one")", response("resp_1", "ONE"), kNow).has_value());
  auto next = request(R"({"model":"m","input":"x","previous_response_id":"resp_9"})");
  const auto missing = store.resolve("t", next, kNow);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(dialects::openai_responses::front().write_error(missing.error()),
            R"({"error":{"message":"Previous response with id 'resp_9' not found.","type":"invalid_request_error",)"
            R"("param":"previous_response_id","code":"previous_response_not_found"}})");
  EXPECT_EQ(missing.error().status, 400);
  const auto unknown = store.get("t", "resp_9", kNow);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().status, 404);
  // Another tenant's is unknown as well, and so is one that has expired.
  auto foreign = request(R"({"model":"m","input":"x","previous_response_id":"resp_1"})");
  EXPECT_FALSE(store.resolve("u", foreign, kNow).has_value());
  EXPECT_FALSE(store.get("u", "resp_1", kNow).has_value());
  EXPECT_FALSE(store.erase("u", "resp_1", kNow).has_value());
  EXPECT_FALSE(store.input_items("u", "resp_1", {}, kNow).has_value());
  EXPECT_TRUE(store.get("t", "resp_1", kNow).has_value());
  EXPECT_FALSE(store.get("t", "resp_1", kNow + std::chrono::hours(24 * 31)).has_value());
}

TEST(ResponseStore, listed_and_deleted) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  const std::string input =
      R"([{"role":"user","content":"a"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},)"
      R"({"type":"function_call_output","id":"fco_1","call_id":"c","output":"r"}])";
  ASSERT_TRUE(store.keep("t", "", input, response("resp_1", "ONE"), kNow).has_value());
  const auto newest = store.input_items("t", "resp_1", {.limit = 2}, kNow);
  ASSERT_TRUE(newest.has_value());
  const json::Value page(*newest);
  EXPECT_EQ(page["object"].string_or(""), "list");
  EXPECT_EQ(page["data"].size(), 2U);
  EXPECT_EQ(page["first_id"].string_or(""), "fco_1");
  EXPECT_EQ(page["has_more"].boolean(), true);
  const std::string last = page["last_id"].string_or("");
  EXPECT_EQ(last, "fc_1_in1");
  const auto rest = store.input_items("t", "resp_1", {.limit = 2, .after = last}, kNow);
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(json::Value(*rest)["data"].size(), 1U);
  EXPECT_EQ(json::Value(*rest)["has_more"].boolean(), false);
  EXPECT_FALSE(store.input_items("t", "resp_1", {.after = "nowhere"}, kNow).has_value());
  const auto found = store.get("t", "resp_1", kNow);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->answer, response("resp_1", "ONE"));

  const auto gone = store.erase("t", "resp_1", kNow);
  ASSERT_TRUE(gone.has_value());
  EXPECT_EQ(*gone, R"({"id":"resp_1","object":"response","deleted":true})");
  EXPECT_FALSE(store.get("t", "resp_1", kNow).has_value());
  EXPECT_FALSE(store.erase("t", "resp_1", kNow).has_value());
  EXPECT_EQ(sealed_store->stats().entries, 0U);  // its items too
}

TEST(ResponseStore, references_to_items_are_replaced) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  const std::string answer =
      R"({"id":"resp_1","output":[{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"SEALED"},)"
      R"({"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{}"}]})";
  ASSERT_TRUE(store.keep("t", "", R"("one")", answer, kNow).has_value());
  auto next = request(
      R"({"model":"m","input":[{"role":"user","content":"one"},{"type":"item_reference","id":"rs_1"},{"id":"fc_1"},)"
      R"({"type":"function_call_output","call_id":"c","output":"r"}]})");
  const auto resolved = store.resolve("t", next, kNow);
  ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
  ASSERT_EQ(next.messages.size(), 3U);
  ASSERT_EQ(next.messages[1].blocks.size(), 2U);
  EXPECT_EQ(next.messages[1].blocks[0].as<llm::Reasoning>()->encrypted.value, "rs_1:SEALED");
  EXPECT_EQ(next.messages[1].blocks[1].as<llm::ToolCall>()->name, "f");
  auto lost = request(R"({"model":"m","input":[{"type":"item_reference","id":"rs_9"}]})");
  const auto missing = store.resolve("t", lost, kNow);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().status, 404);
}

TEST(ResponseStore, is_bounded) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  EXPECT_FALSE(
      store.keep("t", "", "\"" + std::string(ResponseStore::kMostBytes, 'x') + "\"", response("resp_1", "x"), kNow)
          .has_value());
  EXPECT_FALSE(store.keep("t", "", "\"x\"", R"({"output":[]})", kNow).has_value());
  // A response that follows itself ends too.
  ASSERT_TRUE(store.keep("t", "resp_2", R"("x")", response("resp_2", "x"), kNow).has_value());
  const auto round = store.history("t", "resp_2", kNow);
  ASSERT_FALSE(round.has_value());
  EXPECT_EQ(round.error().status, 413);
}

}  // namespace
}  // namespace gatehouse::state
