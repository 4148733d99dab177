#include "gatehouse/govern/admission/waiting_room.h"

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

using testing::Call;
using testing::Fixture;
using testing::limit;
using testing::Told;
using testing::utc;
using namespace std::chrono_literals;

class WaitingTest : public ::testing::Test, protected Fixture {
 protected:
  explicit WaitingTest(AdmissionOptions options = {}) : Fixture(options) {}
  ~WaitingTest() override {
    for (Request& one : requests_) admission.cancel(one, now());
  }
  // One request that may wait, with all that it needs.
  struct Request : Told {
    Request(const Node& node, std::int64_t tokens) : call(node, tokens) { patience.tenant = &node; }
    Call call;
    Patience patience;
  };
  Request& request(const Node& of, std::int64_t tokens = 0, base::Duration wait = 60s,
                   Priority priority = Priority::normal) {
    Request& made = requests_.emplace_back(of, tokens);
    made.patience.deadline = clock.now() + wait;
    made.patience.priority = priority;
    return made;
  }
  std::optional<Outcome> admit(Request& of) { return admission.admit(of.call.demand, of.patience, of, now()); }
  bool waits(Request& of) { return !admit(of).has_value(); }
  bool granted(const Request& of) const { return of.times == 1 && of.outcome->verdict == Verdict::held; }
  Outcome hold(const Node& of, std::int64_t tokens = 0) { return admission.reserve(Call(of, tokens).demand, now()); }
  void settle(Outcome& of, std::int64_t tokens) { of.reservation.settle({0, tokens, {}}, now()); }

  const Node& org_ = node(NodeKind::org, "acme");
  const Node& a_ = node(NodeKind::team, "a", &org_);
  const Node& b_ = node(NodeKind::team, "b", &org_);
  std::deque<Request> requests_;
};

TEST_F(WaitingTest, FitsAtOnce) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  const std::optional<Outcome> out = admit(request(a_));
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(out->verdict, Verdict::held);
  EXPECT_EQ(admission.stats().waiting, 0);
}

TEST_F(WaitingTest, GrantedWhenSomebodySettles) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Outcome first = hold(a_);
  Request& second = request(a_);
  Request& third = request(b_);
  EXPECT_TRUE(waits(second));
  EXPECT_TRUE(waits(third));
  EXPECT_EQ(state(org_).waiting, 2);
  clock.advance(3s);
  settle(first, 0);
  ASSERT_TRUE(granted(second));
  EXPECT_EQ(second.outcome->waited, 3s);
  EXPECT_EQ(third.times, 0);
  second.outcome->reservation.cancel(now());
  EXPECT_TRUE(granted(third));
  third.outcome.reset();
  EXPECT_EQ(state(org_).held, 0);
  EXPECT_EQ(state(org_).waiting, 0);
  EXPECT_EQ(admission.stats().granted_later, 2);
}

TEST_F(WaitingTest, DroppingAReservationWakesToo) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Request& waiting = request(a_);
  {
    Outcome first = hold(a_);
    EXPECT_TRUE(waits(waiting));
  }
  EXPECT_TRUE(granted(waiting));
}

TEST_F(WaitingTest, GrantedWhenTheWindowTurns) {
  limits(org_, {limit("o", Resource::requests, 2, Period::minute)});
  hold(a_).reservation.forwarded();
  hold(a_).reservation.forwarded();
  Request& first = request(a_);
  Request& second = request(a_);
  Request& third = request(a_, 0, 90s);
  EXPECT_TRUE(waits(first));
  EXPECT_TRUE(waits(second));
  EXPECT_TRUE(waits(third));
  clock.advance(59s);
  admission.tick(now());
  EXPECT_EQ(first.times, 0);
  clock.advance(1s);
  admission.tick(now());
  EXPECT_TRUE(granted(first));
  EXPECT_TRUE(granted(second));
  // The next window would come too late for the third, so it is told at once.
  EXPECT_EQ(third.times, 1);
  EXPECT_EQ(third.outcome->verdict, Verdict::spent);
  EXPECT_EQ(third.outcome->retry_after, 60s);
}

TEST_F(WaitingTest, RollingWindowsFreeInParts) {
  limits(org_, {limit("o", Resource::total_tokens, 100, Period::minute, true)});
  Outcome first = hold(a_, 60);
  settle(first, 60);
  clock.advance(10s);
  Outcome second = hold(a_, 40);
  settle(second, 40);
  Request& small = request(a_, 50, 80s);
  Request& large = request(b_, 90, 80s);
  EXPECT_TRUE(waits(small));
  EXPECT_TRUE(waits(large));
  for (int i = 0; i < 50; ++i) {
    clock.advance(1s);
    admission.tick(now());
    EXPECT_EQ(small.times, 0);
  }
  clock.advance(1s);  // 61 s after the first: its second is out of every window of 60 s
  admission.tick(now());
  EXPECT_TRUE(granted(small));
  settle(*small.outcome, 0);
  EXPECT_EQ(large.times, 0);
  clock.advance(10s);
  admission.tick(now());
  EXPECT_TRUE(granted(large));
}

