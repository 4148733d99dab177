#pragma once

#include <atomic>
#include <cstdint>

#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/llm/completion_lengths.h"
#include "gatehouse/llm/tokens/estimator.h"
#include "gatehouse/pipeline/usage_lane.h"

namespace gatehouse::pipeline {

class Exchange;

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
