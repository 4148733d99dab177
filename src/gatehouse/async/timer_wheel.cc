#include "gatehouse/async/timer_wheel.h"

#include <algorithm>

namespace gatehouse::async {
namespace {

std::size_t tick_of(base::SteadyTime time) {
  return static_cast<std::size_t>(time.time_since_epoch() / TimerWheel::kTick);
}

}  // namespace

void TimerWheel::arm(Entry& entry, base::SteadyTime due) {
  // Never into a slot that was already turned over: the next one to come is the earliest.
  entry.due_ = due;
  const std::size_t slot = std::max(tick_of(due), tick_of(turned_to_)) + 1;
  slots_[slot % kSlots].push_back(entry);
}

void TimerWheel::turn(base::SteadyTime now) {
  std::size_t from = tick_of(turned_to_) + 1;
  const std::size_t to = tick_of(now);
  if (to < from) return;
  from = std::max(from, to >= kSlots ? to - kSlots + 1 : std::size_t{0});
  turned_to_ = now;
  base::IntrusiveList<Entry> visited;
  for (std::size_t tick = from; tick <= to; ++tick) visited.splice(slots_[tick % kSlots]);
  while (!visited.empty()) {
    Entry& entry = visited.front();
    if (entry.due_ <= now) {
      entry.unlink();
      entry.on_due();
    } else {
      // A later round of the ring.
      slots_[(tick_of(entry.due_) + 1) % kSlots].push_back(entry);
    }
  }
}

}  // namespace gatehouse::async
