#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/govern/ledger/usage_query.h"
#include "gatehouse/govern/usage_row.h"
#include "gatehouse/store/database.h"

namespace gatehouse::govern {

struct RowQuery {
  base::WallTime from{};
  base::WallTime to = base::WallTime::max();  // not in it
  std::vector<UsageFilter> filters{};         // at most kMaxFilters; also by what only single requests have
  std::size_t limit = 100;                    // 1 to kMaxRows
  std::string cursor{};                       // of the page before
};
inline constexpr std::size_t kMaxRows = 10'000;

// Single requests, the newest first, as far as retention keeps them. The row's texts hold during the visit only. The
// cursor of the next page, empty: that was all. A page can be short of its limit and have a cursor all the same: so
// many rows were looked at that one call should not take longer. Errors: invalid_request; of the store. Blocks.
Result<std::string> list_rows(store::Database& database, const RowQuery& query,
                              base::FunctionRef<void(const UsageRow& row)> visit);

// One line of JSON with its line feed; what is empty is left out. Costs in US dollars.
void append_json_line(std::string& out, const UsageRow& row);

}  // namespace gatehouse::govern
