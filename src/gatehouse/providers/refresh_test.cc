#include "gatehouse/providers/refresh.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace gatehouse::providers {
namespace {

using namespace std::chrono_literals;

TEST(RefreshSchedule, AheadOfTheEnd) {
  base::Random random(1);
  const base::SteadyTime now{1h};
  RefreshSchedule schedule;
  EXPECT_TRUE(schedule.due(now));
  schedule.started();
  EXPECT_FALSE(schedule.due(now + 24h));  // one at a time
  for (int i = 0; i < 100; ++i) {
    schedule.succeeded(now, 1h, std::nullopt, random);
    EXPECT_FALSE(schedule.due(now + 54min));
    EXPECT_TRUE(schedule.due(now + 55min));
    schedule.succeeded(now, 4min, std::nullopt, random);
    EXPECT_FALSE(schedule.due(now + 107s));
    EXPECT_TRUE(schedule.due(now + 2min));
  }
  schedule.succeeded(now, 0s, std::nullopt, random);
  EXPECT_FALSE(schedule.due(now));
  EXPECT_TRUE(schedule.due(now + 1s));
}

TEST(RefreshSchedule, WhatDoesNotEnd) {
  base::Random random(1);
  const base::SteadyTime now{1h};
  RefreshSchedule schedule;
  schedule.succeeded(now, std::nullopt, std::nullopt, random);
  EXPECT_FALSE(schedule.due(now + 1000h));
  schedule.succeeded(now, std::nullopt, 5min, random);
  EXPECT_FALSE(schedule.due(now + 4min));
  EXPECT_TRUE(schedule.due(now + 5min));
  schedule.succeeded(now, 1h, 5min, random);
  EXPECT_TRUE(schedule.due(now + 5min));
}

TEST(RefreshSchedule, FailuresSlowDownToAMinute) {
  base::Random random(1);
  const base::SteadyTime now{1h};
  RefreshSchedule schedule;
  base::Duration longest = 1s;
  for (unsigned i = 1; i <= 100; ++i) {
    schedule.started();
    schedule.failed(now, random);
    EXPECT_EQ(schedule.failures(), i);
    EXPECT_FALSE(schedule.due(now + longest / 2 - 1ms)) << i;
    EXPECT_TRUE(schedule.due(now + longest)) << i;
    longest = std::min<base::Duration>(longest * 2, 1min);
  }
  schedule.succeeded(now, 1h, std::nullopt, random);
  EXPECT_EQ(schedule.failures(), 0U);
}

}  // namespace
}  // namespace gatehouse::providers
