#include "gatehouse/app/commands/guard_replay.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/json/value.h"

namespace gatehouse::app {
namespace {

using config::GuardAction;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kCard = "4111 1111 1111 1111";
constexpr std::string_view kEmail = "erika@example.org";
const base::WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 5 / 1};

config::Snapshot with(GuardAction request, GuardAction response = GuardAction::unset, std::string team = {}) {
  config::Snapshot snapshot;
  config::Policy policy;
  policy.name = "p";
  if (!team.empty()) policy.applies_to.teams = {std::move(team)};
  auto& rule = policy.guards.pii.emplace();
  rule.request = request;
  rule.response = response == GuardAction::unset ? request : response;
  // Needs keys and a vault in a gateway, and none here.
  rule.style = config::RedactStyle::token;
  snapshot.policies.push_back(std::move(policy));
  return snapshot;
}

std::string body(std::string_view content) {
  return R"({"model":"m","messages":[{"role":"user","content":")" + std::string(content) + R"("}]})";
}
std::string row(std::string_view content, std::string_view said, std::string_view more = "") {
  return R"({"request":)" + body(content) +
         R"(,"response":{"choices":[{"index":0,"message":{"role":"assistant","content":")" + std::string(said) +
         R"("}}]})" + std::string(more) + "}";
}

std::unique_ptr<GuardReplay> replay(const config::Snapshot& live, const config::Snapshot& candidate) {
  auto made = GuardReplay::make(live, candidate);
  EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
  return std::move(*made);
}

TEST(GuardReplay, TheSamePoliciesChangeNothing) {
  const auto same = with(GuardAction::redact);
  auto replayed = replay(same, same);
  for (const auto text : {std::string_view("hello"), kEmail, kCard}) {
    const auto changed = replayed->add(1, body(text), kNow);
    ASSERT_TRUE(changed.has_value());
    EXPECT_FALSE(*changed) << text;
  }
  EXPECT_EQ(replayed->requests(), 3U);
  EXPECT_EQ(replayed->changed(), 0U);
}

TEST(GuardReplay, TellsWhatChangesByLineAndNeverTheText) {
  auto candidate = with(GuardAction::redact);
  candidate.policies[0].guards.pii->entities = {{"CREDIT_CARD", GuardAction::block}};
  auto replayed = replay(with(GuardAction::redact), candidate);
  EXPECT_FALSE(*replayed->add(1, body("hello"), kNow));
  EXPECT_FALSE(*replayed->add(2, body(kEmail), kNow));
  EXPECT_TRUE(*replayed->add(4, body("card " + std::string(kCard)), kNow));
  const std::string text = replayed->to_text();
  EXPECT_THAT(text, HasSubstr("line 4: redact -> block\n"));
  EXPECT_THAT(text, HasSubstr("- redact CREDIT_CARD"));
  EXPECT_THAT(text, HasSubstr("+ block  CREDIT_CARD"));
  EXPECT_THAT(text, HasSubstr("3 requests, 1 would change, 0 lines"));
  EXPECT_THAT(text, Not(HasSubstr("4111")));
  const std::string json = replayed->to_json();
  EXPECT_THAT(json, Not(HasSubstr("4111")));
  const json::Value root(json);
  EXPECT_EQ(root["changed"].integer(), 1);
  EXPECT_EQ(root["changes"].size(), 1U);
  root["changes"].elements([](json::Value change) {
    EXPECT_EQ(change["line"].integer(), 4);
    EXPECT_EQ(change["live"].string(), "redact");
    EXPECT_EQ(change["candidate"].string(), "block");
    EXPECT_EQ(change["lost"].size(), 1U);
    change["gained"].elements([](json::Value found) {
      EXPECT_EQ(found["entity"].string(), "CREDIT_CARD");
      EXPECT_EQ(found["policy"].string(), "p");
      EXPECT_EQ(found["begin"].integer(), 5);
    });
  });
  EXPECT_THAT(json, HasSubstr(R"({"live":"redact","candidate":"redact","requests":1})"));
}

TEST(GuardReplay, APolicyThatEndsIsAChangeToo) {
  auto replayed = replay(with(GuardAction::block), config::Snapshot());
  EXPECT_TRUE(*replayed->add(1, body(kEmail), kNow));
  EXPECT_THAT(replayed->to_text(), HasSubstr("line 1: block -> allow\n"));
}

TEST(GuardReplay, AnswersAreJudgedUnlessTheRequestIsRefused) {
  auto replayed = replay(with(GuardAction::allow), with(GuardAction::allow, GuardAction::redact));
  EXPECT_TRUE(*replayed->add(1, row("hello", kEmail), kNow));
  EXPECT_THAT(replayed->to_text(), HasSubstr("EMAIL pii.email response assistant text"));
  EXPECT_FALSE(*replayed->add(2, row(kEmail, "hello"), kNow));
  auto refusing = replay(with(GuardAction::block, GuardAction::allow), with(GuardAction::block, GuardAction::redact));
  EXPECT_FALSE(*refusing->add(1, row(kEmail, kEmail), kNow));
}

TEST(GuardReplay, PoliciesHoldForWhomTheyName) {
  auto replayed = replay(config::Snapshot(), with(GuardAction::block, GuardAction::unset, "support"));
  EXPECT_FALSE(*replayed->add(1, row(kEmail, "x"), kNow));
  EXPECT_FALSE(*replayed->add(2, row(kEmail, "x", R"(,"team":"sales")"), kNow));
  EXPECT_TRUE(*replayed->add(3, row(kEmail, "x", R"(,"team":"support")"), kNow));
}

TEST(GuardReplay, LinesThatAreNone) {
  auto replayed = replay(config::Snapshot(), config::Snapshot());
  for (const char* line : {"", "x", "[]", "7", R"({"request":7})", R"({"request":{}}})"}) {
    EXPECT_FALSE(replayed->add(1, line, kNow).has_value()) << line;
  }
  EXPECT_EQ(replayed->requests(), 0U);
  EXPECT_THAT(replayed->to_text(), HasSubstr("6 lines could not be read"));
}

TEST(GuardReplay, SaysWhichConfigurationIsWrong) {
  auto broken = with(GuardAction::block);
  broken.policies[0].guards.pii->entities = {{"NOBODY_FINDS_IT", GuardAction::block}};
  const auto made = GuardReplay::make(config::Snapshot(), broken);
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().detail, HasSubstr("the candidate"));
}

}  // namespace
}  // namespace gatehouse::app