TEST_F(WaitingTest, RefusedAtOnceWhenWaitingCannotHelp) {
  limits(org_, {limit("o", Resource::requests, 1, Period::hour)});
  hold(a_).reservation.forwarded();
  const std::optional<Outcome> out = admit(request(a_));
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(out->verdict, Verdict::spent);
  EXPECT_EQ(out->retry_after, 1h);
  EXPECT_EQ(admit(request(a_, 0, 0s))->verdict, Verdict::spent);
  limits(org_, {limit("c", Resource::concurrency, 1)});
  Outcome held = hold(a_);
  EXPECT_EQ(admit(request(a_, 0, 0s))->verdict, Verdict::busy);
}

TEST_F(WaitingTest, TimesOut) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Outcome held = hold(a_);
  Request& waiting = request(a_, 0, 5s);
  EXPECT_TRUE(waits(waiting));
  clock.advance(5s - 1ns);
  admission.tick(now());
  EXPECT_EQ(waiting.times, 0);
  clock.advance(1ns);
  admission.tick(now());
  EXPECT_EQ(waiting.times, 1);
  EXPECT_EQ(waiting.outcome->verdict, Verdict::timed_out);
  EXPECT_EQ(waiting.outcome->obstacle.node, &org_);
  EXPECT_EQ(admission.stats().timed_out, 1);
  EXPECT_FALSE(admission.cancel(waiting, now()));
}

TEST_F(WaitingTest, TakesWhatIsThereAtItsDeadline) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome held = hold(a_, 60);
  Request& waiting = request(a_, 80, 5s);
  waiting.call.least(10);
  EXPECT_TRUE(waits(waiting));
  clock.advance(5s);
  admission.tick(now());
  ASSERT_TRUE(granted(waiting));
  EXPECT_EQ(waiting.outcome->reservation.completion_tokens(), 40);
}

TEST_F(WaitingTest, LeavesAndHoldsNobodyUp) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome held = hold(a_, 60);
  Request& large = request(a_, 90);
  EXPECT_TRUE(waits(large));
  clock.advance(2s);  // by now it holds up whoever comes later
  admission.tick(now());
  Request& small = request(b_, 30);
  EXPECT_TRUE(waits(small));
  EXPECT_TRUE(admission.cancel(large, now()));
  EXPECT_TRUE(granted(small));
  EXPECT_FALSE(admission.cancel(large, now()));
  settle(held, 0);
  EXPECT_EQ(large.times, 0);
}

TEST_F(WaitingTest, SmallOnesPassALargeOneForAWhile) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome held = hold(a_, 50);
  Request& large = request(a_, 80);
  EXPECT_TRUE(waits(large));
  std::optional<Outcome> passes = admit(request(b_, 30));
  ASSERT_TRUE(passes.has_value());
  EXPECT_EQ(passes->verdict, Verdict::held);
  clock.advance(1s);
  admission.tick(now());
  EXPECT_TRUE(waits(request(b_, 10)));
  EXPECT_EQ(hold(b_, 10).verdict, Verdict::busy);  // who cannot wait does not pass either
  settle(held, 0);
  passes.reset();
  ASSERT_TRUE(granted(large));
  EXPECT_TRUE(granted(requests_.back()));
}

TEST_F(WaitingTest, OvertakingIsCountedToo) {
  limits(org_, {limit("o", Resource::concurrency, 1000), limit("t", Resource::total_tokens, 100)});
  Outcome held = hold(a_, 50);
  Request& large = request(a_, 80);
  EXPECT_TRUE(waits(large));
  int passed = 0;
  for (int i = 0; i < 40; ++i) {
    std::optional<Outcome> out = admit(request(b_, 1));
    if (!out) continue;
    ++passed;
    out->reservation.cancel(now());
  }
  EXPECT_EQ(passed, 16);
  settle(held, 0);
  EXPECT_TRUE(granted(large));
}

