// Many threads at once; meant for the thread sanitizer, and to be exact without it too.
#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

using testing::limit;
using namespace std::chrono_literals;

// Runs tasks on threads until there are none left and none running.
class Crew {
 public:
  using Task = std::function<void(std::mt19937_64&)>;
  void post(Task task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    ++open_;
    changed_.notify_one();
  }
  // A task that will be posted later; keeps the crew at work until then.
  void expect() {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  void post_expected(Task task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_one();
  }
  void unexpect() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) changed_.notify_all();
  }
  void work(unsigned threads, std::uint64_t seed) {
    std::vector<std::thread> crew;
    for (unsigned i = 0; i < threads; ++i) {
      crew.emplace_back([this, seed, i] {
        std::mt19937_64 random((seed * 1000) + i);
        std::unique_lock lock(mutex_);
        while (true) {
          changed_.wait(lock, [&] { return !tasks_.empty() || open_ == 0; });
          if (tasks_.empty()) return;
          // Any of them, so that the orders differ.
          std::swap(tasks_.front(), tasks_[random() % tasks_.size()]);
          const Task task = std::move(tasks_.front());
          tasks_.pop_front();
          lock.unlock();
          task(random);
          lock.lock();
          if (--open_ == 0) changed_.notify_all();
        }
      });
    }
    for (std::thread& thread : crew) thread.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::size_t open_ = 0;
};

struct World {
  explicit World(const std::vector<Limit>& budget) {
    for (const Node* node : {&org, &team, &key}) {
      EXPECT_TRUE(admission.set_limits(*node, budget, now).has_value());
    }
  }
  const Moment now{base::SteadyTime(1h), testing::utc(2026, 5, 5, 5, 5, 5)};
  const Node org{NodeKind::org, "o", nullptr};
  const Node team{NodeKind::team, "t", &org};
  const Node key{NodeKind::key, "k", &team};
  const std::array<const Node*, 1> leaves{&key};
  Admission admission;
  Crew crew;
  std::atomic<int> forwarded{0};  // and paid in full
  std::atomic<int> spent{0};
  std::atomic<int> other{0};
  std::atomic<std::int64_t> charged{0};
};

// One request from its arrival to its end. What becomes of it is drawn.
class Request : public Waiter {
 public:
  static constexpr std::int64_t kTokens = 10;
  Request(World& world, bool troubled, bool may_wait) : world_(world), troubled_(troubled), may_wait_(may_wait) {
    demand_.leaves = world.leaves;
    demand_.model = "m";
    demand_.prompt_tokens = 4;
    demand_.base = base::Money::nanos(4);
    demand_.completion_wanted = demand_.completion_min = kTokens - 4;
    demand_.picodollars_per_completion_token = 1000;
  }
  virtual ~Request() = default;
  void arrive(std::mt19937_64& random) {
    const Patience patience{.priority = static_cast<Priority>(random() % 5),
                            .tenant = &world_.team,
                            .weight = 1,
                            .deadline = may_wait_ ? world_.now.steady + 10s : world_.now.steady};
    world_.crew.expect();
    std::optional<Outcome> out = world_.admission.admit(demand_, patience, *this, world_.now);
    if (out) {
      outcome_ = std::move(*out);
      world_.crew.post_expected([this](std::mt19937_64& more) { run(more); });
    } else if (troubled_ && random() % 4 == 0) {
      // The client leaves, perhaps in the very moment of the grant.
      world_.crew.post([this](std::mt19937_64&) {
        if (!world_.admission.cancel(*this, world_.now)) return;
        left_ = true;
        world_.other.fetch_add(1);
        world_.crew.unexpect();
      });
    }
  }
  void decided(Outcome&& outcome) noexcept override {
    EXPECT_FALSE(left_.load());
    EXPECT_EQ(times_.fetch_add(1), 0);
    outcome_ = std::move(outcome);
    world_.crew.post_expected([this](std::mt19937_64& random) { run(random); });
  }

