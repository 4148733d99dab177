#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/govern/anomaly/accumulator.h"
#include "gatehouse/govern/anomaly/detector.h"

namespace gatehouse::govern::anomaly {
namespace {

using std::chrono::minutes;

constexpr std::int64_t kHour = 60;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kWeek = 7 * kDay;
// Monday 5 January 2026, 00:00 UTC.
const base::WallTime kMonday{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

// Office hours with a dip at noon, little at night, less at the weekend: tokens a minute at a busy hour are 1.
double office(std::int64_t minute) {
  const double hour = static_cast<double>(minute % kDay) / 60.0;
  const bool weekend = minute % kWeek >= 5 * kDay;
  const double day = std::exp(-std::pow((hour - 10.5) / 2.2, 2)) + 0.9 * std::exp(-std::pow((hour - 15) / 2.5, 2));
  return 0.02 + (weekend ? 0.1 : 1.0) * day;
}

// A principal's traffic: `shape` times `size`, times noise of a minute (log-normal) and of a day (it is a good day).
class Caller {
 public:
  Caller(std::uint64_t id, double size, std::function<double(std::int64_t)> shape, double noise = 0.6)
      : id_(id), size_(size), shape_(std::move(shape)), noise_(noise), random_(id * 7919) {}

  std::int64_t tokens(std::int64_t minute) {
    if (minute % kDay == 0) today_ = normal() * 0.2;
    return static_cast<std::int64_t>(size_ * shape_(minute) * std::exp(today_ + noise_ * normal()));
  }
  std::uint64_t id() const { return id_; }

 private:
  double uniform() { return (static_cast<double>(random_.below(1U << 30U)) + 0.5) / (1U << 30U); }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307 * uniform()); }

  std::uint64_t id_;
  double size_;
  std::function<double(std::int64_t)> shape_;
  double noise_;
  base::Random random_;
  double today_ = 0;
};

class Simulation {
 public:
  explicit Simulation(Policy policy = {}) : detector(policy) { detector.tick(kMonday); }

  void run(std::vector<Caller>& callers, std::int64_t length, double times = 1) {
    for (std::int64_t i = 0; i < length; ++i) {
      for (auto& caller : callers)
        add(caller.id(), static_cast<std::int64_t>(times * static_cast<double>(caller.tokens(minute))));
      step();
    }
  }
  void add(std::uint64_t id, std::int64_t tokens) {
    if (tokens > 0) detector.add(id, "caller" + std::to_string(id), {tokens, 0, 0, 0});
  }
  void step() {
    ++minute;
    for (auto& alert : detector.tick(kMonday + minutes(minute))) {
      if (alert.over) {
        ++cleared;
      } else {
        alerts.push_back(std::move(alert));
      }
    }
  }