TEST_F(WaitingTest, WhoWaitsForAnotherLimitBlocksNobody) {
  limits(org_, {limit("o", Resource::concurrency, 2)});
  limits(a_, {limit("a", Resource::concurrency, 1)});
  Outcome of_a = hold(a_);
  Request& second_a = request(a_);
  EXPECT_TRUE(waits(second_a));
  clock.advance(10s);
  admission.tick(now());
  Request& of_b = request(b_);
  std::optional<Outcome> out = admit(of_b);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(out->verdict, Verdict::held);
  // The team's place comes free, but not the organisation's: from now on it waits there.
  Outcome direct = hold(org_);
  EXPECT_EQ(direct.verdict, Verdict::busy);
  limits(org_, {limit("o", Resource::concurrency, 1)});
  settle(of_a, 0);
  EXPECT_EQ(second_a.times, 0);
  EXPECT_EQ(state(org_).waiting, 1);
  EXPECT_EQ(state(a_).waiting, 0);
  out->reservation.cancel(now());
  EXPECT_TRUE(granted(second_a));
}

TEST_F(WaitingTest, ThoseWhoWaitForTheWindowDoNotHoldUpWhatStillFits) {
  limits(org_, {limit("o", Resource::total_tokens, 100, Period::minute)});
  Outcome used = hold(a_, 50);
  settle(used, 50);
  std::vector<Request*> large;
  for (int i = 0; i < 40; ++i) {
    const Node& tenant = node(NodeKind::team, std::to_string(i), &org_);
    large.push_back(&request(tenant, 90, 120s));
    EXPECT_TRUE(waits(*large.back()));
  }
  for (int i = 0; i < 5; ++i) {
    std::optional<Outcome> out = admit(request(b_, 10));
    ASSERT_TRUE(out.has_value()) << i;
    ASSERT_EQ(out->verdict, Verdict::held);
    settle(*out, 10);
  }
  clock.advance(60s);
  admission.tick(now());
  EXPECT_TRUE(granted(*large[0]));
  EXPECT_EQ(large[1]->times, 0);
}

TEST_F(WaitingTest, PriorityOvertakes) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Outcome held = hold(a_);
  Request& batch = request(a_, 0, 60s, Priority::batch);
  Request& normal = request(a_);
  Request& critical = request(b_, 0, 60s, Priority::critical);
  for (Request* waiting : {&batch, &normal, &critical}) EXPECT_TRUE(waits(*waiting));
  settle(held, 0);
  EXPECT_TRUE(granted(critical));
  EXPECT_EQ(normal.times + batch.times, 0);
  settle(*critical.outcome, 0);
  EXPECT_TRUE(granted(normal));
  EXPECT_EQ(batch.times, 0);
  settle(*normal.outcome, 0);
  EXPECT_TRUE(granted(batch));
}

// One tenant keeps a thousand requests waiting, all of the best class that he may use; batch gets its share all the
// same.
TEST_F(WaitingTest, BatchDoesNotStarve) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Outcome held = hold(a_);
  Request& batch = request(b_, 0, 1h, Priority::batch);
  EXPECT_TRUE(waits(batch));
  std::vector<Request*> critical;
  for (int i = 0; i < 1000; ++i) {
    critical.push_back(&request(a_, 0, 1h, Priority::critical));
    EXPECT_TRUE(waits(*critical.back()));
  }
  settle(held, 0);
  int before = 0;
  while (batch.times == 0) {
    ASSERT_LT(before, 20);
    settle(*critical[static_cast<std::size_t>(before++)]->outcome, 0);
  }
  EXPECT_EQ(before, 16);
}

// A floods; B's requests come one at a time and each waits for no more than the one in service and one of A's.
TEST_F(WaitingTest, AFloodOfOneTenantLeavesTheOtherHisShare) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Outcome held = hold(a_);
  std::deque<Request*> of_a;
  for (int i = 0; i < 800; ++i) {
    of_a.push_back(&request(a_, 0, 1h));
    EXPECT_TRUE(waits(*of_a.back()));
  }
  std::optional<Outcome> running = std::move(held);
  const auto serve = [&] {  // one second of service, then the next
    clock.advance(1s);
    settle(*running, 0);
    for (Request& one : requests_) {
      if (one.outcome && one.outcome->reservation.active()) {
        running = std::move(*one.outcome);
        one.outcome.reset();
        return;
      }
    }
    running.reset();
  };
  base::Duration longest{};
  for (int i = 0; i < 100; ++i) {
    Request& of_b = request(b_, 0, 1h);
    EXPECT_TRUE(waits(of_b));
    const base::SteadyTime since = clock.now();
    while (of_b.times == 0) serve();
    longest = std::max(longest, clock.now() - since);
  }
  EXPECT_LE(longest, 2s);
}

