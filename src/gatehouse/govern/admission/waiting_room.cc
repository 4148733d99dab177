#include "gatehouse/govern/admission/waiting_room.h"

#include <algorithm>
#include <limits>

namespace gatehouse::govern {
namespace {

// How many that stay where they are one look at a queue tries: a bound on what a settlement pays for others.
constexpr std::size_t kTriesPerLook = 16;

std::int64_t ticks(base::SteadyTime time) { return time.time_since_epoch().count(); }

}  // namespace

WaitingRoom::~WaitingRoom() {
  // Nobody is left to be told: the owner ends after its requests.
  while (!alarms_.empty()) {
    WaitEntry* entry = alarms_.begin()->second;
    clear_alarms(*entry);
    leave_queue(*entry);
    entry->waiter->entry_ = nullptr;
    delete entry;
  }
}

std::optional<Outcome> WaitingRoom::admit(const Demand& demand, const Patience& patience, Waiter& waiter, Moment now) {
  Outcome out;
  if (patience.deadline <= now.steady) {
    books_.attempt(demand, {}, now, out);
    return out;
  }
  // Without this lock, as nearly always.
  Asker asker{.kind = Asker::Kind::first, .deadline = patience.deadline};
  if (books_.attempt(demand, asker, now, out).counter == nullptr) return out;

  const std::lock_guard lock(mutex_);
  catch_up(now);
  const auto tenant = tenants_.find(patience.tenant);
  const bool full = waiting_.load(std::memory_order_relaxed) >= options_.max_waiting ||
                    (tenant != tenants_.end() && tenant->second >= options_.max_waiting_per_tenant);
  if (!full) asker.kind = Asker::Kind::joining;
  const Blocked blocked = books_.attempt(demand, asker, now, out);
  if (blocked.counter == nullptr) return out;
  if (full) {
    out.verdict = Verdict::full;
    turned_away_.fetch_add(1, std::memory_order_relaxed);
    return out;
  }
  auto* entry = new WaitEntry;
  entry->waiter = &waiter;
  entry->demand = &demand;
  entry->patience = patience;
  entry->weight = rules_.weight(patience.tenant, now.wall).value_or(std::max<std::uint32_t>(1, patience.weight));
  entry->arrival = ++arrivals_;
  entry->since = now.steady;
  waiter.entry_ = entry;
  waiting_.fetch_add(1, std::memory_order_relaxed);
  ++tenants_[patience.tenant];
  enqueue(*entry, blocked);
  // Perhaps it only came behind others, and is the first that fits.
  joining_ = entry;
  look_at(blocked.counter, false);
  joining_ = nullptr;
  publish();
  return std::exchange(joined_, std::nullopt);
}

bool WaitingRoom::cancel(Waiter& waiter, Moment now) {
  const std::lock_guard lock(mutex_);
  WaitEntry* entry = waiter.entry_;
  if (entry == nullptr) return false;
  catch_up(now);
  const Counter* counter = &entry->queue->counter();
  clear_alarms(*entry);
  leave_queue(*entry);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  const auto tenant = tenants_.find(entry->patience.tenant);
  if (--tenant->second == 0) tenants_.erase(tenant);
  waiter.entry_ = nullptr;
  delete entry;
  // It may have been what held up those behind it.
  look_at(counter, false);
  publish();
  return true;
}

void WaitingRoom::kick(const Books::Kicks& kicks, std::optional<Moment> now) {
  if (kicks.empty()) return;
  const std::lock_guard lock(mutex_);
  if (now) catch_up(*now);
  for (const Books::Kick& kick : kicks) look_at(kick.counter, kick.reopened);
  publish();
}

void WaitingRoom::tick(Moment now) {
  if (waiting_.load(std::memory_order_relaxed) == 0) return;
  if (ticks(now.steady) < next_alarm_.load(std::memory_order_relaxed) &&
      nanos(now.wall) < next_turn_.load(std::memory_order_relaxed)) {
    return;
  }
  const std::lock_guard lock(mutex_);
  catch_up(now);
  // Windows first: who fits now has not waited in vain.
  std::set<const Counter*> turned;
  while (!turns_.empty() && turns_.begin()->first <= nanos(now_.wall)) {
    WaitEntry* entry = turns_.begin()->second;
    turned.insert(&entry->queue->counter());
    turns_.erase(turns_.begin());
    entry->look_again = kNever;
  }
  for (const Counter* counter : turned) look_at(counter, true);
  while (!alarms_.empty() && alarms_.begin()->first <= now_.steady) {
    WaitEntry& entry = *alarms_.begin()->second;
    const Counter* counter = &entry.queue->counter();
    if (entry.patience.deadline <= now_.steady) {
      try_one(entry, true);
    } else {
      // It has been overtaken for long enough.
      entry.barrier = true;
      set_alarm(entry);
    }
    look_at(counter, false);
  }
  publish();
}

void WaitingRoom::set_weight_rules(WeightRules rules) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
}

void WaitingRoom::look_at(const Counter* counter, bool reopened) {
  const auto found = queues_.find(counter);
  if (found == queues_.end()) return;
  WaitQueue& queue = *found->second;
  if (reopened) queue.unpark_all();
  const bool barrier = look_through(queue);
  // The look may have made queues, so the place that was found is not good any more; and the counter of an empty queue
  // may be gone.
  if (queue.empty()) {
    queues_.erase(counter);
  } else {
    books_.set_barrier(queue.counter(), barrier);
  }
}

