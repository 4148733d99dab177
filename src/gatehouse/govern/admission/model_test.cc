// Random operations, compared step by step with a reference that keeps everything that ever happened and recomputes
// each answer from the rules; and a check that nobody waits for what is free.
#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

using testing::Call;
using testing::Fixture;
using testing::limit;
using testing::Told;
using namespace std::chrono_literals;

std::int64_t cost(Resource resource, std::int64_t prompt, std::int64_t completion, std::int64_t pico) {
  switch (resource) {
    case Resource::requests:
    case Resource::concurrency:
      return 1;
    case Resource::prompt_tokens:
      return prompt;
    case Resource::completion_tokens:
      return completion;
    case Resource::total_tokens:
      return prompt + completion;
    case Resource::usd:
      return (completion * pico + 999) / 1000;
  }
  return 0;
}

struct Reference {
  struct Rule {
    Limit limit;
    std::vector<std::pair<base::WallTime, std::int64_t>> charges;
    std::map<int, std::int64_t> holds;  // by reservation
  };
  static base::Duration part(Period period) {
    switch (period) {
      case Period::minute:
        return 1s;
      case Period::hour:
        return 1min;
      case Period::day:
        return 30min;
      case Period::week:
        return 3h;
      default:
        return 12h;
    }
  }
  static base::Duration length(Period period) {
    switch (period) {
      case Period::minute:
        return 60s;
      case Period::hour:
        return 1h;
      case Period::day:
        return 24h;
      case Period::week:
        return 168h;
      default:
        return 720h;
    }
  }
  static bool counted(const Limit& limit, base::WallTime charged, base::WallTime now) {
    if (limit.window.period == Period::lifetime) return true;
    if (!limit.window.rolling) {
      return charged >= Zone::load(limit.window.time_zone)->around(limit.window.period, now).start;
    }
    const auto number = [&](base::WallTime at) { return at.time_since_epoch() / part(limit.window.period); };
    return number(now) - number(charged) <= length(limit.window.period) / part(limit.window.period);
  }
  static std::int64_t used(const Rule& rule, base::WallTime now) {
    std::int64_t sum = 0;
    for (const auto& [at, amount] : rule.charges) sum += counted(rule.limit, at, now) ? amount : 0;
    return sum;
  }
  static std::int64_t held(const Rule& rule) {
    std::int64_t sum = 0;
    for (const auto& [id, amount] : rule.holds) sum += amount;
    return sum;
  }
};

class ModelTest : public ::testing::TestWithParam<unsigned>, protected Fixture {};

