#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/govern/admission/books.h"
#include "gatehouse/govern/admission/wait_queue.h"

namespace gatehouse::govern {

// Those who wait, each in the queue of the limit that stands in its way. Whoever frees something on a limit with
// waiters looks at that queue on his own thread; nobody else comes here. One lock, taken before any shard's and never
// after one. Any thread.
//
// No wake-up is lost: a waiter is counted on its limit under the shard's lock in the same section in which it was found
// not to fit, so whoever frees something there later sees the count and comes here; and he has to wait for this lock
// until the waiter is in its queue.
class WaitingRoom {
 public:
  WaitingRoom(const AdmissionOptions& options, Books& books) : options_(options), books_(books) {}
  ~WaitingRoom();
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  // The outcome, or nothing: it waits.
  std::optional<Outcome> admit(const Demand& demand, const Patience& patience, Waiter& waiter, Moment now);
  bool cancel(Waiter& waiter, Moment now);
  // Something came free on these. Without a moment: at the last one that was told.
  void kick(const Books::Kicks& kicks, std::optional<Moment> now);
  void tick(Moment now);
  void set_weight_rules(WeightRules rules);
  void add_to(AdmissionStats& stats) const;

 private:
  // Grants what can be granted there, in order. `reopened`: those too who wait for the window.
  void look_at(const Counter* counter, bool reopened);
  bool look_through(WaitQueue& queue);
  // gone: decided. moved: to another queue. parked: put aside till the window turns.
  enum class Tried : std::uint8_t { gone, stays, moved, parked };
  Tried try_one(WaitEntry& entry, bool at_deadline);
  void enqueue(WaitEntry& entry, const Blocked& blocked);
  void leave_queue(WaitEntry& entry);
  void set_alarm(WaitEntry& entry);
  void clear_alarms(WaitEntry& entry);
  void decide(WaitEntry& entry, Outcome&& outcome);
  void publish();
  void catch_up(Moment now);

  const AdmissionOptions options_;
  Books& books_;
  mutable std::mutex mutex_;
  Moment now_;  // the latest that was told
  WeightRules rules_;
  std::unordered_map<const Counter*, std::unique_ptr<WaitQueue>> queues_;
  std::unordered_map<const Node*, std::size_t> tenants_;  // how many wait
  std::set<std::pair<base::SteadyTime, WaitEntry*>> alarms_;
  std::set<std::pair<Nanos, WaitEntry*>> turns_;
  std::uint64_t arrivals_ = 0;
  std::uint64_t scans_ = 0;
  std::uint64_t grants_ = 0;
  // Set while `admit` runs for it: it is answered by the return value.
  WaitEntry* joining_ = nullptr;
  std::optional<Outcome> joined_;

  // What tick asks before it locks.
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::int64_t> next_alarm_{kNever};
  std::atomic<Nanos> next_turn_{kNever};

  std::atomic<std::uint64_t> granted_later_{0};
  std::atomic<std::uint64_t> timed_out_{0};
  std::atomic<std::uint64_t> turned_away_{0};
};

}  // namespace gatehouse::govern
