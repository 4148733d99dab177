#pragma once

// Small tools of the tests in this folder.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/govern/admission/admission.h"

namespace gatehouse::govern::testing {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline base::WallTime utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  return std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

inline Limit limit(std::string id, Resource resource, std::int64_t amount, Period period = Period::lifetime,
                   bool rolling = false) {
  Limit made;
  made.id = std::move(id);
  made.resource = resource;
  made.amount = amount;
  made.window.period = period;
  made.window.rolling = rolling;
  return made;
}

// A tree, a clock and an Admission.
struct Fixture {
  explicit Fixture(AdmissionOptions options = {}) : admission(options) {}

  const Node& node(NodeKind kind, std::string id, const Node* parent = nullptr) {
    return nodes.emplace_back(kind, std::move(id), parent);
  }
  Moment now() const { return Moment::of(clock); }
  void limits(const Node& of, std::vector<Limit> list) {
    const Result<> set = admission.set_limits(of, std::move(list), now());
    if (!set) throw std::runtime_error(set.error().to_string());
  }
  LimitState state(const Node& of, std::size_t index = 0) const { return admission.snapshot(of, now()).at(index); }

  base::ManualClock clock;  // 2026-01-01, a Thursday
  std::deque<Node> nodes;
  Admission admission;
};

// A demand together with what it borrows. Not to be moved.
struct Call {
  explicit Call(const Node& leaf, std::int64_t completion = 0, std::int64_t prompt = 0) : leaves{&leaf} {
    demand.leaves = leaves;
    demand.model = "m";
    demand.prompt_tokens = prompt;
    demand.completion_wanted = demand.completion_min = completion;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  Call& member(NodeKind kind, std::string_view id, const Node* parent) {
    members.push_back({kind, id, parent});
    demand.members = members;
    return *this;
  }
  Call& leaf(const Node& more) {
    leaves.push_back(&more);
    demand.leaves = leaves;
    return *this;
  }
  Call& least(std::int64_t tokens) {
    demand.completion_min = tokens;
    return *this;
  }
  std::vector<const Node*> leaves;
  std::vector<Member> members;
  Demand demand;
};

struct Told : Waiter {
  virtual ~Told() = default;
  void decided(Outcome&& told) noexcept override {
    ++times;
    outcome = std::move(told);
  }
  int times = 0;
  std::optional<Outcome> outcome;
};

}  // namespace gatehouse::govern::testing
