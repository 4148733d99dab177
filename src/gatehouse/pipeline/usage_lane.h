#pragma once

#include <cstdint>

#include "gatehouse/base/error.h"
#include "gatehouse/govern/usage_row.h"

namespace gatehouse::pipeline {

// One worker's way into the usage ledger. Used on its loop; neither call waits for a disk.
class UsageLane {
 public:
  struct Ticket {
    std::uint64_t number = 0;
    std::uint32_t slot = 0;
  };
  virtual ~UsageLane() = default;
  // Before a request is forwarded: `row` says who and what, with the cost that is charged if this process does not live
  // to settle it. The ticket to settle it by, or Code::overloaded where nothing more can be recorded: then the request
  // is not served.
  virtual Result<Ticket> open(const govern::UsageRow& row) = 0;
  // Once, with what it came to.
  virtual void settle(Ticket ticket, const govern::UsageRow& row) = 0;
  // It was not forwarded after all: nothing is kept.
  virtual void drop(Ticket ticket) = 0;
};

}  // namespace gatehouse::pipeline
