#include "gatehouse/govern/admission/wait_queue.h"

#include <algorithm>

namespace gatehouse::govern {

void WaitQueue::push(WaitEntry& entry) {
  Class& of = classes_[static_cast<std::size_t>(entry.patience.priority)];
  if (of.flows.size() - of.active.size() > of.most_idle) {
    forget_idle(of);
    of.most_idle = std::max(kIdleFlows, 2 * (of.flows.size() - of.active.size()));
  }
  std::unique_ptr<WaitFlow>& place = of.flows[entry.patience.tenant];
  if (!place) place = std::make_unique<WaitFlow>();
  WaitFlow& flow = *place;
  if (flow.waiting == 0) {
    flow.start = std::max(flow.start, of.time);
    flow.order = ++orders_;
    of.active.insert(&flow);
  }
  // Mostly it is the last; one that comes over from another limit may have arrived before some.
  base::IntrusiveList<WaitEntry> later;
  while (!flow.entries.empty() && flow.entries.back().arrival > entry.arrival) later.push_front(flow.entries.back());
  flow.entries.push_back(entry);
  flow.entries.splice(later);
  entry.queue = this;
  entry.flow = &flow;
  ++flow.waiting;
  ++of.waiting;
  ++waiting_;
}

void WaitQueue::remove(WaitEntry& entry) {
  if (entry.parked) {
    entry.unlink();
    entry.parked = false;
    entry.queue = nullptr;
    return;
  }
  Class& of = classes_[static_cast<std::size_t>(entry.patience.priority)];
  WaitFlow& flow = *entry.flow;
  entry.unlink();
  entry.queue = nullptr;
  entry.flow = nullptr;
  if (--flow.waiting == 0) of.active.erase(&flow);
  if (--of.waiting == 0) of.passed_over = 0;
  --waiting_;
}

void WaitQueue::park(WaitEntry& entry) {
  remove(entry);
  entry.queue = this;
  entry.parked = true;
  parked_.push_back(entry);
}

void WaitQueue::unpark(WaitEntry& entry) {
  remove(entry);
  push(entry);
}

void WaitQueue::unpark_all() {
  while (!parked_.empty()) unpark(parked_.front());
}

WaitEntry* WaitQueue::next(std::uint64_t scan) {
  const auto first_of = [scan](Class& of) -> WaitEntry* {
    for (WaitFlow* flow : of.active) {
      // The few that were tried stand in front; they are passed by walking the ring.
      WaitEntry* found = nullptr;
      base::IntrusiveList<WaitEntry> tried;
      for (std::uint32_t i = 0; i < kTriesPerFlow && !flow->entries.empty(); ++i) {
        WaitEntry& entry = flow->entries.front();
        if (entry.scan != scan) {
          found = &entry;
          break;
        }
        tried.push_back(entry);
      }
      while (!tried.empty()) flow->entries.push_front(tried.back());
      if (found != nullptr) return found;
    }
    return nullptr;
  };
  // Those that are due, the longest passed over first, then the better class.
  std::array<Class*, kPriorityCount> order{};
  std::ranges::transform(classes_, order.begin(), [](Class& of) { return &of; });
  std::ranges::sort(order, [](const Class* a, const Class* b) {
    const auto due = [](const Class* of) { return of->passed_over >= kPassedOver ? of->passed_over : 0; };
    return due(a) != due(b) ? due(a) > due(b) : a < b;
  });
  for (Class* of : order) {
    if (of->waiting == 0) continue;
    if (WaitEntry* entry = first_of(*of); entry != nullptr) return entry;
  }
  return nullptr;
}

void WaitQueue::charge(const WaitEntry& entry, std::int64_t cost) {
  const auto index = static_cast<std::size_t>(entry.patience.priority);
  Class& of = classes_[index];
  of.passed_over = 0;
  for (std::size_t lower = index + 1; lower < classes_.size(); ++lower) {
    if (classes_[lower].waiting > 0) ++classes_[lower].passed_over;
  }
  WaitFlow* flow = entry.flow;
  of.active.erase(flow);
  of.time = std::max(of.time, flow->start);
  flow->start += static_cast<double>(std::max<std::int64_t>(1, cost)) / std::max<std::uint32_t>(1, entry.weight);
  of.active.insert(flow);
}

void WaitQueue::forget_idle(Class& of) {
  std::erase_if(of.flows, [&](const auto& flow) { return flow.second->waiting == 0 && flow.second->start <= of.time; });
}

}  // namespace gatehouse::govern
