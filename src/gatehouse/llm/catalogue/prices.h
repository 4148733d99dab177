#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/money.h"
#include "gatehouse/llm/cost.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::llm {

// A price in picodollars (1e-12 USD) per thousand units. One unit for all kinds: a dollar per million tokens is
// 1'000'000'000, a dollar per thousand searches 1'000'000'000'000. Whole numbers, so that what is computed from it is
// exact. Never negative.
using Rate = std::int64_t;
inline constexpr Rate kMaxRate = 1'000'000'000'000'000'000;  // a billion dollars per million tokens

// From a decimal number of dollars per million (tokens) or per thousand (searches, pages ...): "2.5", "0.003625". Nine
// places after the point per million are exact; more are rounded up. Nothing for what is no such number or above
// kMaxRate.
std::optional<Rate> rate_per_million(std::string_view usd);
std::optional<Rate> rate_per_thousand(std::string_view usd);
double usd_per_million(Rate rate);

enum class PriceKind : std::uint8_t {
  input,
  cached,
  cache_write,     // for five minutes, or for as long as the provider keeps it
  cache_write_1h,  // for an hour
  input_audio,
  cached_audio,
  input_image,
  cached_image,
  input_video,
  output,
  reasoning,
  output_audio,
  output_image,
  output_video,
  citation,
  // By the piece.
  request,
  web_search,
  file_search,
  page,
  audio_second,
  image,
};
inline constexpr std::size_t kPriceKindCount = static_cast<std::size_t>(PriceKind::image) + 1;
std::string_view name(PriceKind kind);
std::optional<PriceKind> price_kind(std::string_view name);

// What the caller asked of the provider in exchange for time: `batch` and `flex` cost less, `priority` more.
enum class ServiceTier : std::uint8_t { standard, batch, flex, priority };
inline constexpr std::size_t kServiceTierCount = static_cast<std::size_t>(ServiceTier::priority) + 1;
std::string_view name(ServiceTier tier);
// By OpenAI's `service_tier` and the catalogue's names; what is unknown ("auto", "default" ...) is standard.
ServiceTier tier_from_name(std::string_view name);

struct PriceLine {
  Rate rate = 0;
  // The line holds for calls whose prompt has more tokens than this. All tokens of such a call, completion included,
  // cost what the highest line that holds says: prices by context size are steps for the whole call, not brackets.
  std::uint32_t above_prompt_tokens = 0;
  PriceKind kind = PriceKind::input;
  ServiceTier tier = ServiceTier::standard;

  bool operator==(const PriceLine&) const = default;
};

// Lines that hold from a date on, or at a time of the day.
struct PricePeriod {
  std::int64_t starts = INT64_MIN;  // Unix seconds
  std::int32_t day_from = 0;        // seconds into the UTC day, until before day_to; equal: all day; may pass midnight
  std::int32_t day_to = 0;
  std::span<const PriceLine> lines;
};

// What a model costs: periods, of which the last one that holds counts. A view: whoever made it (Catalogue, PriceBook)
// keeps the lines. Empty: no price is known.
struct Prices {
  std::span<const PricePeriod> periods;

  bool known() const { return !periods.empty(); }
};

// The lines that hold at a time; empty if none does.
std::span<const PriceLine> lines_at(const Prices& prices, base::WallTime time);

// What a call cost. A kind without a price of its own costs what it is a part of: cached and cache-written tokens,
// audio and images as input; reasoning, audio and citations as output; an hour's cache as the five minutes' one. A tier
// without a price costs what standard does. `time` is when the call began. Integer arithmetic throughout; each part of
// the result is rounded once, to the nearest nanodollar, and saturates. Parts of `usage` that exceed their whole are
// cut down. Pure, any thread, no allocation.
Cost price_of(const Prices& prices, const Usage& usage, base::WallTime time, ServiceTier tier = ServiceTier::standard);

// What a call may hold that costs more than text.
struct Expected {
  ServiceTier tier = ServiceTier::standard;
  bool writes_cache = false;     // the request marks parts for the cache, or the provider does so by itself
  bool writes_cache_1h = false;  // ... for an hour
  bool audio = false;
  bool images = false;
};

// The most that a call can cost, for holding the money before it is sent.
struct WorstCase {
  base::Money prompt;       // all of the prompt at the dearest rate it may meet, and what a request costs by itself
  Rate per_completion = 0;  // picodollars per thousand tokens of the completion, at the dearest
  base::Money total;        // with `completion_tokens` of completion, rounded up

  // The same for another number of completion tokens, rounded up: for a stream that outgrows its reservation.
  base::Money with_completion(std::uint64_t tokens) const;
};

// Nothing is taken as cached; of the steps by prompt size that `prompt_tokens` reaches, the dearest counts. Searches
// and other things by the piece are not in it: nobody knows their number before. Never below price_of of a usage within
// these counts and expectations, but for rounding of single parts (below ten nanodollars).
WorstCase worst_case(const Prices& prices, std::uint64_t prompt_tokens, std::uint64_t completion_tokens,
                     base::WallTime time, const Expected& expected = {});

}  // namespace gatehouse::llm
