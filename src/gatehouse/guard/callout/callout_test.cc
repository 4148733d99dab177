#include "gatehouse/guard/callout/callout.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/callout/breaker.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::guard {
namespace {

using config::CalloutShape;
using config::GuardAction;

config::Callout webhook(GuardAction action = GuardAction::block) {
  config::Callout callout;
  callout.name = "w";
  callout.action = action;
  return callout;
}

config::Callout moderation(std::int64_t threshold_nanos = 0) {
  config::Callout callout;
  callout.name = "m";
  callout.shape = CalloutShape::openai_moderation;
  callout.model = "omni";
  callout.threshold = base::Money::nanos(threshold_nanos);
  return callout;
}

const std::vector<CalloutText> kTexts = {
    {.role = llm::Role::system, .kind = llm::SegmentKind::text, .place = 3, .text = "be \"good\"\n"},
    {.role = llm::Role::user, .kind = llm::SegmentKind::tool_arguments, .place = 5, .text = "gr\xC3\xBC\xC3\x9F"}};

TEST(CalloutBody, Webhook) {
  const std::vector<std::string_view> policies = {"a", "b"};
  const auto body =
      callout_body(webhook(), {.id = "req_1", .direction = Direction::response, .policies = policies, .texts = kTexts});
  ASSERT_TRUE(body);
  EXPECT_EQ(*body, R"({"id":"req_1","direction":"response","policies":["a","b"],"texts":[)"
                   R"({"role":"system","kind":"text","text":"be \"good\"\n"},)"
                   "{\"role\":\"user\",\"kind\":\"tool_arguments\",\"text\":\"gr\xC3\xBC\xC3\x9F\"}]}");
}

TEST(CalloutBody, Moderation) {
  const auto body = callout_body(moderation(), {.id = "x", .direction = {}, .policies = {}, .texts = kTexts});
  ASSERT_TRUE(body);
  EXPECT_EQ(*body, "{\"model\":\"omni\",\"input\":[\"be \\\"good\\\"\\n\",\"gr\xC3\xBC\xC3\x9F\"]}");
}

TEST(CalloutBody, IsBounded) {
  const std::string half(kMostCalloutBody / 2 + 1, 'x');
  const std::vector<CalloutText> long_texts = {{.text = half}, {.text = half}};
  EXPECT_EQ(callout_body(webhook(), {.id = {}, .direction = {}, .policies = {}, .texts = long_texts}).error().code,
            Code::too_large);
  const std::vector<CalloutText> many(kMostCalloutTexts + 1, CalloutText{.text = "x"});
  EXPECT_FALSE(callout_body(webhook(), {.id = {}, .direction = {}, .policies = {}, .texts = many}));
  const std::string escapes(kMostCalloutBody - 1, '\x01');
  const std::vector<CalloutText> grows = {{.text = escapes}};
  EXPECT_FALSE(callout_body(webhook(), {.id = {}, .direction = {}, .policies = {}, .texts = grows}));
}

TEST(CalloutVerdict, WebhookActions) {
  struct Case {
    std::string_view body;
    GuardAction most;
    GuardAction action;
  };
  for (const Case& c : std::vector<Case>{
           {R"({"action":"allow"})", GuardAction::block, GuardAction::allow},
           {R"( {"action":"flag"} )", GuardAction::block, GuardAction::flag},
           {R"({"action":"block","more":{"x":[1]}})", GuardAction::block, GuardAction::block},
           {R"({"action":"block"})", GuardAction::flag, GuardAction::flag},
           {R"({"action":"flag"})", GuardAction::log, GuardAction::log},
           {R"({"action":"block"})", GuardAction::allow, GuardAction::allow},
           {R"({"action":"redact","replacements":[]})", GuardAction::flag, GuardAction::flag},
       }) {
    const auto verdict = read_callout_verdict(webhook(c.most), c.body, kTexts);
    ASSERT_TRUE(verdict) << c.body;
    EXPECT_EQ(verdict->action, c.action) << c.body;
    EXPECT_EQ(verdict->objections.empty(), c.body.find("allow") != c.body.npos) << c.body;
  }
}

TEST(CalloutVerdict, WebhookTells) {
  const auto verdict = read_callout_verdict(
      webhook(), R"({"action":"block","reason":"no \"politics\"","detector":"topics.politics","text":1})", kTexts);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->reason, "no \"politics\"");
  ASSERT_EQ(verdict->objections.size(), 1U);
  EXPECT_EQ(verdict->objections[0].entity, "topics.politics");
  EXPECT_EQ(verdict->objections[0].text, 1U);
}

