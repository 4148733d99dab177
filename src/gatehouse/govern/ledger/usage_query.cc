#include "gatehouse/govern/ledger/usage_query.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/govern/ledger/raw_rows.h"
#include "gatehouse/govern/ledger/tags.h"

namespace gatehouse::govern {
namespace {

// In no name of ours and no text that was checked; keys are put together with it for sorting and for cursors.
constexpr char kBetween = '\x1f';

bool is_time(Dimension dimension) {
  return dimension == Dimension::hour || dimension == Dimension::day || dimension == Dimension::month;
}
bool is_of_rows(Dimension dimension) { return dimension >= Dimension::status; }

Bucket bucket_of(Dimension dimension) {
  if (dimension == Dimension::hour) return Bucket::hour;
  return dimension == Dimension::day ? Bucket::day : Bucket::month;
}

// Columns of ledger_dimensions in the order of the enumerators org to provider.
constexpr std::string_view kSelectDimensions =
    "SELECT org, unit, team, project, user_id, key_id, key_name, end_user, tags, operation, model_asked, model_sent, "
    "provider FROM ledger_dimensions WHERE id = $1";

// What a roll-up or a row is grouped by, besides its combination of dimensions.
struct Record {
  std::int64_t start = 0;                   // seconds
  std::array<std::string_view, 5> texts{};  // status, error, finish, finish_reason, cache
};

bool matches(std::string_view value, std::string_view pattern) {
  if (pattern.ends_with('*')) return value.starts_with(pattern.substr(0, pattern.size() - 1));
  return value == pattern;
}

class Grouper {
 public:
  Grouper(const UsageQuery& query, store::Statement& names) : query_(query), names_(names) {}

  Result<> add(std::int64_t dimensions, const Record& record, const Sums& sums) {
    auto known = combinations_.find(dimensions);
    if (known == combinations_.end()) {
      auto read = read_combination(dimensions);
      if (!read) return std::unexpected(read.error());
      known = combinations_.emplace(dimensions, std::move(*read)).first;
    }
    const Combination& combination = known->second;
    if (!combination.admitted || !admits(record)) return {};
    key_.clear();
    for (std::size_t i = 0; i < query_.by.size(); ++i) {
      if (i != 0) key_ += kBetween;
      const Dimension dimension = query_.by[i].dimension;
      if (is_time(dimension)) {
        key_ += time_text(bucket_of(dimension), bucket_start(bucket_of(dimension), record.start));
      } else if (is_of_rows(dimension)) {
        key_ += text_of(record, dimension);
      } else {
        key_ += combination.keys[i];
      }
    }
    if (groups_.size() >= kMaxGroups && !groups_.contains(key_)) {
      return fail(Code::too_large, "the answer has too many groups; ask for a shorter time or fewer dimensions");
    }
    groups_[key_].add(sums);
    total_.add(sums);
    return {};
  }

  // Sorted, from the cursor on, as many as asked for.
  Result<UsageAnswer> answer() {
    UsageAnswer answer;
    answer.by = query_.by;
    answer.total = total_;
    std::vector<std::pair<std::string, Sums>> all(groups_.begin(), groups_.end());
    if (query_.order == UsageQuery::Order::cost) {
      std::ranges::sort(all, [](const auto& a, const auto& b) {
        if (a.second[Measure::cost] != b.second[Measure::cost]) {
          return a.second[Measure::cost] > b.second[Measure::cost];
        }
        return a.first < b.first;
      });
    } else {
      std::ranges::sort(all, {}, &std::pair<std::string, Sums>::first);
    }
    auto from = all.begin();
    if (!query_.cursor.empty()) {
      const auto after = crypto::from_base64url(query_.cursor);
      if (!after || static_cast<std::size_t>(std::ranges::count(*after, kBetween)) + 1 != query_.by.size()) {
        return fail(Code::invalid_request, "the cursor belongs to another query");
      }
      from = std::ranges::upper_bound(all, *after, {}, &std::pair<std::string, Sums>::first);
    }
    for (; from != all.end() && answer.groups.size() < query_.limit; ++from) {
      answer.groups.push_back({.keys = split(from->first), .sums = from->second});
    }
    if (from != all.end() && query_.order == UsageQuery::Order::key) {
      answer.cursor = crypto::to_base64url(std::prev(from)->first);
    }
    return answer;
  }

