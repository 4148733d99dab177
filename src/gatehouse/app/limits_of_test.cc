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

std::vector<std::string> ids(const std::vector<govern::Limit>& limits) {
  std::vector<std::string> result;
  for (const auto& limit : limits) result.push_back(limit.id);
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
  const auto& support = plan->nodes.at({govern::NodeKind::team, "support"});
  EXPECT_THAT(ids(support), ElementsAre("budget:usd:month:Europe/Berlin", "budget:total_tokens:month:Europe/Berlin",
                                        "budget:usd:month:Europe/Berlin#2"));
  EXPECT_EQ(support[0].amount, 500'000'000'000);
  EXPECT_DOUBLE_EQ(support[0].soft, 0.8);
  const auto& each = plan->templates[static_cast<std::size_t>(govern::NodeKind::end_user)];
  EXPECT_THAT(ids(each), ElementsAre("budget:requests:day:rolling:a,gpt-5*"));
  EXPECT_TRUE(each[0].models.admits("gpt-5.6"));
  EXPECT_FALSE(each[0].models.admits("b"));
  EXPECT_TRUE(plan->any_template());
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
  EXPECT_THAT(ids(plan->nodes.at({govern::NodeKind::team, "support"})),
              ElementsAre("rate:requests:minute", "rate:concurrency:lifetime", "policy:some:requests:day:x"));
  EXPECT_THAT(ids(plan->nodes.at({govern::NodeKind::provider, "p"})), ElementsAre("rate:total_tokens:minute"));
  EXPECT_THAT(ids(plan->nodes.at({govern::NodeKind::key, "k"})), ElementsAre("rate:total_tokens:day"));
  EXPECT_THAT(ids(plan->templates[static_cast<std::size_t>(govern::NodeKind::key)]),
              ElementsAre("policy:all:concurrency:lifetime"));
  EXPECT_THAT(ids(plan->templates[static_cast<std::size_t>(govern::NodeKind::team)]),
              ElementsAre("policy:some:requests:day:x"));
}

TEST(LimitsOf, NothingWithoutLimits) {
  const auto plan = limits_of(*loaded("teams: [ { name: a } ]"));
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->any_template());
  for (const auto& [place, limits] : plan->nodes) EXPECT_THAT(limits, IsEmpty());
}

TEST(LimitsOf, WeightRules) {
  EXPECT_TRUE(limits_of(*loaded(
      R"(weights: [ { scope: "team:a", weight: 5, days: fri-mon, from: "08:00", to: "18:30", time_zone: Europe/Berlin } ])")));
  for (const auto* wrong : {R"(days: "mon-xyz")", R"(from: "8")", R"(from: "08:00")", R"(from: "08:00", to: "25:00")",
                            R"(time_zone: Mars/Base)"}) {
    const auto plan = limits_of(*loaded(std::string(R"(weights: [ { scope: "team:a", weight: 5, )") + wrong + " } ]"));
    ASSERT_FALSE(plan) << wrong;
    EXPECT_EQ(plan.error().code, Code::configuration);
  }
}

}  // namespace
}  // namespace gatehouse::app
