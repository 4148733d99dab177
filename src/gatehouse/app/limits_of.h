#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/admission/weight_rules.h"
#include "gatehouse/govern/limit.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::app {

// What a configuration says about who may spend what, in govern's words. A plain value.
struct LimitPlan {
  using Place = std::pair<govern::NodeKind, std::string>;
  std::map<Place, std::vector<govern::Limit>> nodes;
  // For each node of a kind that has no limits of its own.
  std::array<std::vector<govern::Limit>, govern::kNodeKindCount> templates;
  govern::WeightRules weights;

  bool any_template() const;
};

// Budgets, rates of nodes, keys and providers, and limits of policies. The ids of limits depend on what they bound and
// not on the order of the file, so that counts go on over reloads. Code::configuration: weight rules with an unknown
// time zone, days or hours that cannot be read.
Result<LimitPlan> limits_of(const config::Snapshot& snapshot);

}  // namespace gatehouse::app
