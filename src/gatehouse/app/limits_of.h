#pragma once

#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/admission/weight_rules.h"
#include "gatehouse/govern/directory/limit_book.h"

namespace gatehouse::app {

// What a configuration says about who may spend what, in govern's words. A plain value.
struct LimitPlan {
  std::vector<govern::LimitSpec> limits;
  govern::WeightRules weights;
};

// Budgets, rates of nodes, keys and providers, and limits of policies. The ids of limits depend on what they bound and
// not on the order of the file, so that counts go on over reloads. Code::configuration: weight rules with an unknown
// time zone, days or hours that cannot be read.
Result<LimitPlan> limits_of(const config::Snapshot& snapshot);

}  // namespace gatehouse::app