TEST_F(WaitingTest, PeakHoursShiftTheShares) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  WeightRule peak{.from = 0, .to = 60, .scope_id = "b", .weight = 9};
  admission.set_weight_rules(*WeightRules::build({peak}));
  const auto of_b_in_fifty = [&] {
    std::optional<Outcome> running = hold(a_);
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(waits(request(a_, 0, 1h)));
      EXPECT_TRUE(waits(request(b_, 0, 1h)));
    }
    int of_b = 0;
    for (int i = 0; i < 50; ++i) {
      settle(*running, 0);
      for (Request& one : requests_) {
        if (!one.outcome || !one.outcome->reservation.active()) continue;
        of_b += one.patience.tenant == &b_ ? 1 : 0;
        running = std::move(*one.outcome);
        break;
      }
    }
    for (Request& one : requests_) admission.cancel(one, now());
    running.reset();
    requests_.clear();
    return of_b;
  };
  EXPECT_NEAR(of_b_in_fifty(), 45, 1);
  clock.advance(2h);
  EXPECT_NEAR(of_b_in_fifty(), 25, 1);
}

class FullTest : public WaitingTest {
 protected:
  FullTest() : WaitingTest({.max_waiting = 5, .max_waiting_per_tenant = 3}) {}
};

TEST_F(FullTest, ATenantAndAllHaveTheirBounds) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Outcome held = hold(a_);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(waits(request(a_)));
  EXPECT_EQ(admit(request(a_))->verdict, Verdict::full);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(waits(request(b_)));
  EXPECT_EQ(admit(request(b_))->verdict, Verdict::full);
  EXPECT_EQ(admission.stats().turned_away, 2);
  EXPECT_EQ(admission.stats().waiting, 5);
  EXPECT_TRUE(admission.cancel(requests_[0], now()));
  EXPECT_TRUE(waits(request(a_)));
}

TEST_F(WaitingTest, ALimitThatGoesLetsItsQueueGo) {
  limits(org_, {limit("o", Resource::concurrency, 1)});
  Outcome held = hold(a_);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(waits(request(a_)));
  limits(org_, {limit("other", Resource::concurrency, 20)});
  int now_held = 0;
  for (const Request& one : requests_) now_held += granted(one) ? 1 : 0;
  EXPECT_EQ(now_held, 20);
  EXPECT_EQ(state(org_).waiting, 30);
  limits(org_, {limit("other", Resource::concurrency, 30)});
  EXPECT_EQ(state(org_).waiting, 20);
  limits(org_, {});
  for (const Request& one : requests_) EXPECT_TRUE(granted(one));
}

TEST_F(WaitingTest, ALimitThatShrinksBelowADemandRefusesIt) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome held = hold(a_, 100);
  Request& waiting = request(a_, 50);
  EXPECT_TRUE(waits(waiting));
  limits(org_, {limit("o", Resource::total_tokens, 40)});
  EXPECT_EQ(waiting.times, 1);
  EXPECT_EQ(waiting.outcome->verdict, Verdict::never);
}

// What was charged meanwhile leaves nothing for those who wait: they are told, not left to time out.
TEST_F(WaitingTest, ToldWhenNothingIsLeft) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome held = hold(a_, 100);
  std::vector<Request*> waiting;
  for (int i = 0; i < 100; ++i) {
    waiting.push_back(&request(i % 2 == 0 ? a_ : b_, 50));
    EXPECT_TRUE(waits(*waiting.back()));
  }
  settle(held, 100);
  for (const Request* one : waiting) {
    EXPECT_EQ(one->times, 1);
    EXPECT_EQ(one->outcome->verdict, Verdict::spent);
  }
  EXPECT_EQ(admission.stats().waiting, 0);
}

TEST_F(WaitingTest, CancelledRequestsGiveTheirCountToThoseWhoWaitForTheWindow) {
  limits(org_, {limit("o", Resource::requests, 1, Period::minute)});
  Outcome first = hold(a_);
  Request& waiting = request(b_, 0, 120s);
  EXPECT_TRUE(waits(waiting));
  first.reservation.cancel(now());
  EXPECT_TRUE(granted(waiting));
}

// Two large ones, each overtaken for long on one of two limits that both need: they do not hold each other up.
TEST_F(WaitingTest, TwoBarriersDoNotBlockEachOther) {
  const Node& p = node(NodeKind::provider, "p");
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  limits(p, {limit("p", Resource::total_tokens, 100)});
  Outcome on_org = hold(a_, 60);
  Outcome on_p = hold(p, 60);
  Request& first = request(a_, 90, 100s);
  first.call.leaf(p);
  EXPECT_TRUE(waits(first));  // on the one or the other
  Request& second = request(b_, 80, 100s);
  second.call.leaf(p);
  EXPECT_TRUE(waits(second));
  clock.advance(5s);
  admission.tick(now());
  settle(on_org, 0);
  clock.advance(5s);
  admission.tick(now());
  settle(on_p, 0);
  ASSERT_TRUE(granted(first));
  settle(*first.outcome, 1);
  EXPECT_TRUE(granted(second));
}

}  // namespace
}  // namespace gatehouse::govern
