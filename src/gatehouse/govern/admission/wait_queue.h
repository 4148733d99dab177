#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "gatehouse/base/intrusive_list.h"
#include "gatehouse/govern/admission/counter.h"
#include "gatehouse/govern/admission/waiter.h"

namespace gatehouse::govern {

struct WaitFlow;
class WaitQueue;

// One request that waits. Owned by the WaitingRoom, in one queue at a time.
struct WaitEntry : base::ListNode {
  Waiter* waiter = nullptr;
  const Demand* demand = nullptr;
  Patience patience;
  std::uint32_t weight = 1;
  std::uint64_t arrival = 0;  // number of its arrival: order within a tenant
  base::SteadyTime since{};
  WaitQueue* queue = nullptr;
  WaitFlow* flow = nullptr;
  std::uint64_t scan = 0;       // the last look at its queue that tried it in vain
  std::uint32_t overtaken = 0;  // by so many, since it first was in the way
  bool parked = false;          // it waits for the window to turn, whatever the others do
  bool barrier = false;         // nobody may overtake it any more
  // What wakes it: its times in the room's two agendas.
  base::SteadyTime alarm{};
  Nanos look_again = kNever;
};

// The requests of one tenant and class that wait for one limit, in order of arrival.
struct WaitFlow {
  double start = 0;         // virtual time at which its next one is due
  std::uint64_t order = 0;  // among those of one start: who came first
  std::uint32_t waiting = 0;
  base::IntrusiveList<WaitEntry> entries;
};

// Who is next at one limit. The rule:
// 1. The better class first. But a class that has been passed over by kPassedOver grants to better ones is due: it
//    comes first for one grant. So each waiting class gets at least one grant in kPassedOver + 4, however many wait
//    above it.
// 2. Within a class, tenants by start-time fair queueing: each tenant has a virtual time, which a grant moves on by
//    what it took of this limit's resource divided by the tenant's weight; the one that is least far on is next. A
//    tenant that comes anew starts where the class stands, so nobody saves up turns.
// 3. Within a tenant, by arrival.
// Goyal, Vin, Cheng: Start-time Fair Queuing (SIGCOMM 1996) is the source of rule 2. Under the room's lock.
class WaitQueue {
 public:
  static constexpr std::uint32_t kPassedOver = 16;
  // Of one tenant so many are tried in one look, that a flood does not use up the look.
  static constexpr std::uint32_t kTriesPerFlow = 4;

  explicit WaitQueue(Counter& counter) : counter_(counter) {}
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  Counter& counter() const { return counter_; }
  bool empty() const { return waiting_ == 0 && parked_.empty(); }
  void push(WaitEntry& entry);
  void remove(WaitEntry& entry);
  // Puts it aside, where nobody looks at it, until the window turns; and all of those back in their places.
  void park(WaitEntry& entry);
  void unpark(WaitEntry& entry);
  void unpark_all();
  // The next one that look number `scan` has not tried; null: no more in this look.
  WaitEntry* next(std::uint64_t scan);
  // It was granted `cost` of the limit's resource; before it is removed.
  void charge(const WaitEntry& entry, std::int64_t cost);

 private:
  struct Before {
    bool operator()(const WaitFlow* a, const WaitFlow* b) const {
      return a->start != b->start ? a->start < b->start : a->order < b->order;
    }
  };
  // Tenants without entries are looked through for ones to forget when there are so many of them, or twice as many as
  // were left the last time.
  static constexpr std::size_t kIdleFlows = 64;
  struct Class {
    double time = 0;  // of the tenant that was served last
    std::uint32_t passed_over = 0;
    std::uint32_t waiting = 0;
    std::map<const Node*, std::unique_ptr<WaitFlow>> flows;  // also those without entries, until time has passed them
    std::set<WaitFlow*, Before> active;
    std::size_t most_idle = kIdleFlows;
  };
  static void forget_idle(Class& of);

  Counter& counter_;
  std::array<Class, kPriorityCount> classes_;
  base::IntrusiveList<WaitEntry> parked_;
  std::uint32_t waiting_ = 0;
  std::uint64_t orders_ = 0;
};

}  // namespace gatehouse::govern
