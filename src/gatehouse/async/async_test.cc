#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/event.h"
#include "gatehouse/async/eventually.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/async/task_scope.h"
#include "gatehouse/async/timer_wheel.h"

namespace gatehouse::async {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Counted final : TimerWheel::Entry {
  void on_due() override { ++fired; }
  int fired = 0;
};

TEST(TimerWheel, FiresWithinATickAndNeverBefore) {
  const base::SteadyTime start{hours(5)};
  for (const auto in : {milliseconds(0), milliseconds(1), milliseconds(49), milliseconds(50), milliseconds(333),
                        milliseconds(25'600), milliseconds(25'601), milliseconds(600'000)}) {
    TimerWheel wheel(start);
    Counted entry;
    wheel.arm(entry, start + in);
    for (auto now = start; now <= start + in + 2 * TimerWheel::kTick; now += milliseconds(10)) {
      wheel.turn(now);
      if (now < start + in) ASSERT_EQ(entry.fired, 0) << in.count();
    }
    EXPECT_EQ(entry.fired, 1) << in.count();
  }
}

TEST(TimerWheel, MovesAndDisarmsAndSurvivesALongSleep) {
  const base::SteadyTime start{hours(5)};
  TimerWheel wheel(start);
  Counted moved;
  Counted gone;
  Counted late;
  wheel.arm(moved, start + seconds(1));
  wheel.arm(moved, start + seconds(40));
  wheel.arm(gone, start + seconds(1));
  gone.disarm();
  wheel.arm(late, start + hours(2));
  wheel.turn(start + seconds(39));
  EXPECT_EQ(moved.fired, 0);
  wheel.turn(start + hours(1));
  EXPECT_EQ(moved.fired, 1);
  EXPECT_EQ(gone.fired, 0);
  EXPECT_EQ(late.fired, 0);
  wheel.turn(start + hours(3));
  EXPECT_EQ(late.fired, 1);
}

struct Again final : TimerWheel::Entry {
  void on_due() override {
    ++fired;
    wheel->arm(*this, next);
  }
  TimerWheel* wheel = nullptr;
  base::SteadyTime next;
  int fired = 0;
};

TEST(TimerWheel, AnEntryMayArmItselfAgain) {
  const base::SteadyTime start{hours(5)};
  TimerWheel wheel(start);
  Again entry;
  entry.wheel = &wheel;
  entry.next = start;  // in the past: due at the next turn, not in this one for ever
  wheel.arm(entry, start);
  wheel.turn(start + milliseconds(100));
  EXPECT_EQ(entry.fired, 1);
  wheel.turn(start + milliseconds(200));
  EXPECT_EQ(entry.fired, 2);
}

TEST(Abort, TellsTheListenersOnceAndKeepsTheFirstReason) {
  AbortSource source;
  int calls = 0;
  auto count = [&calls] { ++calls; };
  AbortCallback<decltype(count)> a(source, count);
  {
    AbortCallback<decltype(count)> gone(source, count);
  }
  source.abort(AbortReason::client_gone);
  source.abort(AbortReason::deadline);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(source.reason(), AbortReason::client_gone);
  AbortCallback<decltype(count)> late(source, count);
  EXPECT_EQ(calls, 2);
}

void run(Loop& loop, Task<void> task) {
  std::exception_ptr failed;
  start(loop, std::move(task), [&](std::exception_ptr error) {
    failed = error;
    loop.release();
  });
  loop.run();
  if (failed) std::rethrow_exception(failed);
}

Eventually<int> now_or_later(Loop& loop, bool later) {
  if (!later) return 1;
  return [](Loop& l) -> Task<int> {
    co_await sleep(l, milliseconds(1), nullptr);
    co_return 2;
  }(loop);
}

Task<void> awaits_both(Loop& loop, std::vector<int>& out) {
  for (const bool later : {false, true}) {
    auto e = now_or_later(loop, later);
    if (e.ready()) {
      out.push_back(e.take());
    } else {
      out.push_back(co_await e.task());
    }
  }
}

TEST(Eventually, IsThereOrComes) {
  Loop loop;
  std::vector<int> out;
  run(loop, awaits_both(loop, out));
  EXPECT_EQ(out, (std::vector<int>{1, 2}));
}

Task<void> sleeps_long(Loop& loop, AbortSource& abort, bool& finished) {
  finished = co_await sleep(loop, hours(1), &abort);
}
Task<void> throws() {
  throw std::runtime_error("defect");
  co_return;
}
Task<void> scope_life(Loop& loop, bool& finished, int& defects) {
  TaskScope scope(loop, [&defects](std::exception_ptr) { ++defects; });
  scope.spawn(sleeps_long(loop, scope.abort_source(), finished));
  scope.spawn(throws());
  co_await sleep(loop, milliseconds(1), nullptr);
  scope.abort_source().abort(AbortReason::shutdown);
  co_await scope.join();
  EXPECT_EQ(scope.running(), 0U);
}

TEST(TaskScope, AbortsAndJoinsAndReportsDefects) {
  Loop loop;
  bool finished = true;
  int defects = 0;
  run(loop, scope_life(loop, finished, defects));
  EXPECT_FALSE(finished);
  EXPECT_EQ(defects, 1);
}

Task<void> always_busy(Loop& loop, const bool& over) {
  while (!over) co_await loop.after_ready();
}
Task<void> ends_it(Loop& loop, bool& over) {
  co_await sleep(loop, milliseconds(1), nullptr);
  over = true;
}
TEST(Loop, WhoAlwaysHasSomethingToDoKeepsNobodyWaiting) {
  Loop loop;
  bool over = false;
  TaskScope scope(loop, [](const std::exception_ptr&) { FAIL(); });
  scope.spawn(always_busy(loop, over));
  scope.spawn(always_busy(loop, over));
  scope.spawn(ends_it(loop, over));
  loop.release();
  loop.run();
  EXPECT_EQ(scope.running(), 0U);
}

Task<void> waits(Event& event, AbortSource* abort, std::vector<bool>& out) {
  out.push_back(co_await event.wait(abort));
}
Task<void> sets(Loop& loop, std::vector<bool>& out) {
  TaskScope scope(loop, [](std::exception_ptr) {});
  Event event(loop);
  AbortSource abort;
  scope.spawn(waits(event, &abort, out));
  co_await sleep(loop, milliseconds(1), nullptr);
  abort.abort(AbortReason::deadline);
  co_await scope.join();
  scope.spawn(waits(event, nullptr, out));
  scope.spawn(waits(event, nullptr, out));
  co_await sleep(loop, milliseconds(1), nullptr);
  event.set();
  co_await scope.join();
}

Task<void> waits_for(Event& event, base::Duration longest, AbortSource* abort, std::vector<bool>& out) {
  out.push_back(co_await event.wait_for(longest, abort));
}
Task<void> waits_a_while(Loop& loop, std::vector<bool>& out) {
  TaskScope scope(loop, [](std::exception_ptr) {});
  Event event(loop);
  AbortSource abort;
  co_await waits_for(event, milliseconds(1), nullptr, out);
  scope.spawn(waits_for(event, hours(1), &abort, out));
  co_await loop.after_ready();
  abort.abort(AbortReason::client_gone);
  co_await scope.join();
  scope.spawn(waits_for(event, hours(1), nullptr, out));
  scope.spawn(waits_for(event, hours(1), nullptr, out));
  co_await loop.after_ready();
  event.set();
  co_await scope.join();
  co_await waits_for(event, milliseconds(0), nullptr, out);
}

TEST(Event, IsWaitedForAWhile) {
  Loop loop;
  std::vector<bool> out;
  run(loop, waits_a_while(loop, out));
  EXPECT_EQ(out, (std::vector<bool>{false, false, true, true, true}));
}

TEST(Event, WakesAllOrIsAborted) {
  Loop loop;
  std::vector<bool> out;
  run(loop, sets(loop, out));
  EXPECT_EQ(out, (std::vector<bool>{false, true, true}));
}

}  // namespace
}  // namespace gatehouse::async
