#include "gatehouse/govern/admission/weight_rules.h"

#include <optional>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

using testing::utc;

class WeightRulesTest : public ::testing::Test {
 protected:
  const Node org_{NodeKind::org, "acme", nullptr};
  const Node team_{NodeKind::team, "support", &org_};
  const Node key_{NodeKind::key, "k1", &team_};
  const Node other_{NodeKind::team, "research", &org_};
  WeightRule rule_{.scope_id = "support", .weight = 10};
};

TEST_F(WeightRulesTest, CountsForWhatHangsBelow) {
  const WeightRules rules = *WeightRules::build({rule_});
  EXPECT_EQ(rules.weight(&key_, utc(2026, 1, 1)), 10);
  EXPECT_EQ(rules.weight(&other_, utc(2026, 1, 1)), std::nullopt);
  EXPECT_EQ(rules.weight(nullptr, utc(2026, 1, 1)), std::nullopt);
}

TEST_F(WeightRulesTest, HoursOfTheLocalDay) {
  rule_.from = 9 * 60;
  rule_.to = 17 * 60;
  rule_.days = 0x1f;  // working days
  rule_.time_zone = "Europe/Berlin";
  const WeightRules rules = *WeightRules::build({rule_});
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 3, 7)), 10);  // Friday 09:00 in summer
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 3, 6, 59)), std::nullopt);
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 3, 15)), std::nullopt);
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 4, 8)), std::nullopt);  // Saturday
  EXPECT_EQ(rules.weight(&team_, utc(2026, 1, 2, 7)), std::nullopt);  // 08:00 in winter
  EXPECT_EQ(rules.weight(&team_, utc(2026, 1, 2, 8)), 10);
}

TEST_F(WeightRulesTest, OverMidnightBelongsToTheDayItBegins) {
  rule_.from = 22 * 60;
  rule_.to = 6 * 60;
  rule_.days = 0x10;  // Friday
  const WeightRules rules = *WeightRules::build({rule_});
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 3, 23)), 10);
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 4, 5, 59)), 10);
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 4, 6)), std::nullopt);
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 3, 5)), std::nullopt);  // Thursday's night
  EXPECT_EQ(rules.weight(&team_, utc(2026, 7, 4, 23)), std::nullopt);
}

TEST_F(WeightRulesTest, TheFirstInForceCounts) {
  WeightRule all{.scope_id = "*", .weight = 3};
  const WeightRules rules = *WeightRules::build({rule_, all});
  EXPECT_EQ(rules.weight(&team_, utc(2026, 1, 1)), 10);
  EXPECT_EQ(rules.weight(&other_, utc(2026, 1, 1)), 3);
}

TEST_F(WeightRulesTest, RefusesNonsense) {
  const auto refused = [&](auto change) {
    WeightRule rule = rule_;
    change(rule);
    return !WeightRules::build({rule}).has_value();
  };
  EXPECT_TRUE(refused([](WeightRule& rule) { rule.weight = 0; }));
  EXPECT_TRUE(refused([](WeightRule& rule) { rule.weight = 1001; }));
  EXPECT_TRUE(refused([](WeightRule& rule) { rule.to = 1441; }));
  EXPECT_TRUE(refused([](WeightRule& rule) { rule.days = 0; }));
  EXPECT_TRUE(refused([](WeightRule& rule) { rule.time_zone = "Nowhere"; }));
}

}  // namespace
}  // namespace gatehouse::govern
