#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/guard/callout/breaker.h"
#include "gatehouse/guard/detector_set.h"
#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/http/fetch.h"

namespace gatehouse::app {

// An external guard with what all workers share of it. `settings` are the snapshot's.
struct CalloutPlan {
  const config::Callout* settings = nullptr;
  http::FetchUrl url;
  std::shared_ptr<guard::CalloutBreaker> breaker;
};

// What a configuration's policies look for and whom they hold for. Immutable but for the hours' functions, which are
// pure, and the breakers; shared by all workers.
struct GuardPlan {
  std::shared_ptr<const guard::DetectorSet> detectors;  // null: no policy has guards
  std::vector<guard::PolicySet::Entry> policies;        // point into the snapshot
  std::vector<CalloutPlan> callouts;                    // those that a policy names
};

// Every detector there is, with the operator's own entities: one list, with what each is for. `least_score`: of
// identifiers; without it the least threshold of the policies. Reads dictionaries (blocking). Errors: configuration.
Result<std::shared_ptr<const guard::DetectorSet>> builtin_detectors(const config::Snapshot& snapshot,
                                                                    std::optional<float> least_score = {});

// Errors: configuration, naming the policy: an entity that nobody finds, with the nearest name; a time zone or hours
// that are none; a dictionary that cannot be read; a callout's url that may not be asked.
Result<GuardPlan> guards_of(const config::Snapshot& snapshot);

}  // namespace gatehouse::app
