#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/ledger/schema.h"
#include "gatehouse/store/database.h"

namespace gatehouse::govern {

// By what usage is grouped and filtered. The names are part of the command line and the API.
enum class Dimension : std::uint8_t {
  org,
  unit,
  team,
  project,
  user,
  key,
  key_name,
  end_user,
  tags,  // all of a request's tags as one text
  operation,
  model_asked,
  model,  // as the provider was asked
  provider,
  tag,  // the value of one tag: "tag:feature"
  hour,
  day,
  month,
  // Known of single requests only: from raw rows, as far as retention keeps them.
  status,
  error,
  finish,
  finish_reason,
  cache,
};

struct GroupBy {
  Dimension dimension = Dimension::team;
  std::string tag;  // of Dimension::tag
  bool operator==(const GroupBy&) const = default;
};
std::string name(const GroupBy& by);  // "team", "tag:feature"
// invalid_request with the names that there are.
Result<GroupBy> group_by_from_name(std::string_view name);

// Of several on one dimension one must hold, of each dimension one. "gpt-*": what begins so.
struct UsageFilter {
  GroupBy by;
  std::string value;
};
// "team=support", "tag:feature=search". Hours, days and months cannot be filtered by: that is what from and to are for.
Result<UsageFilter> filter_from_text(std::string_view text);

struct UsageQuery {
  base::WallTime from{};                                             // requests that began then or later
  base::WallTime to = base::WallTime::max();                         // and before then
  std::vector<GroupBy> by{};                                         // at most kMaxGroupBy; none: one line for all
  std::vector<UsageFilter> filters{};                                // at most kMaxFilters
  std::size_t limit = 10'000;                                        // groups; 1 to kMaxGroups
  std::string cursor{};                                              // of the page before; empty: the first
  enum class Order : std::uint8_t { key, cost } order = Order::key;  // cost: the dearest first, without pages
};
inline constexpr std::size_t kMaxGroupBy = 16;
inline constexpr std::size_t kMaxFilters = 64;
inline constexpr std::size_t kMaxGroups = 1'000'000;

struct UsageGroup {
  std::vector<std::string> keys;  // as `by`; times as "2026-11-21T10:00:00Z", "2026-11-21", "2026-11"
  Sums sums;
};

struct UsageAnswer {
  std::vector<GroupBy> by;
  std::vector<UsageGroup> groups;
  Sums total;          // of all groups, also of those on other pages
  std::string cursor;  // of the next page; empty: that was all
  // Raw rows were needed and those of before are gone: the answer lacks them.
  std::optional<base::WallTime> incomplete_before;
};

// Errors: invalid_request for what is out of bounds or a cursor of another query; too_large when there are more than
// kMaxGroups groups; of the store. Reads from roll-ups where from, to and the groups fall on full hours, days or
// months, else from raw rows. Blocks; any connection.
Result<UsageAnswer> query_usage(store::Database& database, const UsageQuery& query);

// A month's bill by one dimension, the dearest first, with each one's share.
struct ShowbackLine {
  std::string id;  // empty: what belongs to none
  Sums sums;
  double share = 0;  // of the total cost, 0 to 1; of the requests where nothing cost anything
};
struct Showback {
  std::chrono::year_month month;
  GroupBy by;
  std::vector<ShowbackLine> lines;
  Sums total;
};
Result<Showback> showback(store::Database& database, std::chrono::year_month month, const GroupBy& by,
                          const std::vector<UsageFilter>& filters = {});

// "2026-11-21T10:00:00Z", "2026-11-21", "2026-11".
std::string time_text(Bucket bucket, std::int64_t seconds);
// The same texts read: their first moment, UTC.
std::optional<base::WallTime> time_from_text(std::string_view text);
std::optional<std::chrono::year_month> month_from_text(std::string_view text);

}  // namespace gatehouse::govern
