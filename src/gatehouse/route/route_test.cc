#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "gatehouse/route/weighted.h"

namespace gatehouse::route {
namespace {

TEST(WeightedOrder, DrawsByWeightAndNamesEachOnce) {
  std::vector<config::Target> targets(3);
  targets[0].weight = 6;
  targets[1].weight = 3;
  targets[2].weight = 1;
  base::Random random(42);
  std::map<std::uint32_t, int> first;
  std::map<std::uint32_t, int> second_after_0;
  constexpr int kRounds = 20000;
  for (int i = 0; i < kRounds; ++i) {
    auto order = weighted_order(targets, random);
    ++first[order[0]];
    if (order[0] == 0) ++second_after_0[order[1]];
    std::ranges::sort(order);
    ASSERT_EQ(order, (std::vector<std::uint32_t>{0, 1, 2}));
  }
  EXPECT_NEAR(first[0], kRounds * 0.6, kRounds * 0.02);
  EXPECT_NEAR(first[1], kRounds * 0.3, kRounds * 0.02);
  EXPECT_NEAR(first[2], kRounds * 0.1, kRounds * 0.02);
  EXPECT_NEAR(second_after_0[1], first[0] * 0.75, kRounds * 0.02);
}

TEST(WeightedOrder, OfOneAndOfNone) {
  base::Random random(1);
  EXPECT_TRUE(weighted_order({}, random).empty());
  EXPECT_EQ(weighted_order(std::vector<config::Target>(1), random).size(), 1U);
}

}  // namespace
}  // namespace gatehouse::route
