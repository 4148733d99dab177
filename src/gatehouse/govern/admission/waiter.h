#pragma once

#include <cstdint>

#include "gatehouse/base/clock.h"
#include "gatehouse/govern/admission/outcome.h"
#include "gatehouse/govern/node.h"
#include "gatehouse/govern/principal.h"

namespace gatehouse::govern {

class WaitingRoom;
struct WaitEntry;

// How somebody waits.
struct Patience {
  Priority priority = Priority::normal;
  const Node* tenant = nullptr;  // among whom the turns are shared fairly; null: one tenant for all of these
  std::uint32_t weight = 1;      // the tenant's share, 1 to 1000; a WeightRule in force replaces it
  base::SteadyTime deadline{};   // decided by then; at or before now: it does not wait at all
};

// Who is told when a queued demand is decided. Owned by the request; must stay until it was told or Admission::cancel
// returned.
class Waiter {
 public:
  // Called exactly once, on whichever thread brought the decision about, with the queue locked: take the outcome, post
  // the wake-up and return. It must not call the Admission, nor drop a reservation of it.
  virtual void decided(Outcome&& outcome) noexcept = 0;

 protected:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() = default;

 private:
  friend class WaitingRoom;
  WaitEntry* entry_ = nullptr;  // while it waits; guarded by the queue's lock
};

}  // namespace gatehouse::govern