 private:
  void run(std::mt19937_64& random) {
    if (outcome_->verdict != Verdict::held) {
      (outcome_->verdict == Verdict::spent ? world_.spent : world_.other).fetch_add(1);
      return;
    }
    Reservation reservation = std::move(outcome_->reservation);
    const auto settle = [&](std::int64_t tokens) {
      world_.charged.fetch_add(tokens);
      const Actual actual{std::min<std::int64_t>(4, tokens), std::max<std::int64_t>(0, tokens - 4),
                          base::Money::nanos(tokens)};
      EXPECT_FALSE(reservation.settle(actual, world_.now).over_limit);
    };
    if (random() % 4 == 0) std::this_thread::yield();
    if (!troubled_) {
      reservation.forwarded();
      settle(kTokens);
      world_.forwarded.fetch_add(1);
      return;
    }
    switch (random() % 5) {
      case 0:  // the upstream cannot be reached
        reservation.cancel(world_.now);
        world_.other.fetch_add(1);
        return;
      case 1:  // dropped on the way
        world_.other.fetch_add(1);
        return;
      case 2:  // a stream that outgrows its bound, or is cut there
        reservation.forwarded();
        settle(reservation.extend(kTokens, world_.now) ? 2 * kTokens : kTokens);
        world_.forwarded.fetch_add(1);
        return;
      default:
        reservation.forwarded();
        settle(kTokens);
        world_.forwarded.fetch_add(1);
        return;
    }
  }

  World& world_;
  const bool troubled_;
  const bool may_wait_;
  Demand demand_;
  std::optional<Outcome> outcome_;
  std::atomic<int> times_{0};
  std::atomic<bool> left_{false};
};

std::vector<Limit> budget(Period period, bool rolling, std::int64_t tokens) {
  // Room for exactly 100, by tokens and by money.
  return {limit("tokens", Resource::total_tokens, tokens, period, rolling),
          limit("usd", Resource::usd, tokens, period, rolling), limit("busy", Resource::concurrency, 1000)};
}

TEST(AdmissionThreads, AThousandAgainstABudgetForAHundred) {
  for (const Period period :
       {Period::minute, Period::hour, Period::day, Period::week, Period::month, Period::lifetime}) {
    for (const bool rolling : {false, true}) {
      for (const bool may_wait : {false, true}) {
        World world(budget(period, rolling, 1000));
        std::deque<Request> requests;
        for (int i = 0; i < 1000; ++i) {
          Request& request = requests.emplace_back(world, false, may_wait);
          world.crew.post([&request](std::mt19937_64& random) { request.arrive(random); });
        }
        world.crew.work(8, static_cast<std::uint64_t>(period));
        EXPECT_EQ(world.forwarded, 100) << name(period) << rolling << may_wait;
        // Who cannot wait may find the last of it held by somebody; who can is told for good. (Time stands still, and
        // no window turns within anybody's patience.)
        EXPECT_EQ(world.spent + world.other, 900);
        if (may_wait) EXPECT_EQ(world.other, 0);
        for (const Node* node : {&world.org, &world.team, &world.key}) {
          for (const LimitState& state : world.admission.snapshot(*node, world.now)) {
            EXPECT_EQ(state.held, 0);
            EXPECT_EQ(state.waiting, 0);
            if (state.limit->resource != Resource::concurrency) EXPECT_EQ(state.used, 1000);
          }
        }
      }
    }
  }
}

TEST(AdmissionThreads, FailuresDisconnectsAndExtensions) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World world(budget(seed % 2 == 0 ? Period::month : Period::lifetime, seed % 3 == 0, 1000));
    std::deque<Request> requests;
    for (int i = 0; i < 1000; ++i) {
      Request& request = requests.emplace_back(world, true, true);
      world.crew.post([&request](std::mt19937_64& random) { request.arrive(random); });
    }
    world.crew.work(8, seed);
    // Everything is a multiple of what one takes: nobody was refused while there was money for him, so it is all gone.
    EXPECT_EQ(world.charged, 1000);
    EXPECT_EQ(world.forwarded + world.spent + world.other, 1000);
    for (const Node* node : {&world.org, &world.team, &world.key}) {
      for (const LimitState& state : world.admission.snapshot(*node, world.now)) {
        EXPECT_EQ(state.held, 0);
        EXPECT_EQ(state.waiting, 0);
        if (state.limit->resource != Resource::concurrency) EXPECT_EQ(state.used, 1000);
      }
    }
    EXPECT_EQ(world.admission.stats().waiting, 0);
  }
}

