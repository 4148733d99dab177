#include "gatehouse/guard/callout/breaker.h"

#include <algorithm>
#include <chrono>

namespace gatehouse::guard {
namespace {

// Never 0, which means closed.
base::SteadyTime::rep ticks_of(base::SteadyTime time) {
  return std::max<base::SteadyTime::rep>(time.time_since_epoch().count(), 1);
}

}  // namespace

bool CalloutBreaker::allows(base::SteadyTime now) {
  Ticks until = open_until_.load(std::memory_order_relaxed);
  if (until == 0) return true;
  if (ticks_of(now) < until) return false;
  // Whoever moves it on has the trial; the others wait for what comes of it.
  return open_until_.compare_exchange_strong(until, ticks_of(now + pause_), std::memory_order_relaxed);
}

void CalloutBreaker::succeeded() {
  in_a_row_.store(0, std::memory_order_relaxed);
  open_until_.store(0, std::memory_order_relaxed);
}

void CalloutBreaker::failed(base::SteadyTime now) {
  const std::uint32_t in_a_row = in_a_row_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (in_a_row < most_) return;
  // It must not wrap round to 0 in a year of failures.
  in_a_row_.store(most_, std::memory_order_relaxed);
  open_until_.store(ticks_of(now + pause_), std::memory_order_relaxed);
}

}  // namespace gatehouse::guard
