#include "gatehouse/govern/admission/counter.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

using testing::limit;
using testing::utc;
using namespace std::chrono_literals;

Counter counter(Limit of) {
  Result<Zone> zone = Zone::load(of.window.time_zone);
  return {std::make_shared<const ZonedLimit>(std::move(of), *zone), NodeKind::org, nullptr, 0};
}

TEST(Need, EachResource) {
  Demand demand;
  demand.prompt_tokens = 100;
  demand.base = base::Money::nanos(7);
  demand.picodollars_per_completion_token = 600'001;
  EXPECT_EQ(need(Resource::requests, demand, 5), 1);
  EXPECT_EQ(need(Resource::concurrency, demand, 5), 1);
  EXPECT_EQ(need(Resource::prompt_tokens, demand, 5), 100);
  EXPECT_EQ(need(Resource::completion_tokens, demand, 5), 5);
  EXPECT_EQ(need(Resource::total_tokens, demand, 5), 105);
  EXPECT_EQ(need(Resource::usd, demand, 5), 7 + 3001);  // 3,000,005 picodollars are more than 3,000 nanodollars
}

// fit is the inverse of need: what fits fits, and one more does not.
TEST(Fit, IsExact) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Demand demand;
    demand.prompt_tokens = static_cast<std::int64_t>(random() % 1000);
    demand.base = base::Money::nanos(static_cast<std::int64_t>(random() % 1000));
    demand.picodollars_per_completion_token = static_cast<std::int64_t>(random() % 5000);
    const auto room = static_cast<std::int64_t>(random() % 4000) - 500;
    for (const Resource resource : {Resource::requests, Resource::prompt_tokens, Resource::completion_tokens,
                                    Resource::total_tokens, Resource::usd, Resource::concurrency}) {
      const std::int64_t tokens = fit(resource, demand, room);
      if (tokens < 0) {
        EXPECT_GT(need(resource, demand, 0), room);
        continue;
      }
      if (need(resource, demand, 0) > 0 || tokens > 0) {
        EXPECT_LE(need(resource, demand, std::min<std::int64_t>(tokens, 1'000'000'000)),
                  std::max<std::int64_t>(room, 0));
      }
      if (tokens != kAny) EXPECT_GT(need(resource, demand, tokens + 1), room);
    }
  }
}

TEST(Fit, WhatNeedsNothingIsNotInTheWay) {
  EXPECT_EQ(fit(Resource::completion_tokens, {}, -5), 0);
  EXPECT_EQ(fit(Resource::prompt_tokens, {}, -5), kAny);
  EXPECT_EQ(fit(Resource::usd, {}, -5), kAny);
}

TEST(Need, HugeNumbersSaturate) {
  Demand demand;
  demand.prompt_tokens = kAny;
  demand.base = base::Money::max();
  demand.picodollars_per_completion_token = kAny;
  EXPECT_EQ(need(Resource::total_tokens, demand, kAny), kAny);
  EXPECT_EQ(need(Resource::usd, demand, kAny), kAny);
  EXPECT_EQ(fit(Resource::usd, demand, 0), -1);
  Counter full = counter(limit("a", Resource::usd, kAny));
  full.roll(0);
  full.charge(kAny);
  full.charge(kAny);
  full.held = kAny;
  EXPECT_LT(full.room(), 0);
}

TEST(Counter, CalendarTurnsAtLocalMidnight) {
  Limit day = limit("a", Resource::requests, 10, Period::day);
  day.window.time_zone = "Europe/Berlin";
  Counter of = counter(day);
  of.roll(nanos(utc(2026, 7, 1, 12)));
  of.charge(4);
  of.held = 2;
  of.roll(nanos(utc(2026, 7, 1, 22)) - 1);
  EXPECT_EQ(of.used, 4);
  EXPECT_EQ(of.falls_to(5), std::numeric_limits<Nanos>::min());
  EXPECT_EQ(of.falls_to(3), nanos(utc(2026, 7, 1, 22)));
  of.roll(nanos(utc(2026, 7, 1, 22)));
  EXPECT_EQ(of.used, 0);
  EXPECT_EQ(of.held, 2);  // what is in flight stays held
}

TEST(Counter, AClockThatStepsBackOpensNothing) {
  Counter of = counter(limit("a", Resource::requests, 10, Period::minute));
  of.roll(nanos(utc(2026, 7, 1, 12, 1)));
  of.charge(10);
  of.roll(nanos(utc(2026, 7, 1, 12, 0)));
  EXPECT_EQ(of.used, 10);
  of.roll(nanos(utc(2026, 7, 1, 12, 1, 59)));
  EXPECT_EQ(of.used, 10);
  Counter rolling = counter(limit("a", Resource::requests, 10, Period::minute, true));
  rolling.roll(nanos(utc(2026, 7, 1, 12, 1)));
  rolling.charge(10);
  rolling.roll(nanos(utc(2026, 7, 1, 11, 0)));
  EXPECT_EQ(rolling.used, 10);
}

