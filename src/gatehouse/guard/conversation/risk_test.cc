#include "gatehouse/guard/conversation/risk.h"

#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::guard {
namespace {

using std::chrono::milliseconds;

RiskEvidence injection(float score, std::uint32_t segment = 0) { return {.score = score, .segment = segment}; }
base::Money share(double value) { return base::Money::nanos(static_cast<std::int64_t>(value * 1e9)); }

TEST(Risk, InjectionCountsByACurve) {
  EXPECT_EQ(weight(injection(0)), 0);
  EXPECT_NEAR(weight(injection(0.2F)), 0, 1e-9);
  EXPECT_LT(weight(injection(0.4F)), 0.06);
  EXPECT_GT(weight(injection(0.8F)), 0.4);
  EXPECT_GT(weight(injection(1)), weight(injection(0.9F)));
  EXPECT_LE(weight(injection(1)), 1);
  auto untrusted = injection(0.6F);
  untrusted.untrusted = true;
  EXPECT_GT(weight(untrusted), weight(injection(0.6F)));
}

TEST(Risk, ValuesCountALittleAndOnlyWhereAPolicyActs) {
  EXPECT_EQ(weight({.family = Family::pii, .score = 1, .action = Action::allow}), 0);
  EXPECT_GT(weight({.family = Family::pii, .score = 1, .action = Action::redact}), 0);
  EXPECT_GT(weight({.family = Family::secrets, .score = 1, .action = Action::block}),
            weight({.family = Family::pii, .score = 1, .action = Action::block}));
  EXPECT_GT(weight({.family = Family::pii, .score = 1, .action = Action::block, .assembled = true}), 0.3);
}

TEST(Risk, ATurnIsAtMostOne) {
  EXPECT_EQ(turn_risk({}), 0);
  std::vector<RiskEvidence> many;
  for (std::uint32_t i = 0; i < 100; ++i) many.push_back(injection(0.95F, i));
  EXPECT_GT(turn_risk(many), 0.99);
  EXPECT_LE(turn_risk(many), 1);
  // Signs in one text are of the same words.
  const std::vector<RiskEvidence> same = {injection(0.8F), injection(0.8F), injection(0.7F)};
  EXPECT_DOUBLE_EQ(turn_risk(same), weight(injection(0.8F)));
  const std::vector<RiskEvidence> apart = {injection(0.8F, 1), injection(0.8F, 2)};
  EXPECT_GT(turn_risk(apart), turn_risk(same));
  // A table of addresses is no attack.
  const std::vector<RiskEvidence> table(500, {.family = Family::pii, .score = 1, .action = Action::redact});
  EXPECT_NEAR(turn_risk(table), kMostOrdinary, 1e-9);
}

TEST(Risk, Fades) {
  EXPECT_DOUBLE_EQ(decayed(0.8, milliseconds(0), milliseconds(1000)), 0.8);
  EXPECT_DOUBLE_EQ(decayed(0.8, milliseconds(1000), milliseconds(1000)), 0.4);
  EXPECT_DOUBLE_EQ(decayed(0.8, milliseconds(3000), milliseconds(1000)), 0.1);
  EXPECT_DOUBLE_EQ(decayed(0.8, milliseconds(-5000), milliseconds(1000)), 0.8);
  EXPECT_DOUBLE_EQ(decayed(-1, milliseconds(5), milliseconds(1000)), 0);
}

TEST(Risk, Thresholds) {
  config::ConversationGuard guard;
  guard.warn = share(0.3);
  guard.tighten = share(0.5);
  guard.reroute = share(0.7);
  guard.end = share(0.9);
  guard.model = "careful";
  const std::vector<const config::ConversationGuard*> guards = {&guard};
  EXPECT_EQ(judge_risk(0.29, guards).enforced.strongest(), ConversationStep::none);
  EXPECT_EQ(judge_risk(0.3, guards).enforced.strongest(), ConversationStep::warn);
  EXPECT_EQ(judge_risk(0.6, guards).enforced.strongest(), ConversationStep::tighten);
  const auto reroute = judge_risk(0.7, guards);
  EXPECT_EQ(reroute.enforced.strongest(), ConversationStep::reroute);
  EXPECT_TRUE(reroute.enforced.tighten && reroute.enforced.warn);
  EXPECT_EQ(reroute.model, "careful");
  EXPECT_EQ(judge_risk(1.5, guards).enforced.strongest(), ConversationStep::end);
  // 0 is never.
  EXPECT_EQ(judge_risk(0, std::vector<const config::ConversationGuard*>{}).enforced.strongest(),
            ConversationStep::none);
  config::ConversationGuard none;
  none.end = share(0);
  const std::vector<const config::ConversationGuard*> never = {&none};
  EXPECT_EQ(judge_risk(5, never).enforced, ConversationSteps());
}

TEST(Risk, TheStrictestOfSeveralAndModesApart) {
  config::ConversationGuard loose;
  loose.end = share(0.9);
  loose.half_life = milliseconds(1000);
  config::ConversationGuard strict;
  strict.end = share(0.4);
  strict.half_life = milliseconds(5000);
  config::ConversationGuard watched;
  watched.end = share(0.1);
  watched.mode = config::GuardMode::monitor;
  watched.half_life = milliseconds(90'000);
  config::ConversationGuard candidate;
  candidate.tighten = share(0.1);
  candidate.mode = config::GuardMode::shadow;
  const std::vector<const config::ConversationGuard*> guards = {&loose, &strict, &watched, &candidate};
  EXPECT_TRUE(judge_risk(0.5, guards).enforced.end);
  const auto low = judge_risk(0.2, guards);
  EXPECT_EQ(low.enforced, ConversationSteps());
  EXPECT_TRUE(low.monitored.end);
  EXPECT_TRUE(low.shadow.tighten);
  EXPECT_FALSE(low.shadow.end);
  EXPECT_EQ(half_life_of(guards), milliseconds(5000));
  const std::vector<const config::ConversationGuard*> only = {&watched};
  EXPECT_EQ(half_life_of(only), milliseconds(90'000));
}

TEST(Risk, OneStepStricter) {
  const auto tight = [](Action action, Family family) {
    return tightened({.action = action, .monitored = action, .shadow = action}, family).action;
  };
  EXPECT_EQ(tight(Action::allow, Family::pii), Action::allow);
  EXPECT_EQ(tight(Action::log, Family::pii), Action::flag);
  EXPECT_EQ(tight(Action::flag, Family::pii), Action::redact);
  EXPECT_EQ(tight(Action::flag, Family::injection), Action::block);
  EXPECT_EQ(tight(Action::redact, Family::pii), Action::redact);
  EXPECT_EQ(tight(Action::block, Family::pii), Action::block);
}

}  // namespace
}  // namespace gatehouse::guard