TEST(CalloutVerdict, WebhookRedacts) {
  const auto verdict = read_callout_verdict(webhook(), R"({"action":"redact","replacements":[
      {"text":1,"begin":2,"end":6,"replacement":"[X]"},{"text":0,"begin":3,"end":9,"replacement":""}]})",
                                            kTexts);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->action, GuardAction::redact);
  ASSERT_EQ(verdict->replacements.size(), 2U);
  EXPECT_EQ(verdict->replacements[0].text, 0U);
  EXPECT_EQ(verdict->replacements[1].edit.text, "[X]");
}

TEST(CalloutVerdict, WhatCannotBeReliedOn) {
  for (const std::string_view body : {
           "",
           "ok",
           "[]",
           "null",
           "{}",
           R"({"action":"allow")",
           R"({"action":"allow"} x)",
           R"({"action":"Allow"})",
           R"({"action":true})",
           R"({"action":"block","detector":""})",
           R"({"action":"block","detector":"a b"})",
           R"({"action":"block","detector":7})",
           R"({"action":"block","reason":[]})",
           R"({"action":"block","text":2})",
           R"({"action":"block","text":-1})",
           R"({"action":"redact"})",
           R"({"action":"redact","replacements":{}})",
           R"({"action":"redact","replacements":[{}]})",
           R"({"action":"redact","replacements":[{"text":2,"begin":0,"end":1,"replacement":""}]})",
           R"({"action":"redact","replacements":[{"text":0,"begin":1,"end":1,"replacement":""}]})",
           R"({"action":"redact","replacements":[{"text":0,"begin":2,"end":1,"replacement":""}]})",
           R"({"action":"redact","replacements":[{"text":0,"begin":0,"end":11,"replacement":""}]})",
           R"({"action":"redact","replacements":[{"text":1,"begin":0,"end":3,"replacement":"x"}]})",
           R"({"action":"redact","replacements":[{"text":0,"begin":0,"end":1,"replacement":"\""}]})",
           R"({"action":"redact","replacements":[{"text":0,"begin":0,"end":1,"replacement":"\n"}]})",
           R"({"action":"redact","replacements":[{"text":0,"begin":0,"end":2,"replacement":""},
                                                 {"text":0,"begin":1,"end":3,"replacement":""}]})",
       }) {
    const auto verdict = read_callout_verdict(webhook(), body, kTexts);
    ASSERT_FALSE(verdict) << body;
    EXPECT_EQ(verdict.error().code, Code::upstream_protocol);
  }
  EXPECT_FALSE(read_callout_verdict(
      webhook(), R"({"action":"block","reason":")" + std::string(kMostCalloutReason + 1, 'x') + "\"}", kTexts));
  EXPECT_FALSE(read_callout_verdict(webhook(), std::string(kMostCalloutAnswer + 1, ' '), kTexts));
}

// A result for each of two texts.
std::string results(std::string_view first, std::string_view second) {
  return R"({"id":"modr","results":[)" + std::string(first) + "," + std::string(second) + "]}";
}
constexpr std::string_view kClean =
    R"({"flagged":false,"categories":{"hate":false,"self-harm":false},"category_scores":{"hate":0.01,"self-harm":0.002}})";
constexpr std::string_view kFlagged =
    R"({"flagged":true,"categories":{"hate":false,"self-harm":true},"category_scores":{"hate":0.7,"self-harm":0.6}})";

TEST(CalloutVerdict, ModerationByItsVerdict) {
  EXPECT_EQ(read_callout_verdict(moderation(), results(kClean, kClean), kTexts)->action, GuardAction::allow);
  const auto verdict = read_callout_verdict(moderation(), results(kClean, kFlagged), kTexts);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->action, GuardAction::block);
  ASSERT_EQ(verdict->objections.size(), 1U);
  EXPECT_EQ(verdict->objections[0].text, 1U);
  EXPECT_EQ(verdict->objections[0].entity, "self-harm") << "of those that it names";
  EXPECT_FLOAT_EQ(verdict->objections[0].score, 0.6F);
  const auto bare = read_callout_verdict(moderation(), results(R"({"flagged":true})", kClean), kTexts);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->objections[0].entity, "flagged");
}

TEST(CalloutVerdict, ModerationByScores) {
  // Its own verdict counts for nothing then.
  const auto low = read_callout_verdict(moderation(800'000'000), results(kFlagged, kFlagged), kTexts);
  ASSERT_TRUE(low);
  EXPECT_EQ(low->action, GuardAction::allow);
  const auto high = read_callout_verdict(moderation(650'000'000), results(kFlagged, kClean), kTexts);
  ASSERT_TRUE(high);
  EXPECT_EQ(high->action, GuardAction::block);
  ASSERT_EQ(high->objections.size(), 1U);
  EXPECT_EQ(high->objections[0].entity, "hate");
  EXPECT_EQ(high->objections[0].text, 0U);
}

