#include "gatehouse/dialects/openai_chat/foreign_state.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Origin;
using llm::Quirks;
using testing::HasSubstr;
using testing::Not;

// The body as it goes out.
std::string sent(std::string body, Origin origin, const Quirks& quirks = {}) {
  if (const auto edit = without_foreign_state(body, quirks, origin)) {
    body.replace(edit->offset, edit->length, edit->replacement);
  }
  EXPECT_TRUE(json::validate(body).has_value()) << body;
  return body;
}

constexpr std::string_view kBody =
    R"({ "model":"m", "messages":[ {"role":"user","content":"gh1.words"}, {"role":"assistant","content":"A","reasoning_content":"T","reasoning_details":[{"type":"reasoning.text","text":"T","signature":"gh1.anthropic.SIG","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"gh1.openrouter.openai-responses-v1:ENC","index":1},{"type":"reasoning.text","text":"plain","index":2}],"tool_calls":[{"id":"i","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"gh1.gemini.TS"}}}]} ], "n":1 })";

TEST(ChatForeignState, nothing_of_the_kind_is_nothing_to_do) {
  EXPECT_FALSE(without_foreign_state(R"({"messages":[{"role":"user","content":"x"}]})", {}, Origin::openai));
  EXPECT_FALSE(without_foreign_state(R"({"messages":[{"role":"user","content":"gh1.x"}]})", {}, Origin::openai));
  EXPECT_FALSE(without_foreign_state(R"({"messages":"gh1."})", {}, Origin::openai));
  EXPECT_FALSE(without_foreign_state(
      R"({"messages":[{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":"TS"}}}]}]})",
      {}, Origin::none));
}

TEST(ChatForeignState, other_providers_state_stays_here) {
  const std::string out = sent(std::string(kBody), Origin::openai);
  EXPECT_THAT(out, Not(HasSubstr("SIG")));
  EXPECT_THAT(out, Not(HasSubstr("ENC")));
  EXPECT_THAT(out, Not(HasSubstr("TS")));
  EXPECT_THAT(out, Not(HasSubstr("extra_content")));
  // What is nobody's state stays, and so does every other byte.
  EXPECT_THAT(out, HasSubstr(R"("reasoning_details":[{"type":"reasoning.text","text":"plain","index":2}])"));
  EXPECT_THAT(out, HasSubstr(R"({"role":"user","content":"gh1.words"})"));
  EXPECT_TRUE(out.starts_with(R"({ "model":"m", "messages":[)"));
  EXPECT_TRUE(out.ends_with(R"(], "n":1 })"));
}

TEST(ChatForeignState, the_providers_own_comes_back_as_it_was) {
  const std::string router = sent(std::string(kBody), Origin::openrouter);
  EXPECT_THAT(router, HasSubstr(R"("data":"ENC")"));
  EXPECT_THAT(router, Not(HasSubstr("SIG")));
  const std::string google = sent(std::string(kBody), Origin::gemini);
  EXPECT_THAT(google, HasSubstr(R"("extra_content":{"google":{"thought_signature":"TS"}})"));
  EXPECT_THAT(google, Not(HasSubstr("ENC")));
  const std::string claude = sent(std::string(kBody), Origin::anthropic);
  EXPECT_THAT(claude, HasSubstr(R"("signature":"SIG")"));
}

TEST(ChatForeignState, a_server_without_thoughts_gets_none) {
  const std::string out = sent(std::string(kBody), Origin::openai, {.send_reasoning = Quirks::SendReasoning::never});
  EXPECT_THAT(out, Not(HasSubstr("reasoning")));
  EXPECT_THAT(out, HasSubstr(R"("content":"A")"));
}

TEST(ChatForeignState, googles_own_signature_goes_to_nobody_else) {
  const std::string body =
      R"({"messages":[{"role":"assistant","content":"x","extra_content":{"google":{"thought_signature":"TS"}}}]})";
  EXPECT_THAT(sent(body, Origin::xai), Not(HasSubstr("TS")));
  EXPECT_EQ(sent(body, Origin::gemini), body);
  EXPECT_EQ(sent(body, Origin::none), body);  // a server that nobody knows may be Google's
}

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
