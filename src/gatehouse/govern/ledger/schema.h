#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/govern/usage_row.h"
#include "gatehouse/store/migrations.h"

// The tables of the ledger and what their columns mean.
//   ledger_dimensions  each combination of who, what and where that was ever seen, once; everything else names it by id
//   ledger_batches     the raw rows, that retention may delete: those of one commit that began in the same minute,
//   packed
//                      into one blob (packed_rows.h)
//   ledger_rows        raw rows one by one, as versions before the batches wrote them; only read and deleted
//   ledger_rollups     sums by hour, day and month (UTC) of the time at which requests began, for each combination
//   ledger_lanes       how far each lane of the journal is applied
//   ledger_state       single values: `raw_since`, before which raw rows are gone
namespace gatehouse::govern {

// For store::migrate.
store::Component ledger_component();

// Granularity of a roll-up, as stored.
enum class Bucket : std::uint8_t { hour = 0, day = 1, month = 2 };

// The start, in seconds since 1970, of the bucket that holds a second; and of the one after.
std::int64_t bucket_start(Bucket bucket, std::int64_t seconds);
std::int64_t bucket_end(Bucket bucket, std::int64_t seconds);

// What is summed. The order is that of the columns.
enum class Measure : std::uint8_t {
  requests,
  errors,      // answered with 400 or above, or ended with an error
  estimated,   // requests whose tokens are the gateway's count, not the provider's
  unpriced,    // requests charged at the configured price for unknown models
  cache_hits,  // answered from a cache of the gateway
  attempts,
  duration_us,
  prompt_tokens,
  completion_tokens,
  cached_tokens,
  cache_write_tokens,
  reasoning_tokens,
  prompt_audio_tokens,
  completion_audio_tokens,
  cost_input,  // nanodollars, as all costs
  cost_cached,
  cost_cache_write,
  cost_output,
  cost_reasoning,
  cost_audio,
  cost_request,
  cost,  // the sum of the seven
};
inline constexpr std::size_t kMeasureCount = static_cast<std::size_t>(Measure::cost) + 1;
// Column names: "requests", "cost_input" ...
std::string_view name(Measure measure);

struct Sums {
  std::array<std::int64_t, kMeasureCount> values{};

  std::int64_t operator[](Measure measure) const { return values[static_cast<std::size_t>(measure)]; }
  std::int64_t& operator[](Measure measure) { return values[static_cast<std::size_t>(measure)]; }
  // Saturating.
  void add(const Sums& other, bool negative = false);
  base::Money money(Measure measure) const { return base::Money::nanos((*this)[measure]); }
  std::int64_t total_tokens() const { return (*this)[Measure::prompt_tokens] + (*this)[Measure::completion_tokens]; }
  bool operator==(const Sums&) const = default;
};

// What one row adds.
Sums sums_of(const UsageRow& row);

// "requests, errors, ..." with a prefix before each ("sum(" and ")" around, "r." ...); for statements made at start.
std::string measure_columns(std::string_view before = {}, std::string_view after = {});

inline std::int64_t seconds_of(base::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}
inline std::int64_t micros_of(base::WallTime time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}
// The minute since 1970 that a time in microseconds lies in, as ledger_batches names it.
inline std::int64_t minute_of(std::int64_t time_us) {
  constexpr std::int64_t kMinute = 60'000'000;
  return time_us / kMinute - (time_us % kMinute < 0 ? 1 : 0);
}

}  // namespace gatehouse::govern
