#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"

namespace gatehouse::govern::webhook {

// Events on their way to one receiver: in order, bounded, tried again with pauses. A state machine without sockets; a
// sender on the control thread asks `next`, posts it, and reports. `push` may be called by any thread and only takes a
// short lock (events are rare: at most one a limit and window); it never waits for the receiver. What does not fit is
// dropped and counted, the newest first.
class Outbox {
 public:
  struct Policy {
    std::size_t events = 1000;
    std::size_t bytes = 4UL * 1024 * 1024;
    std::uint32_t tries = 8;  // then it is dropped
    base::Duration first_pause = std::chrono::seconds(1);
    base::Duration longest_pause = std::chrono::minutes(5);
  };
  struct Message {
    std::uint64_t ticket;
    std::string body;
    std::uint32_t attempt;  // from 1
  };
  struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t failed_tries = 0;
    std::uint64_t dropped_full = 0;
    std::uint64_t dropped_tried = 0;  // given up after `tries`, or refused by the receiver for good
    std::size_t waiting = 0;
  };

  Outbox();
  explicit Outbox(Policy policy);

  // Any thread. False: dropped.
  bool push(std::string body);
  // The oldest event, if it may be sent now. One is in flight at a time, so that order holds.
  std::optional<Message> next(base::SteadyTime now);
  // `status` of the answer, or 0 where there was none. 2xx: sent. 408, 425, 429, 5xx and 0: tried again after a pause
  // (doubled each time, plus up to half of it at random, so that many gateways do not come back together). Else
  // dropped.
  void done(std::uint64_t ticket, int status, base::SteadyTime now, base::Random& random);
  Counts counts() const;

 private:
  mutable std::mutex mutex_;
  Policy policy_;
  std::deque<std::string> waiting_;
  std::size_t bytes_ = 0;
  Counts counts_;
  std::uint64_t ticket_ = 0;
  bool in_flight_ = false;
  std::uint32_t attempts_ = 0;  // of the first one
  base::SteadyTime not_before_{};
};

}  // namespace gatehouse::govern::webhook
