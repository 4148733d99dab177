#include "gatehouse/app/limits_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/load_testing.h"

namespace gatehouse::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::shared_ptr<const config::Snapshot> loaded(std::string_view yaml) {
  auto result = config::load_one(yaml);
  for (const auto& problem : result.problems) ADD_FAILURE() << problem.to_string();
  return result.snapshot;
}

std::vector<std::string> ids(const LimitPlan& plan) {
  std::vector<std::string> result;
  for (const auto& spec : plan.limits) result.push_back(spec.limit.id);
  return result;
}

TEST(LimitsOf, BudgetsByScope) {
  const auto snapshot = loaded(R"(
budgets:
  - { scope: "team:support", window: month, usd: 500, tokens: 7, soft: 0.8, time_zone: Europe/Berlin }
  - { scope: "team:support", window: month, usd: 20, time_zone: Europe/Berlin }
  - { scope: "end_user:*", window: day, rolling: true, requests: 5, models: [gpt-5*, a] }
)");
  const auto plan = limits_of(*snapshot);
  ASSERT_TRUE(plan);
  EXPECT_THAT(
      ids(*plan),
      ElementsAre("team:support/budget:usd:month:Europe/Berlin", "team:support/budget:total_tokens:month:Europe/Berlin",
                  "team:support/budget:usd:month:Europe/Berlin#2", "end_user:*/budget:requests:day:rolling:a,gpt-5*"));
  EXPECT_EQ(plan->limits[0].limit.amount, 500'000'000'000);
  EXPECT_DOUBLE_EQ(plan->limits[0].limit.soft, 0.8);
  EXPECT_EQ(plan->limits[0].scope, (govern::NodeRef{govern::NodeKind::team, "support"}));
  EXPECT_EQ(*plan->limits[3].models, (std::vector<std::string>{"gpt-5*", "a"}));
}

TEST(LimitsOf, RatesOfNodesKeysProvidersAndPolicies) {
  const auto snapshot = loaded(R"(
teams: [ { name: support, limits: { requests_per_minute: 60, concurrency: 3 } } ]
providers: [ { name: p, kind: openai_compatible, base_url: "http://127.0.0.1:1/v1", limits: { tokens_per_minute: 9 } } ]
keys: [ { name: k, key: abcdefghijklmnop, limits: { tokens_per_day: 5 } } ]
policies:
  - { name: all, limits: { concurrency: 2 } }
  - { name: some, applies_to: { teams: [support, "*"], models: [x] }, limits: { requests_per_day: 8 } }
)");
  const auto plan = limits_of(*snapshot);
  ASSERT_TRUE(plan);
  EXPECT_THAT(ids(*plan), ElementsAre("team:support/rate:requests:minute", "team:support/rate:concurrency:lifetime",
                                      "key:config:k/rate:total_tokens:day", "provider:p/rate:total_tokens:minute",
                                      "key:*/policy:all:concurrency:lifetime",
                                      "team:support/policy:some:requests:day:x", "team:*/policy:some:requests:day:x"));
}

TEST(LimitsOf, NothingWithoutLimits) { EXPECT_THAT(limits_of(*loaded("teams: [ { name: a } ]"))->limits, IsEmpty()); }

TEST(LimitsOf, WeightRules) {
  EXPECT_TRUE(limits_of(*loaded(
      R"(weights: [ { scope: "team:a", weight: 5, days: fri-mon, from: "08:00", to: "18:30", time_zone: Europe/Berlin } ])")));
  for (const auto* wrong : {R"(days: "mon-xyz")", R"(from: "08.00", to: "09:00")", R"(from: "08:00")",
                            R"(from: "08:00", to: "25:00")", R"(time_zone: Mars/Base)"}) {
    const auto plan = limits_of(*loaded(std::string(R"(weights: [ { scope: "team:a", weight: 5, )") + wrong + " } ]"));
    ASSERT_FALSE(plan) << wrong;
    EXPECT_EQ(plan.error().code, Code::configuration);
  }
}

}  // namespace
}  // namespace gatehouse::app
