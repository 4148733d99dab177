#include "gatehouse/govern/ledger/schema.h"

#include <array>
#include <limits>

namespace gatehouse::govern {
namespace {

// Released: never changed. New columns come with a new number.
constexpr std::array<store::Migration, 2> kMigrations = {{
    {1, "dimensions, rows and roll-ups", R"sql(
CREATE TABLE ledger_dimensions (
  id INTEGER PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  org TEXT NOT NULL, unit TEXT NOT NULL, team TEXT NOT NULL, project TEXT NOT NULL, user_id TEXT NOT NULL,
  key_id TEXT NOT NULL, key_name TEXT NOT NULL, end_user TEXT NOT NULL, tags TEXT NOT NULL,
  operation TEXT NOT NULL, model_asked TEXT NOT NULL, model_sent TEXT NOT NULL, provider TEXT NOT NULL
);
CREATE TABLE ledger_rows (
  time_us BIGINT NOT NULL,
  request_id TEXT NOT NULL,
  dimensions BIGINT NOT NULL,
  usage_known BIGINT NOT NULL, price_known BIGINT NOT NULL, streamed BIGINT NOT NULL,
  status BIGINT NOT NULL, error TEXT NOT NULL, finish_reason TEXT NOT NULL, finish TEXT NOT NULL, cache TEXT NOT NULL,
  attempts BIGINT NOT NULL, queued_us BIGINT NOT NULL, time_to_first_byte_us BIGINT NOT NULL,
  duration_us BIGINT NOT NULL,
  prompt_tokens BIGINT NOT NULL, completion_tokens BIGINT NOT NULL, total_tokens BIGINT NOT NULL,
  cached_tokens BIGINT NOT NULL, cache_write_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL,
  prompt_audio_tokens BIGINT NOT NULL, completion_audio_tokens BIGINT NOT NULL,
  cost_input BIGINT NOT NULL, cost_cached BIGINT NOT NULL, cost_cache_write BIGINT NOT NULL,
  cost_output BIGINT NOT NULL, cost_reasoning BIGINT NOT NULL, cost_audio BIGINT NOT NULL,
  cost_request BIGINT NOT NULL,
  PRIMARY KEY (time_us, request_id)
) WITHOUT ROWID;
CREATE TABLE ledger_rollups (
  bucket BIGINT NOT NULL, start BIGINT NOT NULL, dimensions BIGINT NOT NULL,
  requests BIGINT NOT NULL, errors BIGINT NOT NULL, estimated BIGINT NOT NULL, unpriced BIGINT NOT NULL,
  cache_hits BIGINT NOT NULL, attempts BIGINT NOT NULL, duration_us BIGINT NOT NULL,
  prompt_tokens BIGINT NOT NULL, completion_tokens BIGINT NOT NULL,
  cached_tokens BIGINT NOT NULL, cache_write_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL,
  prompt_audio_tokens BIGINT NOT NULL, completion_audio_tokens BIGINT NOT NULL,
  cost_input BIGINT NOT NULL, cost_cached BIGINT NOT NULL, cost_cache_write BIGINT NOT NULL,
  cost_output BIGINT NOT NULL, cost_reasoning BIGINT NOT NULL, cost_audio BIGINT NOT NULL,
  cost_request BIGINT NOT NULL, cost BIGINT NOT NULL,
  PRIMARY KEY (bucket, start, dimensions)
) WITHOUT ROWID;
CREATE TABLE ledger_lanes (lane BIGINT PRIMARY KEY, applied BIGINT NOT NULL, closed BIGINT NOT NULL);
CREATE TABLE ledger_state (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
)sql"},
    // Rows that are there stay where they are: readers look into both.
    {2, "rows packed by commit", R"sql(
CREATE TABLE ledger_batches (
  minute BIGINT NOT NULL, number BIGINT NOT NULL,
  first_us BIGINT NOT NULL, last_us BIGINT NOT NULL, row_count BIGINT NOT NULL,
  packed BYTEA NOT NULL,
  PRIMARY KEY (minute, number)
);
)sql"},
}};

constexpr std::array<std::string_view, kMeasureCount> kMeasureNames = {"requests",
                                                                       "errors",
                                                                       "estimated",
                                                                       "unpriced",
                                                                       "cache_hits",
                                                                       "attempts",
                                                                       "duration_us",
                                                                       "prompt_tokens",
                                                                       "completion_tokens",
                                                                       "cached_tokens",
                                                                       "cache_write_tokens",
                                                                       "reasoning_tokens",
                                                                       "prompt_audio_tokens",
                                                                       "completion_audio_tokens",
                                                                       "cost_input",
                                                                       "cost_cached",
                                                                       "cost_cache_write",
                                                                       "cost_output",
                                                                       "cost_reasoning",
                                                                       "cost_audio",
                                                                       "cost_request",
                                                                       "cost"};

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;

std::chrono::year_month month_of(std::int64_t seconds) {
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds))));
  return day.year() / day.month();
}