  Detector detector;
  std::int64_t minute = 0;
  std::vector<Alert> alerts;
  int cleared = 0;
};

TEST(Anomaly, FindsASpikeWithinMinutesAndSaysWhenItIsOver) {
  Simulation sim;
  std::vector<Caller> callers{Caller(1, 50'000, office)};
  sim.run(callers, 3 * kWeek + 10 * kHour);
  ASSERT_TRUE(sim.alerts.empty());
  const auto began = sim.minute;
  while (sim.alerts.empty() && sim.minute < began + 60) sim.run(callers, 1, 10);
  ASSERT_EQ(sim.alerts.size(), 1U);
  std::printf("a 10x spike at 10:00 is found after %d minutes\n", static_cast<int>(sim.minute - began));
  EXPECT_LE(sim.minute - began, 6);
  const Alert& alert = sim.alerts.front();
  EXPECT_EQ(alert.principal, "caller1");
  EXPECT_EQ(alert.signal, Signal::tokens);
  EXPECT_GT(alert.observed, 3 * alert.expected);
  EXPECT_GT(alert.expected, 20'000);
  EXPECT_GT(alert.score, 3);
  EXPECT_LE(alert.since, kMonday + minutes(sim.minute));
  EXPECT_GE(alert.since, kMonday + minutes(began - 1));
  sim.run(callers, 20, 10);
  EXPECT_EQ(sim.alerts.size(), 1U);  // once
  EXPECT_EQ(sim.cleared, 0);
  sim.run(callers, 30);
  EXPECT_EQ(sim.cleared, 1);
  // Again within six hours: an alarm, and no second alert.
  sim.run(callers, 30, 10);
  EXPECT_EQ(sim.alerts.size(), 1U);
}

TEST(Anomaly, FindsAtNightWhatWouldBeUsualByDay) {
  Simulation sim;
  std::vector<Caller> callers{Caller(1, 300'000, office)};
  sim.run(callers, 3 * kWeek + kDay + 2 * kHour);
  ASSERT_TRUE(sim.alerts.empty());
  std::int64_t took = 0;
  for (; sim.alerts.empty() && took < 60; ++took) {
    sim.add(1, 250'000);
    sim.step();
  }
  EXPECT_LE(took, 6);
}

TEST(Anomaly, IsQuietOverOrdinaryMonths) {
  Simulation sim;
  std::vector<Caller> callers;
  for (std::uint64_t id = 1; id <= 12; ++id) callers.emplace_back(id, 20'000.0 * static_cast<double>(id * id), office);
  for (std::uint64_t id = 13; id <= 16; ++id) {
    callers.emplace_back(id, 200'000, [](std::int64_t) { return 1.0; }, 0.3);  // a service, day and night
  }
  for (std::uint64_t id = 17; id <= 20; ++id) {
    // A job each night at two, for forty minutes.
    callers.emplace_back(id, 500'000, [](std::int64_t m) { return m % kDay >= 120 && m % kDay < 160 ? 1.0 : 0.0; });
  }
  sim.run(callers, 8 * kWeek);
  const double months = 20 * 56 / 30.4;
  std::printf("false alarms: %zu in %.0f principal months, %.3f a month and principal\n", sim.alerts.size(), months,
              static_cast<double>(sim.alerts.size()) / months);
  EXPECT_LE(sim.alerts.size(), 1U);
}

// Who runs large jobs at odd hours has no pattern to leave; what is promised of him is only that alerts stay few.
TEST(Anomaly, IrregularCallersAlarmSeldom) {
  Simulation sim;
  base::Random random(5);
  std::array<std::int64_t, 5> left{};
  for (std::int64_t i = 0; i < 8 * kWeek; ++i) {
    for (std::size_t c = 0; c < left.size(); ++c) {
      if (left[c] == 0 && random.below(30 * 60) == 0) left[c] = 20 + static_cast<std::int64_t>(random.below(60));
      if (left[c] > 0) --left[c];
      sim.add(c + 1, left[c] > 0 ? 100'000 + static_cast<std::int64_t>(random.below(200'000)) : 200);
    }
    sim.step();
  }
  const double months = 5 * 56 / 30.4;
  std::printf("a job of an hour at random about once a day: %.1f alerts a month and principal\n",
              static_cast<double>(sim.alerts.size()) / months);
  EXPECT_LT(static_cast<double>(sim.alerts.size()) / months, 25);
}

TEST(Anomaly, AHolidayIsNoAlarmAndNeitherIsTheDayAfter) {
  Simulation sim;
  std::vector<Caller> callers{Caller(1, 100'000, office), Caller(2, 800'000, office)};
  sim.run(callers, 4 * kWeek);
  sim.run(callers, 7 * kDay, 0.02);  // nobody is there
  sim.run(callers, 2 * kWeek);
  EXPECT_TRUE(sim.alerts.empty());
}

TEST(Anomaly, FollowsASlowRampAndNotASteepOne) {
  Simulation slow;
  std::vector<Caller> callers{Caller(1, 100'000, office)};
  slow.run(callers, 3 * kWeek);
  double times = 1;
  for (int day = 0; day < 42; ++day) slow.run(callers, kDay, times *= 1.03);  // 3% a day: 3.5 times in six weeks
  EXPECT_TRUE(slow.alerts.empty());
  Simulation steep;
  callers = {Caller(1, 100'000, office)};
  steep.run(callers, 3 * kWeek);
  times = 1;
  for (int day = 0; day < 7; ++day) steep.run(callers, kDay, times *= 1.6);
  EXPECT_FALSE(steep.alerts.empty());
}

TEST(Anomaly, GetsUsedToWhatStays) {
  Simulation sim;
  std::vector<Caller> callers{Caller(1, 100'000, office)};
  sim.run(callers, 4 * kWeek);
  sim.run(callers, kWeek, 8);
  EXPECT_FALSE(sim.alerts.empty());
  sim.run(callers, 3 * kWeek, 8);
  sim.alerts.clear();
  sim.run(callers, 2 * kWeek, 8);
  EXPECT_TRUE(sim.alerts.empty());
}

TEST(Anomaly, ALastingAttackDoesNotBecomeThePatternInADay) {
  Simulation sim;
  std::vector<Caller> callers{Caller(1, 100'000, office)};
  sim.run(callers, 4 * kWeek);
  sim.run(callers, kDay, 20);
  ASSERT_FALSE(sim.alerts.empty());
  sim.run(callers, kWeek - kDay);
  sim.alerts.clear();
  sim.run(callers, 12 * kHour, 20);  // a week later
  EXPECT_FALSE(sim.alerts.empty());
}

TEST(Anomaly, TinyCallersAndNewOnesAreLeftAlone) {
  Simulation sim;
  std::vector<Caller> callers{Caller(1, 20, office)};
  sim.run(callers, 2 * kWeek + 10 * kHour);
  sim.run(callers, kHour, 100);  // 2,000 tokens a minute
  EXPECT_TRUE(sim.alerts.empty());
  for (std::int64_t i = 0; i < kDay; ++i) {
    sim.add(2, i < kHour ? 10 : 5'000'000);
    sim.step();
  }
  EXPECT_TRUE(sim.alerts.empty());
}

TEST(Anomaly, SignalsThatWereNeverSeenAreJudgedToo) {
  Policy policy;
  policy.signals[static_cast<std::size_t>(Signal::auth_failures)].throttle = true;
  Simulation sim(policy);
  std::vector<Caller> callers{Caller(1, 100'000, office)};
  sim.run(callers, kWeek);
  EXPECT_FALSE(sim.detector.throttled(1));
  for (int i = 0; i < 10; ++i) {
    sim.detector.add(1, "", {0, 0, 0, 50});
    sim.step();
  }
  ASSERT_EQ(sim.alerts.size(), 1U);
  EXPECT_EQ(sim.alerts.front().signal, Signal::auth_failures);
  EXPECT_TRUE(sim.alerts.front().throttle);
  EXPECT_TRUE(sim.detector.throttled(1));
  sim.run(callers, 30);
  EXPECT_EQ(sim.cleared, 1);
  EXPECT_FALSE(sim.detector.throttled(1));
}

TEST(Anomaly, ForgetsWhoWasQuietLongest) {
  Policy policy;
  policy.principals = 3;
  Simulation sim(policy);
  for (std::uint64_t id = 1; id <= 5; ++id) {
    sim.add(id, 10);
    sim.add(1, 10);
  }
  EXPECT_EQ(sim.detector.watched(), 3U);
  sim.detector.add(0, "rest", {1, 1, 1, 1});
  EXPECT_EQ(sim.detector.watched(), 3U);
}

TEST(Anomaly, ClocksMayStandStillJumpAndGoBack) {
  Simulation sim;
  std::vector<Caller> callers{Caller(1, 100'000, office)};
  sim.run(callers, 3 * kWeek + 10 * kHour);
  for (const auto to : {minutes(0), minutes(-500), minutes(100'000), minutes(1)}) {
    sim.add(1, 500'000'000);
    EXPECT_TRUE(sim.detector.tick(kMonday + minutes(sim.minute) + to).empty());
  }
  // Three minutes in one tick are three minutes of a third each.
  Simulation late;
  callers = {Caller(1, 100'000, office)};
  late.run(callers, 3 * kWeek + 10 * kHour);
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 3; ++j) late.add(1, callers[0].tokens(late.minute++));
    EXPECT_TRUE(late.detector.tick(kMonday + minutes(late.minute)).empty());
  }
}

TEST(Accumulator, GathersAndHandsOver) {
  Accumulator gathered(8);
  std::vector<Accumulator::Entry> entries;
  gathered.add(5, Signal::tokens, 10);
  gathered.add(5, Signal::spend, 3);
  gathered.add(6, {1, 2, 3, 4});
  gathered.take(entries);
  ASSERT_EQ(entries.size(), 2U);
  for (const auto& entry : entries)
    EXPECT_EQ(entry.amounts, (entry.principal == 5 ? Amounts{10, 3} : Amounts{1, 2, 3, 4}));
  gathered.take(entries);
  EXPECT_TRUE(entries.empty());
}

TEST(Accumulator, IsBounded) {
  Accumulator gathered(8);
  for (std::uint64_t i = 1; i <= 100; ++i) gathered.add(i, Signal::tokens, 1);
  EXPECT_EQ(gathered.dropped(), 94U);
  std::vector<Accumulator::Entry> entries;
  gathered.take(entries);
  EXPECT_EQ(entries.size(), 7U);
  std::int64_t sum = 0;
  for (const auto& entry : entries) sum += entry.amounts[0];
  EXPECT_EQ(sum, 100);
}

}  // namespace
}  // namespace gatehouse::govern::anomaly
