#include "gatehouse/govern/ledger/totals.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "gatehouse/govern/ledger/raw_rows.h"
#include "gatehouse/govern/ledger/tags.h"

namespace gatehouse::govern {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

std::string_view column_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::org:
      return "org";
    case NodeKind::unit:
      return "unit";
    case NodeKind::team:
      return "team";
    case NodeKind::project:
      return "project";
    case NodeKind::user:
      return "user_id";
    case NodeKind::key:
      return "key_id";
    case NodeKind::end_user:
      return "end_user";
    case NodeKind::tag:
      return "tags";
    case NodeKind::provider:
      return "provider";
  }
  return "org";
}

void add(NodeTotals& to, const NodeTotals& other, bool negative) {
  const std::int64_t sign = negative ? -1 : 1;
  to.requests += sign * other.requests;
  to.prompt_tokens += sign * other.prompt_tokens;
  to.completion_tokens += sign * other.completion_tokens;
  to.cost += other.cost * sign;
}

using ByDimensions = std::unordered_map<std::int64_t, NodeTotals>;

// Rows of: dimensions, requests, prompt tokens, completion tokens, cost.
Result<> collect(store::Statement& rows, bool negative, ByDimensions& into) {
  while (true) {
    auto row = rows.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    add(into[rows.integer(0)],
        {.requests = rows.integer(1),
         .prompt_tokens = rows.integer(2),
         .completion_tokens = rows.integer(3),
         .cost = base::Money::nanos(rows.integer(4))},
        negative);
  }
}

// From which full hour on roll-ups count, after the raw rows of the hour before were taken.
Result<std::int64_t> take_partial_hour(store::Database& database, base::WallTime since, ByDimensions& into) {
  const std::int64_t second = seconds_of(since);
  const std::int64_t hour = bucket_start(Bucket::hour, second);
  if (since <= base::WallTime(std::chrono::seconds(hour))) return hour;
  auto state = database.prepare("SELECT value FROM ledger_state WHERE name = 'raw_since'");
  if (!state) return std::unexpected(state.error());
  auto cut = (*state)->step();
  if (!cut) return std::unexpected(cut.error());
  if (*cut && (*state)->integer(0) > micros_of(since)) return hour;
  const std::int64_t next = bucket_end(Bucket::hour, second);
  auto done = each_raw_row(database, micros_of(since), next * 1'000'000,
                           [&](std::int64_t dimensions, const UsageRow& row) -> Result<> {
                             const Sums sums = sums_of(row);
                             add(into[dimensions],
                                 {.requests = 1,
                                  .prompt_tokens = sums[Measure::prompt_tokens],
                                  .completion_tokens = sums[Measure::completion_tokens],
                                  .cost = sums.money(Measure::cost)},
                                 false);
                             return {};
                           });
  if (!done) return std::unexpected(done.error());
  return next;
}

// Adds what makes up [since, the next full bucket of the larger kind) and gives that bucket's start: either the smaller
// ones after `since`, or the larger one it lies in without the smaller ones before.
std::int64_t step_up(Bucket small, Bucket large, std::int64_t since, std::vector<Stretch>& stretches) {
  const std::int64_t begin = bucket_start(large, since);
  if (begin == since) return since;
  const std::int64_t end = bucket_end(large, since);
  if (since - begin < end - since) {
    stretches.push_back({.bucket = small, .from = begin, .to = since, .negative = true});
    return begin;
  }
  stretches.push_back({.bucket = small, .from = since, .to = end});
  return end;
}

}  // namespace

std::vector<Stretch> stretches_since(std::int64_t since) {
  std::vector<Stretch> stretches;
  const std::int64_t day = step_up(Bucket::hour, Bucket::day, since, stretches);
  const std::int64_t month = step_up(Bucket::day, Bucket::month, day, stretches);
  stretches.push_back({.bucket = Bucket::month, .from = month, .to = kForever});
  return stretches;
}

Result<> node_totals(store::Database& database, NodeKind kind, base::WallTime since,
                     base::FunctionRef<bool(std::string_view model)> counts,
                     base::FunctionRef<void(std::string_view id, const NodeTotals& totals)> visit) {
  // One view of the store over all of the statements.
  auto transaction = store::Transaction::begin(database, false);
  if (!transaction) return std::unexpected(transaction.error());
  ByDimensions by_dimensions;
  const auto hour = take_partial_hour(database, since, by_dimensions);
  if (!hour) return std::unexpected(hour.error());
  auto select = database.prepare(
      "SELECT dimensions, requests, prompt_tokens, completion_tokens, cost FROM ledger_rollups "
      "WHERE bucket = $1 AND start >= $2 AND start < $3");
  if (!select) return std::unexpected(select.error());
  for (const Stretch& stretch : stretches_since(*hour)) {
    (*select)->bind_integer(1, static_cast<std::int64_t>(stretch.bucket));
    (*select)->bind_integer(2, stretch.from).bind_integer(3, stretch.to);
    if (auto done = collect(**select, stretch.negative, by_dimensions); !done) return done;
    (*select)->reset();
  }

  const std::string_view column = column_of(kind);
  auto names =
      database.prepare(fmt::format("SELECT id, {}, model_asked FROM ledger_dimensions WHERE {} <> ''", column, column));
  if (!names) return std::unexpected(names.error());
  std::unordered_map<std::string, NodeTotals> by_id;
  std::string id;
  while (true) {
    auto row = (*names)->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    const auto found = by_dimensions.find((*names)->integer(0));
    if (found == by_dimensions.end() || found->second.requests == 0 || !counts((*names)->text(2))) continue;
    const auto count = [&](std::string_view node) {
      id.assign(node);
      add(by_id[id], found->second, false);
    };
    if (kind == NodeKind::tag) {
      each_tag((*names)->text(1), count);
    } else {
      count((*names)->text(1));
    }
  }
  for (const auto& [node, totals] : by_id) visit(node, totals);
  return {};
}

}  // namespace gatehouse::govern
