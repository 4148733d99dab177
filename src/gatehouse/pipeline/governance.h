#pragma once

#include <atomic>
#include <cstdint>

#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/govern/usage_row.h"
#include "gatehouse/llm/completion_lengths.h"
#include "gatehouse/llm/tokens/estimator.h"

namespace gatehouse::pipeline {

class Exchange;

// One worker's way into the usage ledger. Used on its loop; neither call waits for a disk.
class UsageLane {
 public:
  virtual ~UsageLane() = default;
  // Before a request is forwarded: `row` says who and what, with the cost that is charged if this process does not live
  // to settle it. The number to settle it by, or Code::overloaded where nothing more can be recorded: then the request
  // is not served.
  virtual Result<std::uint64_t> open(const govern::UsageRow& row) = 0;
  // Once, with what it came to.
  virtual void settle(std::uint64_t ticket, const govern::UsageRow& row) = 0;
  // It was not forwarded after all: nothing is kept.
  virtual void drop(std::uint64_t ticket) = 0;
};

// Who hears of what governance decided: for webhooks, metrics and anomalies. Called on workers' threads.
class GovernanceEvents {
 public:
  virtual ~GovernanceEvents() = default;
  // A limit was reached (`refused`) or its soft share passed, for the first time in its window.
  virtual void limit_reached(const Exchange& exchange, const govern::LimitRef& limit, bool refused) = 0;
};

// What all workers share to know who may spend what. Made by app; outlives the workers. Any thread.
struct Governance {
  govern::Admission& admission;
  llm::Estimator& estimator;
  llm::CompletionLengths& lengths;
  GovernanceEvents* events = nullptr;  // may be null
  // Whether somebody may be limited by a template, so that who has no account yet must be looked at too.
  std::atomic<bool> templates{false};
};

}  // namespace gatehouse::pipeline