TEST(CalloutVerdict, ModerationThatCannotBeReliedOn) {
  for (const std::string& body : {std::string("{}"), std::string(R"({"results":{}})"), std::string(R"({"results":[]})"),
                                  R"({"results":[)" + std::string(kClean) + "]}", results(kClean, "{}"),
                                  results(kClean, "7"), results(kClean, R"({"flagged":"no"})")}) {
    EXPECT_FALSE(read_callout_verdict(moderation(), body, kTexts)) << body;
  }
  for (const std::string_view second :
       {R"({"flagged":false})", R"({"flagged":false,"category_scores":{"hate":"0"}})",
        R"({"flagged":false,"category_scores":{"hate":7}})", R"({"flagged":false,"category_scores":{"hate":-1}})"}) {
    EXPECT_FALSE(read_callout_verdict(moderation(500'000'000), results(kClean, second), kTexts)) << second;
  }
}

TEST(ComposeEdits, IsBothOneAfterTheOther) {
  const std::string text = "0123456789";
  const std::vector<std::vector<TextEdit>> firsts = {
      {}, {{2, 5, "abc"}}, {{2, 5, ""}}, {{0, 10, "whole"}}, {{0, 1, "xyzxyz"}, {1, 3, "q"}, {9, 10, "END"}}};
  for (const auto& first : firsts) {
    const std::string left = edited_text(text, first);
    // Every range of what is left, and pairs of ranges.
    for (std::size_t begin = 0; begin < left.size(); ++begin) {
      for (std::size_t end = begin + 1; end <= left.size(); ++end) {
        for (const std::string_view with : {"", "[NEW]"}) {
          std::vector<TextEdit> second = {{begin, end, std::string(with)}};
          EXPECT_EQ(edited_text(text, compose_edits(text.size(), first, second)), edited_text(left, second));
          if (end + 1 >= left.size()) continue;
          second.push_back({end, end + 2, "&"});
          const auto both = compose_edits(text.size(), first, second);
          EXPECT_EQ(edited_text(text, both), edited_text(left, second));
          for (std::size_t i = 0; i < both.size(); ++i) {
            EXPECT_LT(both[i].begin, both[i].end);
            if (i > 0) EXPECT_LE(both[i - 1].end, both[i].begin);
          }
        }
      }
    }
  }
}

TEST(ComposeEdits, LeavesWhatIsNotTouched) {
  const std::vector<TextEdit> first = {{2, 3, "abc"}};
  const std::vector<TextEdit> second = {{8, 9, "x"}};
  const auto both = compose_edits(10, first, second);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].begin, 2U);
  EXPECT_EQ(both[0].end, 3U);
  EXPECT_EQ(both[1].begin, 6U);
  EXPECT_EQ(both[1].end, 7U);
}

TEST(CalloutBreaker, OpensPausesTriesAndCloses) {
  using std::chrono::milliseconds;
  CalloutBreaker breaker(3, milliseconds(100));
  base::SteadyTime now{std::chrono::seconds(1000)};
  for (int i = 0; i < 2; ++i) breaker.failed(now);
  EXPECT_TRUE(breaker.allows(now));
  breaker.succeeded();
  for (int i = 0; i < 2; ++i) breaker.failed(now);
  EXPECT_TRUE(breaker.allows(now)) << "a success begins the row anew";
  breaker.failed(now);
  EXPECT_FALSE(breaker.allows(now));
  EXPECT_FALSE(breaker.allows(now + milliseconds(99)));
  now += milliseconds(100);
  EXPECT_TRUE(breaker.allows(now)) << "one is tried";
  EXPECT_FALSE(breaker.allows(now)) << "and no other beside it";
  breaker.failed(now);
  EXPECT_FALSE(breaker.allows(now + milliseconds(99)));
  EXPECT_TRUE(breaker.allows(now + milliseconds(100)));
  // Its caller left: another is tried a pause later.
  EXPECT_TRUE(breaker.allows(now + milliseconds(200)));
  breaker.succeeded();
  EXPECT_TRUE(breaker.allows(now));
  breaker.failed(now);
  EXPECT_TRUE(breaker.allows(now)) << "closed as if nothing had been";
}

TEST(CalloutBreaker, OneTrialAmongManyThreads) {
  CalloutBreaker breaker(1, std::chrono::seconds(1));
  const base::SteadyTime start{std::chrono::seconds(1000)};
  breaker.failed(start);
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) allowed += breaker.allows(start + std::chrono::seconds(1)) ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(allowed.load(), 1);
}

}  // namespace
}  // namespace gatehouse::guard
