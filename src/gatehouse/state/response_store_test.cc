#include "gatehouse/state/response_store.h"

#include <array>

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

TEST(ResponseStore, a_previous_response_stands_for_the_whole_history) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  ASSERT_TRUE(store.keep("t", "", R"("one")", response("resp_1", "ONE"), kNow).has_value());
  ASSERT_TRUE(
      store.keep("t", "resp_1", R"([{"role":"user","content":"two"}])", response("resp_2", "TWO"), kNow).has_value());
  const auto opened = sealed_store->stats().opened;
  const auto history = store.history("t", "resp_2", kNow);
  ASSERT_TRUE(history.has_value() && *history) << history.error().message;
  EXPECT_EQ(sealed_store->stats().opened, opened + 2);  // each response once
  EXPECT_EQ((*history)->count, 4U);
  const std::string array = "[" + (*history)->items + "]";
  ASSERT_TRUE(json::validate(array).has_value()) << array;
  std::string texts;
  json::Value(array).elements([&](json::Value item) {
    const json::Value content = item["content"];
    if (const auto text = content.string()) texts += *text + "|";
    content.elements([&](json::Value part) { texts += part["text"].string_or("") + "|"; });
  });
  EXPECT_EQ(texts, "one|ONE|two|TWO|");
}

TEST(ResponseStore, errors_are_in_openais_words) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  ASSERT_TRUE(store.keep("t", "", R"("one")", response("resp_1", "ONE"), kNow).has_value());
  // What was never here may be the provider's own; of what is gone from the middle nobody else knows.
  const auto strange = store.history("t", "resp_9", kNow);
  ASSERT_TRUE(strange.has_value());
  EXPECT_FALSE(strange->has_value());
  ASSERT_TRUE(store.keep("t", "resp_9", R"("two")", response("resp_2", "TWO"), kNow).has_value());
  const auto missing = store.history("t", "resp_2", kNow);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(dialects::openai_responses::front().write_error(missing.error()),
            R"({"error":{"message":"Previous response with id 'resp_9' not found.","type":"invalid_request_error",)"
            R"("param":"previous_response_id","code":"previous_response_not_found"}})");
  EXPECT_EQ(missing.error().status, 400);
  const auto unknown = store.get("t", "resp_9", kNow);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().status, 404);
  // Another tenant's is unknown as well, and so is one that has expired.
  EXPECT_FALSE(store.history("u", "resp_1", kNow)->has_value());
  EXPECT_FALSE(store.get("u", "resp_1", kNow).has_value());
  EXPECT_FALSE(store.erase("u", "resp_1", kNow).has_value());
  EXPECT_FALSE(store.input_items("u", "resp_1", {}, kNow).has_value());
  EXPECT_FALSE(store.holds("u", "resp_1", kNow));
  EXPECT_TRUE(store.holds("t", "resp_1", kNow));
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

TEST(ResponseStore, items_by_their_ids) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  const std::string thought = R"({"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"SEALED"})";
  const std::string call = R"({"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{}"})";
  const std::string answer = R"({"id":"resp_1","output":[)" + thought + "," + call + "]}";
  ASSERT_TRUE(store.keep("t", "", R"("one")", answer, kNow).has_value());
  const auto opened = sealed_store->stats().opened;
  const auto ids = std::to_array<std::string_view>({"fc_1", "rs_9", "rs_1", "msg_1_in0"});
  const auto items = store.items("t", ids, kNow);
  ASSERT_TRUE(items.has_value());
  ASSERT_EQ(items->size(), 4U);
  EXPECT_EQ(items->at(0), call);
  EXPECT_EQ(items->at(1), "");
  EXPECT_EQ(items->at(2), thought);
  EXPECT_EQ(json::Value(items->at(3))["role"].string_or(""), "user");
  EXPECT_EQ(sealed_store->stats().opened, opened + 3 + 1);  // three places, one response
  const auto foreign = store.items("u", ids, kNow);
  ASSERT_TRUE(foreign.has_value());
  EXPECT_EQ(*foreign, std::vector<std::string>(4));
}

TEST(ResponseStore, an_item_that_comes_back_stays_where_it_came_from) {
  const auto sealed_store = sealed();
  ResponseStore store(*sealed_store);
  ASSERT_TRUE(store.keep("t", "", R"("one")", response("resp_1", "ONE"), kNow).has_value());
  const std::string again = R"([{"type":"message","id":"msg_resp_1","role":"assistant","content":"ONE"}])";
  ASSERT_TRUE(store.keep("t", "", again, response("resp_2", "TWO"), kNow).has_value());
  const auto id = std::to_array<std::string_view>({"msg_resp_1"});
  ASSERT_TRUE(store.erase("t", "resp_2", kNow).has_value());
  EXPECT_NE(store.items("t", id, kNow)->front(), "");
  ASSERT_TRUE(store.erase("t", "resp_1", kNow).has_value());
  EXPECT_EQ(store.items("t", id, kNow)->front(), "");
  EXPECT_EQ(sealed_store->stats().entries, 0U);
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