std::int64_t start_of(std::chrono::year_month month) {
  return std::chrono::sys_seconds(std::chrono::sys_days(month / 1)).time_since_epoch().count();
}

std::int64_t floor_to(std::int64_t seconds, std::int64_t unit) {
  const std::int64_t rest = seconds % unit;
  return seconds - (rest < 0 ? rest + unit : rest);
}

}  // namespace

store::Component ledger_component() { return {.name = "ledger", .migrations = kMigrations}; }

std::int64_t bucket_start(Bucket bucket, std::int64_t seconds) {
  switch (bucket) {
    case Bucket::hour:
      return floor_to(seconds, kHour);
    case Bucket::day:
      return floor_to(seconds, kDay);
    case Bucket::month:
      break;
  }
  return start_of(month_of(seconds));
}

std::int64_t bucket_end(Bucket bucket, std::int64_t seconds) {
  switch (bucket) {
    case Bucket::hour:
      return floor_to(seconds, kHour) + kHour;
    case Bucket::day:
      return floor_to(seconds, kDay) + kDay;
    case Bucket::month:
      break;
  }
  return start_of(month_of(seconds) + std::chrono::months(1));
}

std::string_view name(Measure measure) { return kMeasureNames[static_cast<std::size_t>(measure)]; }

void Sums::add(const Sums& other, bool negative) {
  for (std::size_t i = 0; i < kMeasureCount; ++i) {
    std::int64_t result = 0;
    const bool overflow = negative ? __builtin_sub_overflow(values[i], other.values[i], &result)
                                   : __builtin_add_overflow(values[i], other.values[i], &result);
    if (overflow) {
      result = values[i] < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
    }
    values[i] = result;
  }
}

Sums sums_of(const UsageRow& row) {
  const auto count = [](std::uint64_t tokens) { return static_cast<std::int64_t>(tokens); };
  Sums sums;
  sums[Measure::requests] = 1;
  sums[Measure::errors] = row.status >= 400 || !row.error.empty() ? 1 : 0;
  sums[Measure::estimated] = row.usage.known ? 0 : 1;
  sums[Measure::unpriced] = row.price_known ? 0 : 1;
  sums[Measure::cache_hits] = row.cache.starts_with("hit") ? 1 : 0;
  sums[Measure::attempts] = row.attempts;
  sums[Measure::duration_us] = row.duration_us;
  sums[Measure::prompt_tokens] = count(row.usage.prompt_tokens);
  sums[Measure::completion_tokens] = count(row.usage.completion_tokens);
  sums[Measure::cached_tokens] = count(row.usage.cached_tokens);
  sums[Measure::cache_write_tokens] = count(row.usage.cache_write_tokens);
  sums[Measure::reasoning_tokens] = count(row.usage.reasoning_tokens);
  sums[Measure::prompt_audio_tokens] = count(row.usage.prompt_audio_tokens);
  sums[Measure::completion_audio_tokens] = count(row.usage.completion_audio_tokens);
  sums[Measure::cost_input] = row.cost.input.nanos();
  sums[Measure::cost_cached] = row.cost.cached.nanos();
  sums[Measure::cost_cache_write] = row.cost.cache_write.nanos();
  sums[Measure::cost_output] = row.cost.output.nanos();
  sums[Measure::cost_reasoning] = row.cost.reasoning.nanos();
  sums[Measure::cost_audio] = row.cost.audio.nanos();
  sums[Measure::cost_request] = row.cost.request.nanos();
  sums[Measure::cost] = row.cost.total().nanos();
  return sums;
}

std::string measure_columns(std::string_view before, std::string_view after) {
  std::string columns;
  for (const std::string_view measure : kMeasureNames) {
    if (!columns.empty()) columns += ", ";
    columns.append(before).append(measure).append(after);
  }
  return columns;
}

}  // namespace gatehouse::govern