TEST(Counter, GivesBackOnlyInItsWindow) {
  for (const bool rolling : {false, true}) {
    Counter of = counter(limit("a", Resource::requests, 10, Period::minute, rolling));
    of.roll(nanos(utc(2026, 7, 1, 12)));
    of.charge(1);
    const std::int64_t stamp = of.stamp();
    of.charge(1);
    of.give_back(1, stamp);
    EXPECT_EQ(of.used, 1);
    of.roll(nanos(utc(2026, 7, 1, 12, 5)));
    of.charge(3);
    of.give_back(1, stamp);
    EXPECT_EQ(of.used, 3);
  }
}

// Against a list of everything that was charged: never more than the amount in any true window, and what is counted is
// neither less than the true window holds nor more than one part longer does.
TEST(Counter, RollingHoldsInEveryTrueWindow) {
  const std::vector<std::pair<Period, std::chrono::nanoseconds>> kinds = {
      {Period::minute, 60s}, {Period::hour, 1h}, {Period::day, 24h}, {Period::week, 168h}, {Period::month, 720h}};
  std::mt19937_64 random(7);
  for (const auto& [period, length] : kinds) {
    constexpr std::int64_t kAmount = 100;
    Counter of = counter(limit("a", Resource::total_tokens, kAmount, period, true));
    const Nanos width = Parts(period).width;
    EXPECT_EQ(width * Parts(period).parts, length.count());
    std::vector<std::pair<Nanos, std::int64_t>> charged;
    Nanos now = nanos(utc(2026, 1, 1)) + static_cast<Nanos>(random() % 1'000'000'000);
    for (int i = 0; i < 3000; ++i) {
      now += static_cast<Nanos>(random() % static_cast<std::uint64_t>(length.count() / (i % 100 == 0 ? 1 : 40)));
      of.roll(now);
      const auto sum_since = [&](Nanos since) {
        std::int64_t sum = 0;
        for (const auto& [at, amount] : charged) sum += at > since ? amount : 0;
        return sum;
      };
      ASSERT_GE(of.used, sum_since(now - length.count()));
      ASSERT_LE(of.used, sum_since(now - length.count() - width - 1));
      const auto use = static_cast<std::int64_t>(random() % 30);
      if (use <= of.room()) {
        of.charge(use);
        charged.emplace_back(now, use);
      } else {
        // The wait that is told is exact: not a moment earlier.
        const Nanos when = of.falls_to(kAmount - use);
        ASSERT_GT(when, now);
        Counter then = counter(limit("a", Resource::total_tokens, kAmount, period, true));
        then.roll(now);
        for (const auto& [at, amount] : charged) then.restore(at, amount);
        then.roll(when - 1);
        ASSERT_GT(use, then.room());
        then.roll(when);
        ASSERT_LE(use, then.room());
      }
    }
    for (std::size_t last = 0; last < charged.size(); ++last) {
      std::int64_t sum = 0;
      for (std::size_t i = last + 1; i-- > 0 && charged[i].first > charged[last].first - length.count();) {
        sum += charged[i].second;
      }
      ASSERT_LE(sum, kAmount) << name(period);
    }
  }
}

TEST(Counter, RestoresWhatTheWindowStillHas) {
  const base::WallTime now = utc(2026, 7, 15, 12);
  Counter month = counter(limit("a", Resource::usd, 100, Period::month));
  month.roll(nanos(now));
  month.restore(nanos(utc(2026, 6, 30, 23)), 5);
  month.restore(nanos(utc(2026, 7, 1)), 7);
  month.restore(nanos(now), 1);
  EXPECT_EQ(month.used, 8);
  Counter rolling = counter(limit("a", Resource::usd, 100, Period::day, true));
  rolling.roll(nanos(now));
  rolling.restore(nanos(now - 25h), 5);
  rolling.restore(nanos(now - 20h), 7);
  EXPECT_EQ(rolling.used, 7);
  rolling.roll(nanos(now + 5h));
  EXPECT_EQ(rolling.used, 0);
  Counter lifetime = counter(limit("a", Resource::usd, 100));
  lifetime.roll(nanos(now));
  lifetime.restore(0, 3);
  EXPECT_EQ(lifetime.used, 3);
}

}  // namespace
}  // namespace gatehouse::govern
