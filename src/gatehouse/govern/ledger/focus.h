#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/govern/ledger/usage_query.h"
#include "gatehouse/store/database.h"

namespace gatehouse::govern {

struct FocusOptions {
  base::WallTime from{};                      // full days, UTC
  base::WallTime to = base::WallTime::max();  // not in it
  std::vector<UsageFilter> filters{};         // not by what only single requests have
  // Whose bill it is; the organisation's name where the ledger has one.
  std::string billing_account = "gatehouse";
};

// Usage as the columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification,
// https://focus.finops.org/focus-specification/v1-2/), as CSV with a heading: a line for each day, combination of who
// and what, and kind of token (input, cached input, output ...). docs/ledger.md says what each column holds.
// `write` gets it in pieces of some kilobytes. Errors: invalid_request; of the store. Blocks.
Result<> export_focus(store::Database& database, const FocusOptions& options,
                      base::FunctionRef<void(std::string_view csv)> write);

}  // namespace gatehouse::govern