TEST_P(ModelTest, AgreesWithTheReference) {
  std::mt19937_64 random(GetParam());
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  const Node& org = node(NodeKind::org, "o");
  const std::array<const Node*, 2> teams = {&node(NodeKind::team, "a", &org), &node(NodeKind::team, "b", &org)};
  std::vector<const Node*> keys;
  for (int i = 0; i < 4; ++i)
    keys.push_back(&node(NodeKind::key, std::to_string(i), teams[static_cast<std::size_t>(i % 2)]));
  const Node& provider = node(NodeKind::provider, "p");

  std::map<const Node*, std::vector<Reference::Rule>> rules;
  const auto set = [&](const Node& on) {
    std::vector<Limit> made;
    const auto count = static_cast<int>(below(4));
    for (int i = 0; i < count; ++i) {
      // Seldom another kind of limit, so that often the count goes on.
      Limit one = limit(std::to_string(i), static_cast<Resource>((i + below(2)) % 6), 20 + below(200),
                        static_cast<Period>((i + below(2)) % 6), (i % 2) == 1);
      if (one.window.period >= Period::day && below(2) == 0) one.window.time_zone = "Europe/Berlin";
      made.push_back(one);
    }
    std::vector<Reference::Rule> fresh;
    for (const Limit& one : made) {
      Reference::Rule rule{one, {}, {}};
      for (Reference::Rule& old : rules[&on]) {
        if (old.limit.id == one.id && old.limit.resource == one.resource &&
            (one.resource == Resource::concurrency || old.limit.window == one.window)) {
          rule.charges = old.charges;
          rule.holds = old.holds;
        }
      }
      fresh.push_back(std::move(rule));
    }
    rules[&on] = std::move(fresh);
    limits(on, made);
  };
  for (const Node* on : {&org, teams[0], teams[1], keys[0], keys[1], &provider}) set(*on);

  struct Live {
    int id;
    Reservation reservation;
    std::int64_t prompt, completion, pico;
    // What it was counted on, by place: limits that come later do not concern it.
    std::vector<std::pair<const Node*, std::string>> lines;
  };
  std::vector<Live> live;
  int ids = 0;
  std::array<int, 4> seen{};
  for (int step = 0; step < 4000; ++step) {
    const base::WallTime now = clock.wall();
    const auto line_of = [&](const Live& of, const auto& act) {
      for (const auto& [on, id] : of.lines) {
        for (Reference::Rule& rule : rules[on]) {
          if (rule.limit.id == id && rule.holds.contains(of.id)) act(rule, rule.holds[of.id]);
        }
      }
    };
    switch (below(8)) {
      case 0:
      case 1:
      case 2: {
        Call call(*keys[static_cast<std::size_t>(below(4))], 1 + below(60), below(30));
        if (below(2) == 0) call.leaf(provider);
        call.least(1 + below(call.demand.completion_wanted));
        const std::int64_t pico = call.demand.picodollars_per_completion_token = below(3000);
        call.demand.clamp_at_once = below(4) == 0;
        std::vector<Reference::Rule*> chain;
        Live made{++ids, {}, call.demand.prompt_tokens, 0, pico, {}};
        for (const Node* leaf : call.leaves) {
          for (const Node* on = leaf; on != nullptr; on = on->parent) {
            for (Reference::Rule& rule : rules[on]) {
              chain.push_back(&rule);
              made.lines.emplace_back(on, rule.limit.id);
            }
          }
        }
        // The largest bound for a given room, by trying every one.
        const auto best = [&](auto room) {
          for (std::int64_t c = call.demand.completion_wanted; c >= 0; --c) {
            if (std::ranges::all_of(chain, [&](const Reference::Rule* rule) {
                  const std::int64_t need = cost(rule->limit.resource, made.prompt, c, pico);
                  return need == 0 || need <= room(*rule);
                })) {
              return c;
            }
          }
          return std::int64_t{-1};
        };
        const auto max = best([](const Reference::Rule& r) { return r.limit.amount; });
        const auto alone = best([&](const Reference::Rule& r) { return r.limit.amount - Reference::used(r, now); });
        const auto at_once = best(
            [&](const Reference::Rule& r) { return r.limit.amount - Reference::used(r, now) - Reference::held(r); });
        const std::int64_t min = call.demand.completion_min;
        Verdict verdict = Verdict::held;
        if (max < min) {
          verdict = Verdict::never;
        } else if (alone < min) {
          verdict = Verdict::spent;
        } else if (at_once < (call.demand.clamp_at_once ? min : alone)) {
          verdict = Verdict::busy;
        }
        Outcome out = admission.reserve(call.demand, this->now());
        ASSERT_EQ(out.verdict, verdict) << step;
        ++seen[static_cast<std::size_t>(verdict)];
        if (verdict == Verdict::held) {
          ASSERT_EQ(out.reservation.completion_tokens(), at_once) << step;
          made.completion = at_once;
          for (Reference::Rule* rule : chain) {
            const std::int64_t need = cost(rule->limit.resource, made.prompt, at_once, pico);
            if (rule->limit.resource == Resource::requests) rule->charges.emplace_back(now, 1);
            rule->holds[made.id] = rule->limit.resource == Resource::requests ? 0 : need;
          }
          made.reservation = std::move(out.reservation);
          live.push_back(std::move(made));
        } else if (verdict == Verdict::spent && out.retry_after) {
          // Exact: nothing a moment before, room at that moment, holds aside.
          const auto later = [&](base::Duration by) {
            return best([&](const Reference::Rule& r) { return r.limit.amount - Reference::used(r, now + by); });
          };
          ASSERT_LT(later(*out.retry_after - 1ns), min) << step;
          ASSERT_GE(later(*out.retry_after), min) << step;
        }
        break;
      }
      case 3:
      case 4: {
        if (live.empty()) break;
        const auto at = static_cast<std::size_t>(below(static_cast<std::int64_t>(live.size())));
        Live& one = live[at];
        const std::int64_t completion = below(one.completion + 1 + (below(10) == 0 ? 10 : 0));
        const Actual actual{one.prompt, completion, base::Money::nanos(cost(Resource::usd, 0, completion, one.pico))};
        one.reservation.settle(actual, this->now());
        line_of(one, [&](Reference::Rule& rule, std::int64_t) {
          rule.holds.erase(one.id);
          if (rule.limit.resource == Resource::requests || rule.limit.resource == Resource::concurrency) return;
          rule.charges.emplace_back(now, cost(rule.limit.resource, one.prompt, completion, one.pico));
        });
        live.erase(live.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      }
      case 5: {
        if (live.empty()) break;
        Live& one = live[static_cast<std::size_t>(below(static_cast<std::int64_t>(live.size())))];
        const std::int64_t more = 1 + below(20);
        bool fits = true;
        const auto extra = [&](const Reference::Rule& rule, std::int64_t held) {
          return rule.limit.resource == Resource::requests
                     ? 0
                     : cost(rule.limit.resource, one.prompt, one.completion + more, one.pico) - held;
        };
        line_of(one, [&](const Reference::Rule& rule, std::int64_t held) {
          const std::int64_t need = extra(rule, held);
          fits = fits && (need == 0 || Reference::used(rule, now) + Reference::held(rule) + need <= rule.limit.amount);
        });
        ASSERT_EQ(one.reservation.extend(more, this->now()), fits) << step;
        if (fits) {
          line_of(one,
                  [&](Reference::Rule& rule, std::int64_t held) { rule.holds[one.id] = held + extra(rule, held); });
          one.completion += more;
        }
        break;
      }
      case 6:
        clock.advance(std::chrono::milliseconds(below(4) == 0 ? below(80'000'000) : below(20'000)));
        break;
      default:
        if (below(8) == 0) set(*std::array{&org, teams[0], keys[1], &provider}[static_cast<std::size_t>(below(4))]);
        break;
    }
    for (const auto& [on, list] : rules) {
      const std::vector<LimitState> states = admission.snapshot(*on, this->now());
      ASSERT_EQ(states.size(), list.size());
      for (std::size_t i = 0; i < list.size(); ++i) {
        ASSERT_EQ(states[i].used, Reference::used(list[i], clock.wall()))
            << step << " " << name(list[i].limit.resource);
        ASSERT_EQ(states[i].held, Reference::held(list[i])) << step;
      }
    }
  }
  for (const int count : seen) EXPECT_GT(count, 5);  // it did try something
}
INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range(1U, 5U));

// Demands of one unit on random chains: after every step whoever still waits has a full limit above him.
class QueueModelTest : public ::testing::TestWithParam<unsigned>, protected Fixture {};

TEST_P(QueueModelTest, NobodyWaitsForWhatIsFree) {
  std::mt19937_64 random(GetParam());
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  const Node& org = node(NodeKind::org, "o");
  std::vector<const Node*> keys;
  for (int i = 0; i < 6; ++i) {
    const Node& team = node(NodeKind::team, std::to_string(i), &org);
    keys.push_back(&node(NodeKind::key, std::to_string(i), &team));
  }
  const std::array<const Node*, 2> providers = {&node(NodeKind::provider, "p"), &node(NodeKind::provider, "q")};
  const auto any = [&](std::string id) {
    switch (below(3)) {
      case 0:
        return limit(std::move(id), Resource::concurrency, 1 + static_cast<std::int64_t>(below(4)));
      case 1:
        return limit(std::move(id), Resource::requests, 1 + static_cast<std::int64_t>(below(8)), Period::minute, true);
      default:
        return limit(std::move(id), Resource::completion_tokens, 1 + static_cast<std::int64_t>(below(8)),
                     Period::minute);
    }
  };
  const auto everywhere = [&] {
    std::vector<const Node*> all(providers.begin(), providers.end());
    all.push_back(&org);
    for (const Node* key : keys) all.push_back(key->parent);
    return all;
  }();
  for (const Node* on : everywhere) limits(*on, {any("1"), any("2")});

  struct Request : Told {
    explicit Request(const Node& key) : call(key, 1) {}
    Call call;
    bool waiting = false;
  };
  std::deque<Request> requests;
  int decided_later = 0;
  for (int step = 0; step < 3000; ++step) {
    switch (below(6)) {
      case 0:
      case 1:
      case 2: {
        Request& made = requests.emplace_back(*keys[below(keys.size())]);
        made.call.leaf(*providers[below(2)]);
        Patience patience{.priority = static_cast<Priority>(below(5)),
                          .tenant = made.call.leaves[0]->parent,
                          .weight = 1 + static_cast<std::uint32_t>(below(3)),
                          .deadline = clock.now() + std::chrono::seconds(below(300))};
        std::optional<Outcome> out = admission.admit(made.call.demand, patience, made, now());
        if (out) {
          made.decided(std::move(*out));
        } else {
          made.waiting = true;
        }
        break;
      }
      case 3: {
        std::vector<Request*> held;
        for (Request& one : requests) {
          if (one.outcome && one.outcome->reservation.active()) held.push_back(&one);
        }
        if (held.empty()) break;
        Reservation& one = held[below(held.size())]->outcome->reservation;
        if (below(3) == 0) {
          one.cancel(now());
        } else {
          one.settle({0, static_cast<std::int64_t>(below(2)), {}}, now());
        }
        break;
      }
      case 4: {
        Request* one = requests.empty() ? nullptr : &requests[below(requests.size())];
        if (one == nullptr) break;
        const bool waits = one->waiting && one->times == 0;
        ASSERT_EQ(admission.cancel(*one, now()), waits);
        one->waiting = false;
        break;
      }
      default:
        if (below(10) == 0) {
          limits(*everywhere[below(everywhere.size())], {any("1"), any("2")});
        } else {
          clock.advance(std::chrono::milliseconds(below(5000)));
          admission.tick(now());
        }
        break;
    }
    for (Request& one : requests) {
      ASSERT_LE(one.times, 1);
      if (!one.waiting) continue;
      if (one.times == 1) {
        one.waiting = false;
        ++decided_later;
        continue;
      }
      bool full = false;
      for (const Node* leaf : one.call.leaves) {
        for (const Node* on = leaf; on != nullptr; on = on->parent) {
          for (const LimitState& at : admission.snapshot(*on, now())) {
            full = full || at.limit->amount - at.used - at.held < 1;
          }
        }
      }
      // Somebody who has been overtaken for long may have the next place kept for him; but then he is in a queue of
      // a limit that is full, and so are these.
      ASSERT_TRUE(full) << step;
    }
  }
  EXPECT_GT(decided_later, 100);
  for (Request& one : requests) admission.cancel(one, now());
  for (Request& one : requests) {
    if (one.outcome) one.outcome->reservation.cancel(now());
  }
  for (const Node* on : everywhere) {
    for (const LimitState& at : admission.snapshot(*on, now())) {
      EXPECT_EQ(at.held, 0);
      EXPECT_EQ(at.waiting, 0);
    }
  }
  EXPECT_EQ(admission.stats().waiting, 0);
}
INSTANTIATE_TEST_SUITE_P(Seeds, QueueModelTest, ::testing::Range(1U, 5U));

}  // namespace
}  // namespace gatehouse::govern
