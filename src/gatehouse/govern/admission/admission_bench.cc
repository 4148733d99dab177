#include <malloc.h>

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/govern/admission/admission.h"

namespace gatehouse::govern {
namespace {

Limit limit(std::string id, Resource resource, std::int64_t amount, Period period, std::string zone = {}) {
  Limit made;
  made.id = std::move(id);
  made.resource = resource;
  made.amount = amount;
  made.window.period = period;
  made.window.time_zone = std::move(zone);
  return made;
}

// org > unit > team > project > user > key, with money on three levels and two limits on the key.
struct Tree {
  explicit Tree(Admission& admission, Moment now) {
    constexpr std::int64_t kMuch = 1'000'000'000'000'000;
    const auto set = [&](const Node& node, std::vector<Limit> limits) {
      if (!admission.set_limits(node, std::move(limits), now)) std::abort();
    };
    set(org, {limit("org", Resource::usd, kMuch, Period::month, "Europe/Berlin")});
    set(team, {limit("team", Resource::usd, kMuch, Period::day, "Europe/Berlin")});
    set(user, {limit("user", Resource::usd, kMuch, Period::lifetime)});
    set(key, {limit("rpm", Resource::requests, kMuch, Period::minute),
              limit("tpm", Resource::total_tokens, kMuch, Period::minute)});
  }
  const Node org{NodeKind::org, "o", nullptr};
  const Node unit{NodeKind::unit, "u", &org};
  const Node team{NodeKind::team, "t", &unit};
  const Node project{NodeKind::project, "p", &team};
  const Node user{NodeKind::user, "s", &project};
  const Node key{NodeKind::key, "k", &user};
};

struct World {
  const Moment now{base::SteadyTime(std::chrono::hours(1)), base::WallTime(std::chrono::hours(500'000))};
  std::deque<Tree> trees;
  Admission admission;
};

void settle_one(Admission& admission, const Node& key, Moment now) {
  const std::array<const Node*, 1> leaves = {&key};
  Demand demand;
  demand.leaves = leaves;
  demand.model = "gpt-5.6-mini";
  demand.prompt_tokens = 900;
  demand.base = base::Money::nanos(135'000);
  demand.completion_wanted = 1000;
  demand.completion_min = 1;
  demand.picodollars_per_completion_token = 600'000;
  Outcome out = admission.reserve(demand, now);
  if (out.verdict != Verdict::held) std::abort();
  out.reservation.forwarded();
  out.reservation.settle({900, 400, base::Money::nanos(375'000)}, now);
}

// Threads share one tree (argument 1), or have an organisation each.
void reserve_and_settle(benchmark::State& state) {
  static std::unique_ptr<World> world;
  if (state.thread_index() == 0) {
    world = std::make_unique<World>();
    for (int i = 0; i < state.threads(); ++i) world->trees.emplace_back(world->admission, world->now);
  }
  bool first = true;
  const Node* key = nullptr;
  for ([[maybe_unused]] auto _ : state) {
    if (std::exchange(first, false)) {
      key = &world->trees[state.range(0) == 1 ? 0 : static_cast<std::size_t>(state.thread_index())].key;
    }
    settle_one(world->admission, *key, world->now);
  }
  if (state.thread_index() == 0) world.reset();
}
BENCHMARK(reserve_and_settle)->Arg(1)->Threads(1);
BENCHMARK(reserve_and_settle)->Arg(1)->Threads(2)->UseRealTime();
BENCHMARK(reserve_and_settle)->Arg(0)->Threads(2)->UseRealTime();

void nothing_limited(benchmark::State& state) {
  World world;
  const Node org{NodeKind::org, "o", nullptr};
  const Node team{NodeKind::team, "t", &org};
  const Node key{NodeKind::key, "k", &team};
  for ([[maybe_unused]] auto _ : state) settle_one(world.admission, key, world.now);
}
BENCHMARK(nothing_limited);

// One place, a thousand who wait for it: each step frees it, grants it to the next and lets another one join.
void settle_with_a_queue(benchmark::State& state) {
  const Moment now{base::SteadyTime(std::chrono::hours(1)), base::WallTime(std::chrono::hours(500'000))};
  const Node org{NodeKind::org, "o", nullptr};
  std::deque<Node> teams;
  for (int i = 0; i < 10; ++i) teams.emplace_back(NodeKind::team, "t", &org);
  Admission admission;
  if (!admission.set_limits(org, {limit("c", Resource::concurrency, 1, Period::lifetime)}, now)) std::abort();
  struct One final : Waiter {
    void decided(Outcome&& outcome) noexcept override {
      reservation = std::move(outcome.reservation);
      *granted = this;
    }
    One** granted = nullptr;
    std::array<const Node*, 1> leaves{};
    Demand demand;
    Patience patience;
    Reservation reservation;
  };
  One* running = nullptr;
  std::deque<One> all(1001);
  for (std::size_t i = 0; i < all.size(); ++i) {
    One& one = all[i];
    one.granted = &running;
    one.leaves[0] = &teams[i % teams.size()];
    one.demand.leaves = one.leaves;
    one.patience = {.priority = Priority::normal,
                    .tenant = one.leaves[0],
                    .weight = 1,
                    .deadline = now.steady + std::chrono::hours(1)};
    if (std::optional<Outcome> out = admission.admit(one.demand, one.patience, one, now)) one.decided(std::move(*out));
  }
  for ([[maybe_unused]] auto _ : state) {
    One* before = running;
    before->reservation.settle({}, now);
    (void)admission.admit(before->demand, before->patience, *before, now);
  }
  for (One& one : all) admission.cancel(one, now);
}
BENCHMARK(settle_with_a_queue);

std::size_t allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// 100,000 keys below 10,000 teams with two limits each.
void load(benchmark::State& state) {
  constexpr int kTeams = 10'000;
  constexpr int kKeys = 100'000;
  const Moment now{base::SteadyTime(std::chrono::hours(1)), base::WallTime(std::chrono::hours(500'000))};
  double nodes_bytes = 0;
  double account_bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    const std::size_t before = allocated();
    std::deque<Node> nodes;
    const Node& org = nodes.emplace_back(NodeKind::org, "acme", nullptr);
    std::vector<const Node*> teams;
    for (int i = 0; i < kTeams; ++i) {
      teams.push_back(&nodes.emplace_back(NodeKind::team, "team-" + std::to_string(i), &org));
    }
    for (int i = 0; i < kKeys; ++i) {
      nodes.emplace_back(NodeKind::key, "key-" + std::to_string(i), teams[static_cast<std::size_t>(i % kTeams)]);
    }
    const std::size_t with_nodes = allocated();
    Admission admission;
    for (const Node* team : teams) {
      (void)admission.set_limits(*team,
                                 {limit("budget", Resource::usd, 1'000'000, Period::month, "Europe/Berlin"),
                                  limit("rate", Resource::total_tokens, 1'000'000, Period::minute)},
                                 now);
    }
    account_bytes = static_cast<double>(allocated() - with_nodes) / kTeams;
    nodes_bytes = static_cast<double>(with_nodes - before) / (kTeams + kKeys);
    benchmark::DoNotOptimize(nodes);
  }
  state.counters["bytes_a_node"] = nodes_bytes;
  state.counters["bytes_an_account"] = account_bytes;
}
BENCHMARK(load)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::govern