 private:
  struct Combination {
    bool admitted = false;
    std::vector<std::string> keys;  // as query.by; empty at times and what single rows have
  };

  static std::string_view text_of(const Record& record, Dimension dimension) {
    return record.texts[static_cast<std::size_t>(dimension) - static_cast<std::size_t>(Dimension::status)];
  }

  // Of the filters on one dimension one must hold.
  template <class Value>
  bool passes(bool of_rows, Value value_of) const {
    for (std::size_t i = 0; i < query_.filters.size(); ++i) {
      const GroupBy& by = query_.filters[i].by;
      if (is_of_rows(by.dimension) != of_rows) continue;
      bool one_holds = false;
      for (const UsageFilter& other : query_.filters) {
        if (other.by == by && matches(value_of(by), other.value)) one_holds = true;
      }
      if (!one_holds) return false;
    }
    return true;
  }
  bool admits(const Record& record) const {
    return passes(true, [&](const GroupBy& by) { return text_of(record, by.dimension); });
  }

  Result<Combination> read_combination(std::int64_t dimensions) {
    names_.reset();
    auto row = names_.bind_integer(1, dimensions).step();
    if (!row) return std::unexpected(row.error());
    const bool found = *row;
    const auto value_of = [&](const GroupBy& by) -> std::string_view {
      if (!found || is_time(by.dimension) || is_of_rows(by.dimension)) return {};
      if (by.dimension == Dimension::tag) return tag_value(names_.text(static_cast<int>(Dimension::tags)), by.tag);
      return names_.text(static_cast<int>(by.dimension));
    };
    Combination combination{.admitted = passes(false, value_of), .keys = {}};
    if (combination.admitted) {
      for (const GroupBy& by : query_.by) {
        std::string& key = combination.keys.emplace_back(value_of(by));
        std::erase(key, kBetween);
      }
    }
    names_.reset();
    return combination;
  }

  std::vector<std::string> split(std::string_view joined) const {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < query_.by.size(); ++i) {
      const std::size_t end = joined.find(kBetween);
      keys.emplace_back(joined.substr(0, end));
      joined.remove_prefix(end == std::string_view::npos ? joined.size() : end + 1);
    }
    return keys;
  }

