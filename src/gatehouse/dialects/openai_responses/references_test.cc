#include "gatehouse/dialects/openai_responses/references.h"

#include <gtest/gtest.h>

#include "gatehouse/dialects/call.h"

namespace gatehouse::dialects::openai_responses {
namespace {

std::string listed(const std::string& body) {
  const auto call = read_model(body);
  EXPECT_TRUE(call.has_value()) << body;
  std::string out;
  for (const auto& reference : item_references(body, call->input_span)) {
    out += reference.id + "=" + body.substr(reference.span.offset, reference.span.length) + "|";
  }
  return out;
}

TEST(ItemReferences, both_forms_and_nothing_else) {
  EXPECT_EQ(listed(R"({"model":"m","input":[{"type":"item_reference","id":"a"}, {"id":"b"},{"id":"c","type":null}]})"),
            R"(a={"type":"item_reference","id":"a"}|b={"id":"b"}|c={"id":"c","type":null}|)");
  EXPECT_EQ(listed(R"({"input":[{"\u0069d":"x\u0079"}],"model":"m"})"), R"(xy={"\u0069d":"x\u0079"}|)");
  for (const auto* input :
       {R"("text")", "null", "[]", "7", R"({"id":"a"})", R"([{"id":"a","role":"user","content":"x"}])",
        R"([{"id":"a","type":"message","role":"user","content":"x"}])", R"([{"id":7}])", R"(["a",1,[{"id":"a"}]])",
        R"([{"type":"item_reference"}])", R"([{"type":"item_reference","id":""}])",
        R"([{"type":"reasoning","id":"rs","summary":[]}])"}) {
    EXPECT_EQ(listed(std::string(R"({"model":"m","input":)") + input + "}"), "") << input;
  }
  EXPECT_EQ(listed(R"({"model":"m"})"), "");
}

TEST(ItemReferences, are_bounded) {
  std::string items;
  for (std::size_t i = 0; i < 2 * kMostReferences; ++i) items += (i == 0 ? "" : ",") + std::string(R"({"id":"a"})");
  const std::string body = R"({"model":"m","input":[)" + items + "]}";
  EXPECT_EQ(item_references(body, read_model(body)->input_span).size(), kMostReferences + 1);
  EXPECT_EQ(listed(R"({"model":"m","input":[{"id":")" + std::string(kMostReference, 'x') + R"("}]})"), "");
}

TEST(StoredPath, responses_and_their_items) {
  EXPECT_EQ(stored_path("/v1/responses/resp_1")->id, "resp_1");
  EXPECT_FALSE(stored_path("/v1/responses/resp_1")->items);
  EXPECT_EQ(stored_path("/v1/responses/resp_1/input_items")->id, "resp_1");
  EXPECT_TRUE(stored_path("/v1/responses/resp_1/input_items")->items);
  for (const auto* other : {"/v1/responses", "/v1/responses/", "/v1/responses/a/cancel", "/v1/responses//input_items",
                            "/v1/files/a", "/v1/responses/a/b/input_items"}) {
    EXPECT_FALSE(stored_path(other)) << other;
  }
}

TEST(ReadModel, what_is_stored_elsewhere) {
  const std::string body = R"({"model":"m","input":"x","previous_response_id":"resp\u005f1"})";
  const auto call = read_model(body);
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->previous_response, "resp_1");
  EXPECT_EQ(body.substr(call->previous_response_span.offset, call->previous_response_span.length), R"("resp\u005f1")");
  EXPECT_EQ(body.substr(call->input_span.offset, call->input_span.length), R"("x")");
  EXPECT_EQ(read_model(R"({"model":"m","previous_response_id":null})")->previous_response, "");
  EXPECT_EQ(read_model(R"({"input":"a","input":"b"})").error().param, "input");
  EXPECT_EQ(read_model(R"({"previous_response_id":"a","previous_response_id":"b"})").error().param,
            "previous_response_id");
}

}  // namespace
}  // namespace gatehouse::dialects::openai_responses