bool WaitingRoom::look_through(WaitQueue& queue) {
  const std::uint64_t scan = ++scans_;
  std::vector<WaitEntry*> passed;  // those that stay, overtaken by whoever is granted after them
  // The counter of an empty queue may be gone.
  const auto is_full = [&] { return !queue.empty() && books_.is_full(queue.counter()); };
  bool full = is_full();
  while (passed.size() < kTriesPerLook) {
    WaitEntry* entry = queue.next(scan);
    if (entry == nullptr) return false;
    // Nobody has to be tried; only whether the next place is kept for the first of them has to be known.
    if (full) return entry->barrier;
    const std::uint64_t grants = grants_;
    const Tried tried = try_one(*entry, false);
    if (tried == Tried::stays) {
      entry->scan = scan;
      if (entry->barrier) return true;
      passed.push_back(entry);
    } else if (grants_ != grants) {
      bool barrier = false;
      for (WaitEntry* behind : passed) {
        if (++behind->overtaken >= options_.overtaken_by) behind->barrier = true;
        barrier = barrier || behind->barrier;
      }
      if (barrier) return true;
      full = is_full();
    }
  }
  return false;
}

WaitingRoom::Tried WaitingRoom::try_one(WaitEntry& entry, bool at_deadline) {
  Counter& counter = entry.queue->counter();
  if (entry.parked) entry.queue->unpark(entry);
  Outcome out;
  Asker asker{.kind = Asker::Kind::waiting,
              .queue = &counter,
              .overtaken = entry.barrier,
              .deadline = entry.patience.deadline,
              .clamp = false};
  if (at_deadline || entry.patience.deadline <= now_.steady) {
    // The last chance: what is there, unless it is kept for somebody who has been overtaken too long.
    asker.clamp = true;
    if (!entry.barrier) asker.kind = Asker::Kind::passing;
  }
  const Blocked blocked = books_.attempt(*entry.demand, asker, now_, out);
  if (blocked.counter == nullptr) {
    if (out.verdict == Verdict::held) {
      ++grants_;
      entry.queue->charge(entry, need(counter.resource, *entry.demand, out.reservation.completion_tokens()));
    } else if (out.verdict == Verdict::busy) {
      out.verdict = Verdict::timed_out;
    }
    decide(entry, std::move(out));
    return Tried::gone;
  }
  if (blocked.counter != &counter) {
    clear_alarms(entry);
    leave_queue(entry);
    enqueue(entry, blocked);
    return Tried::moved;
  }
  if (entry.look_again != blocked.look_again) {
    if (entry.look_again != kNever) turns_.erase({entry.look_again, &entry});
    entry.look_again = blocked.look_again;
    if (entry.look_again != kNever) turns_.insert({entry.look_again, &entry});
  }
  if (blocked.starving) return Tried::stays;
  entry.queue->park(entry);
  return Tried::parked;
}

void WaitingRoom::enqueue(WaitEntry& entry, const Blocked& blocked) {
  std::unique_ptr<WaitQueue>& queue = queues_[blocked.counter];
  if (!queue) queue = std::make_unique<WaitQueue>(*blocked.counter);
  entry.look_again = blocked.look_again;
  queue->push(entry);
  if (!blocked.starving) queue->park(entry);
  set_alarm(entry);
  if (entry.look_again != kNever) turns_.insert({entry.look_again, &entry});
}

// The queue's counter may be gone after this, and then so must the queue before the lock is left.
void WaitingRoom::leave_queue(WaitEntry& entry) {
  Counter& counter = entry.queue->counter();
  entry.queue->remove(entry);
  books_.drop_waiter(counter);
}

void WaitingRoom::set_alarm(WaitEntry& entry) {
  if (entry.alarm != base::SteadyTime{}) alarms_.erase({entry.alarm, &entry});
  entry.alarm = entry.patience.deadline;
  if (!entry.barrier) entry.alarm = std::min(entry.alarm, entry.since + options_.overtaken_for);
  alarms_.insert({entry.alarm, &entry});
}

void WaitingRoom::clear_alarms(WaitEntry& entry) {
  alarms_.erase({entry.alarm, &entry});
  entry.alarm = {};
  if (entry.look_again != kNever) turns_.erase({entry.look_again, &entry});
  entry.look_again = kNever;
}

void WaitingRoom::decide(WaitEntry& entry, Outcome&& outcome) {
  clear_alarms(entry);
  leave_queue(entry);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  const auto tenant = tenants_.find(entry.patience.tenant);
  if (--tenant->second == 0) tenants_.erase(tenant);
  entry.waiter->entry_ = nullptr;
  outcome.waited = now_.steady - entry.since;
  if (outcome.verdict == Verdict::timed_out) timed_out_.fetch_add(1, std::memory_order_relaxed);
  if (joining_ == &entry) {
    joined_ = std::move(outcome);
  } else {
    if (outcome.verdict == Verdict::held) granted_later_.fetch_add(1, std::memory_order_relaxed);
    entry.waiter->decided(std::move(outcome));
  }
  delete &entry;
}

void WaitingRoom::publish() {
  next_alarm_.store(alarms_.empty() ? kNever : ticks(alarms_.begin()->first), std::memory_order_relaxed);
  next_turn_.store(turns_.empty() ? kNever : turns_.begin()->first, std::memory_order_relaxed);
}

void WaitingRoom::catch_up(Moment now) {
  now_.steady = std::max(now_.steady, now.steady);
  // The wall's is taken as it is: one that was wrong for a moment must not stay.
  now_.wall = now.wall;
}

void WaitingRoom::add_to(AdmissionStats& stats) const {
  stats.waiting = waiting_.load(std::memory_order_relaxed);
  stats.granted_later = granted_later_.load(std::memory_order_relaxed);
  stats.timed_out = timed_out_.load(std::memory_order_relaxed);
  stats.turned_away = turned_away_.load(std::memory_order_relaxed);
}

}  // namespace gatehouse::govern
