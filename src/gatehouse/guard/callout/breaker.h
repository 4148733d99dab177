#pragma once

#include <atomic>
#include <cstdint>

#include "gatehouse/base/clock.h"

namespace gatehouse::guard {

// Keeps a callout that fails from being asked for a while. One a process, callout and configuration, shared by all
// workers: any thread, no locks. After `failures` in a row it is open for `pause`; then one call is tried for each
// further pause until one succeeds. A trial that comes to no end (its caller left) only costs another pause.
class CalloutBreaker {
 public:
  CalloutBreaker(std::uint32_t failures, base::Duration pause) : most_(failures), pause_(pause) {}
  CalloutBreaker(const CalloutBreaker&) = delete;
  CalloutBreaker& operator=(const CalloutBreaker&) = delete;

  // Whether it may be asked now.
  bool allows(base::SteadyTime now);
  void succeeded();
  void failed(base::SteadyTime now);

 private:
  using Ticks = base::SteadyTime::rep;

  const std::uint32_t most_;
  const base::Duration pause_;
  std::atomic<std::uint32_t> in_a_row_{0};
  std::atomic<Ticks> open_until_{0};  // since the clock's epoch; 0: closed
};

}  // namespace gatehouse::guard