  const UsageQuery& query_;
  store::Statement& names_;
  std::unordered_map<std::int64_t, Combination> combinations_;
  std::unordered_map<std::string, Sums> groups_;
  Sums total_;
  std::string key_;
};

Result<> check(const UsageQuery& query) {
  if (query.by.size() > kMaxGroupBy) return fail(Code::invalid_request, "too many dimensions to group by");
  if (query.filters.size() > kMaxFilters) return fail(Code::invalid_request, "too many filters");
  if (query.limit == 0 || query.limit > kMaxGroups) return fail(Code::invalid_request, "the limit is out of range");
  if (query.to < query.from) return fail(Code::invalid_request, "the time ends before it begins");
  for (const UsageFilter& filter : query.filters) {
    if (is_time(filter.by.dimension)) return fail(Code::invalid_request, "times are not filtered by");
  }
  return {};
}

// The coarsest roll-ups that answer it; nothing: raw rows.
std::optional<Bucket> source_of(const UsageQuery& query) {
  for (const UsageFilter& filter : query.filters) {
    if (is_of_rows(filter.by.dimension)) return std::nullopt;
  }
  Bucket finest = Bucket::month;
  for (const GroupBy& by : query.by) {
    if (is_of_rows(by.dimension)) return std::nullopt;
    if (is_time(by.dimension)) finest = std::min(finest, bucket_of(by.dimension));
  }
  const auto begins_one = [](Bucket bucket, base::WallTime time) {
    return time == base::WallTime::max() ||
           time == base::WallTime(std::chrono::seconds(bucket_start(bucket, seconds_of(time))));
  };
  for (const Bucket bucket : {Bucket::month, Bucket::day, Bucket::hour}) {
    if (bucket <= finest && begins_one(bucket, query.from) && begins_one(bucket, query.to)) return bucket;
  }
  return std::nullopt;
}

Result<> read_rollups(store::Database& database, const UsageQuery& query, Bucket bucket, Grouper& grouper) {
  auto select = database.prepare(
      fmt::format("SELECT dimensions, start, {} FROM ledger_rollups WHERE bucket = $1 AND start >= $2 AND start < $3",
                  measure_columns()));
  if (!select) return std::unexpected(select.error());
  store::Statement& rows = **select;
  rows.bind_integer(1, static_cast<std::int64_t>(bucket)).bind_integer(2, seconds_of(query.from));
  rows.bind_integer(
      3, query.to == base::WallTime::max() ? std::numeric_limits<std::int64_t>::max() : seconds_of(query.to));
  Sums sums;
  while (true) {
    auto row = rows.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    for (std::size_t i = 0; i < kMeasureCount; ++i) sums.values[i] = rows.integer(static_cast<int>(i) + 2);
    if (auto done = grouper.add(rows.integer(0), {.start = rows.integer(1)}, sums); !done) return done;
  }
}

Result<> read_rows(store::Database& database, const UsageQuery& query, Grouper& grouper) {
  const std::int64_t to =
      query.to == base::WallTime::max() ? std::numeric_limits<std::int64_t>::max() : micros_of(query.to);
  return each_raw_row(database, micros_of(query.from), to,
                      [&](std::int64_t dimensions, const UsageRow& row) -> Result<> {
                        const fmt::format_int status(row.status);
                        const Record record{.start = seconds_of(row.time),
                                            .texts = {std::string_view(status.data(), status.size()), row.error,
                                                      row.finish, row.finish_reason, row.cache}};
                        return grouper.add(dimensions, record, sums_of(row));
                      });
}

}  // namespace

Result<UsageAnswer> query_usage(store::Database& database, const UsageQuery& query) {
  if (auto checked = check(query); !checked) return std::unexpected(checked.error());
  auto transaction = store::Transaction::begin(database, false);
  if (!transaction) return std::unexpected(transaction.error());
  auto names = database.prepare(kSelectDimensions);
  if (!names) return std::unexpected(names.error());
  Grouper grouper(query, **names);
  const auto bucket = source_of(query);
  if (bucket) {
    if (auto done = read_rollups(database, query, *bucket, grouper); !done) return std::unexpected(done.error());
    return grouper.answer();
  }
  if (auto done = read_rows(database, query, grouper); !done) return std::unexpected(done.error());
  auto answer = grouper.answer();
  if (!answer) return answer;
  auto state = database.prepare("SELECT value FROM ledger_state WHERE name = 'raw_since'");
  if (!state) return std::unexpected(state.error());
  auto cut = (*state)->step();
  if (!cut) return std::unexpected(cut.error());
  if (*cut && (*state)->integer(0) > micros_of(query.from)) {
    answer->incomplete_before = base::WallTime(std::chrono::microseconds((*state)->integer(0)));
  }
  return answer;
}

Result<Showback> showback(store::Database& database, std::chrono::year_month month, const GroupBy& by,
                          const std::vector<UsageFilter>& filters) {
  if (!month.ok()) return fail(Code::invalid_request, "no such month");
  UsageQuery query;
  query.from = std::chrono::sys_days(month / 1);
  query.to = std::chrono::sys_days((month + std::chrono::months(1)) / 1);
  query.by = {by};
  query.filters = filters;
  query.limit = kMaxGroups;
  query.order = UsageQuery::Order::cost;
  auto answer = query_usage(database, query);
  if (!answer) return std::unexpected(answer.error());
  Showback report{.month = month, .by = by, .lines = {}, .total = answer->total};
  const Measure whole = answer->total[Measure::cost] > 0 ? Measure::cost : Measure::requests;
  const auto total = static_cast<double>(answer->total[whole]);
  for (UsageGroup& group : answer->groups) {
    report.lines.push_back({.id = std::move(group.keys.front()),
                            .sums = group.sums,
                            .share = total > 0 ? static_cast<double>(group.sums[whole]) / total : 0});
  }
  return report;
}

}  // namespace gatehouse::govern