// Few places, many who want them, clients leaving in the moment of the grant: everybody is told exactly once.
TEST(AdmissionThreads, GrantsAndCancellationsRace) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({limit("busy", Resource::concurrency, 2)});
    std::deque<Request> requests;
    for (int i = 0; i < 1000; ++i) {
      Request& request = requests.emplace_back(world, true, true);
      world.crew.post([&request](std::mt19937_64& random) { request.arrive(random); });
    }
    world.crew.work(8, seed);
    EXPECT_EQ(world.forwarded + world.spent + world.other, 1000);
    EXPECT_EQ(world.spent, 0);
    EXPECT_EQ(world.admission.stats().waiting, 0);
  }
}

// Demands over several tops in all orders, limits that change, templates, windows and a clock that moves: nothing
// deadlocks, nothing stands above its amount by admission, and in the end nothing is held.
TEST(AdmissionThreads, SeveralTopsWhileLimitsChange) {
  std::deque<Node> nodes;
  Admission admission({.max_members = 50});
  std::vector<const Node*> leaves;
  for (int i = 0; i < 6; ++i) {
    const Node& org = nodes.emplace_back(NodeKind::org, std::to_string(i), nullptr);
    leaves.push_back(&nodes.emplace_back(NodeKind::key, std::to_string(i), &org));
  }
  std::atomic<std::int64_t> clock{0};
  const auto now = [&] {
    const auto since = std::chrono::milliseconds(clock.fetch_add(1));
    return Moment{base::SteadyTime(1h) + since, testing::utc(2026, 1, 1) + since};
  };
  const auto limits = [](std::int64_t amount) {
    return std::vector<Limit>{limit("c", Resource::concurrency, 3), limit("t", Resource::total_tokens, amount),
                              limit("m", Resource::requests, amount, Period::minute, true)};
  };
  for (const Node& node : nodes) ASSERT_TRUE(admission.set_limits(node, limits(100'000'000), now()).has_value());
  ASSERT_TRUE(admission.set_template(NodeKind::end_user, {limit("e", Resource::concurrency, 2)}, now()).has_value());
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};
  for (unsigned t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(t);
      for (int i = 0; i < 3000; ++i) {
        const std::array<const Node*, 3> of = {leaves[random() % 6], leaves[random() % 6], leaves[random() % 6]};
        const std::string user = std::to_string(random() % 100);
        const std::array<Member, 1> members = {Member{NodeKind::end_user, user, of[0]->parent}};
        Demand demand;
        demand.leaves = of;
        demand.members = members;
        demand.completion_wanted = demand.completion_min = 5;
        Outcome out = admission.reserve(demand, now());
        if (out.verdict != Verdict::held) continue;
        if (random() % 2 == 0) EXPECT_TRUE(out.reservation.extend(5, now()) || true);
        if (random() % 3 != 0) out.reservation.settle({0, 5, {}}, now());
      }
    });
  }
  threads.emplace_back([&] {
    std::mt19937_64 random(99);
    for (int i = 0; !stop; ++i) {
      const Node& node = nodes[random() % nodes.size()];
      if (i % 7 == 0) {
        EXPECT_TRUE(admission
                        .set_template(NodeKind::end_user,
                                      {limit("e", Resource::concurrency, 1 + static_cast<std::int64_t>(random() % 3))},
                                      now())
                        .has_value());
      } else if (i % 5 == 0) {
        EXPECT_TRUE(admission.set_limits(node, {}, now()).has_value());
      } else {
        EXPECT_TRUE(admission.set_limits(node, limits(100'000'000), now()).has_value());
      }
      for (const LimitState& state : admission.snapshot(node, now()))
        EXPECT_LE(state.used + state.held, state.limit->amount);
      admission.tick(now());
      std::this_thread::yield();
    }
  });
  for (std::size_t t = 0; t + 1 < threads.size(); ++t) threads[t].join();
  stop = true;
  threads.back().join();
  for (const Node& node : nodes) {
    for (const LimitState& state : admission.snapshot(node, now())) EXPECT_EQ(state.held, 0);
  }
  EXPECT_LE(admission.stats().members, 300);
}

}  // namespace
}  // namespace gatehouse::govern
