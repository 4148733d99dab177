#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/base/money.h"
#include "gatehouse/govern/ledger/schema.h"
#include "gatehouse/govern/node.h"
#include "gatehouse/store/database.h"

namespace gatehouse::govern {

// What one node has used.
struct NodeTotals {
  std::int64_t requests = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  base::Money cost;
};

// What each node of a kind has used by requests that began at `since` or later, of the models (as asked for) that
// `counts` admits: for bringing the counters of budgets back at start. Visits each id once, in no order, and none
// without use. A tag's id is `k=v`, a provider's its name. From roll-ups, and raw rows for the part of an hour; where
// retention has deleted those, the whole hour is taken (a budget is rather found fuller than it is).
// Errors: of the store. Blocks.
Result<> node_totals(store::Database& database, NodeKind kind, base::WallTime since,
                     base::FunctionRef<bool(std::string_view model)> counts,
                     base::FunctionRef<void(std::string_view id, const NodeTotals& totals)> visit);

// A stretch of roll-ups of one granularity, to be added or taken away. Seconds; the end is not in it.
struct Stretch {
  Bucket bucket;
  std::int64_t from;
  std::int64_t to;
  bool negative = false;
};

// The fewest buckets that make up everything from `since` (a full hour) on: "all of this month without its first day"
// rather than thirty days.
std::vector<Stretch> stretches_since(std::int64_t since);

}  // namespace gatehouse::govern
