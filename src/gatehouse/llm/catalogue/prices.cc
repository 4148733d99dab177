#include "gatehouse/llm/catalogue/prices.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace gatehouse::llm {
namespace {

__extension__ typedef __int128 Wide;  // NOLINT(modernize-use-using): `using` would not take the __extension__
using Amounts = std::array<Rate, kPriceKindCount>;
constexpr Rate kNone = -1;
// Picodollars per thousand, times units, is quadrillionths of a dollar; a million of them make a nanodollar.
constexpr Wide kPerNano = 1'000'000;

constexpr std::array<std::string_view, kPriceKindCount> kKindNames = {
    "input",        "cached",      "cache_write", "cache_write_1h", "input_audio",  "cached_audio", "input_image",
    "cached_image", "input_video", "output",      "reasoning",      "output_audio", "output_image", "output_video",
    "citation",     "request",     "web_search",  "file_search",    "page",         "audio_second", "image"};
constexpr std::array<std::string_view, kServiceTierCount> kTierNames = {"standard", "batch", "flex", "priority"};

constexpr std::size_t index(PriceKind kind) { return static_cast<std::size_t>(kind); }

// A decimal with `places` digits kept after the point, the rest rounded up.
std::optional<Rate> scaled(std::string_view text, int places) {
  Wide value = 0;
  int kept = -1;  // digits after the point so far; -1: no point yet
  bool any = false;
  bool more = false;
  for (const char c : text) {
    if (c == '.') {
      if (kept >= 0) return std::nullopt;
      kept = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    if (kept == places) {
      more = more || c != '0';
      continue;
    }
    value = value * 10 + (c - '0');
    if (kept >= 0) ++kept;
    if (value > kMaxRate) return std::nullopt;
  }
  if (!any) return std::nullopt;
  for (int i = std::max(kept, 0); i < places; ++i) {
    value *= 10;
    if (value > kMaxRate) return std::nullopt;
  }
  if (more) ++value;
  if (value > kMaxRate) return std::nullopt;
  return static_cast<Rate>(value);
}

base::Money to_money(Wide nanos) {
  if (nanos > base::Money::max().nanos()) return base::Money::max();
  return base::Money::nanos(static_cast<std::int64_t>(nanos));
}
base::Money nearest(Wide amount) { return to_money((amount + kPerNano / 2) / kPerNano); }
base::Money upwards(Wide amount) { return to_money((amount + kPerNano - 1) / kPerNano); }

// The rate of each kind for a call of that size, without what one kind takes from another. A tier's own lines go before
// the standard ones, a higher step before a lower.
Amounts own_rates(std::span<const PriceLine> lines, ServiceTier tier, std::uint64_t prompt_tokens) {
  Amounts rates;
  rates.fill(kNone);
  std::array<std::uint32_t, kPriceKindCount> step{};
  std::array<bool, kPriceKindCount> of_tier{};
  for (const PriceLine& line : lines) {
    const bool special = line.tier == tier && tier != ServiceTier::standard;
    if (!special && line.tier != ServiceTier::standard) continue;
    if (line.above_prompt_tokens != 0 && prompt_tokens <= line.above_prompt_tokens) continue;
    const std::size_t kind = index(line.kind);
    if (rates[kind] != kNone) {
      if (of_tier[kind] && !special) continue;
      if (of_tier[kind] == special && line.above_prompt_tokens < step[kind]) continue;
    }
    rates[kind] = line.rate;
    step[kind] = line.above_prompt_tokens;
    of_tier[kind] = special;
  }
  return rates;
}

void inherit(Amounts& rates, PriceKind kind, PriceKind from) {
  if (rates[index(kind)] == kNone) rates[index(kind)] = rates[index(from)];
}

// What has no price of its own costs what it is a part of; what has nothing to be a part of costs nothing.
Amounts all_rates(const Amounts& own) {
  Amounts rates = own;
  using enum PriceKind;
  inherit(rates, cached, input);
  inherit(rates, cache_write, input);
  inherit(rates, cache_write_1h, cache_write);
  inherit(rates, cached_audio, own[index(cached)] != kNone ? cached : input_audio);
  inherit(rates, cached_image, own[index(cached)] != kNone ? cached : input_image);
  inherit(rates, input_audio, input);
  inherit(rates, input_image, input);
  inherit(rates, input_video, input);
  inherit(rates, cached_audio, input);
  inherit(rates, cached_image, input);
  for (const PriceKind kind : {reasoning, output_audio, output_image, output_video, citation}) {
    inherit(rates, kind, output);
  }
  for (Rate& rate : rates) rate = std::max<Rate>(rate, 0);
  return rates;
}

// Takes up to `part` from what is left of a whole.
std::uint64_t take(std::uint64_t& left, std::uint64_t part) {
  part = std::min(left, part);
  left -= part;
  return part;
}

std::int64_t unix_seconds(base::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

bool holds(const PricePeriod& period, std::int64_t now) {
  if (now < period.starts) return false;
  if (period.day_from == period.day_to) return true;
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t second = ((now % kDay) + kDay) % kDay;
  if (period.day_from < period.day_to) return second >= period.day_from && second < period.day_to;
  return second >= period.day_from || second < period.day_to;
}

// To stay at or above price_of, which rounds each of seven parts to the nearest.
constexpr Wide kRoundings = 4 * kPerNano;
// A rate is in picodollars a thousand units.
constexpr Rate kWholeNanos = 1'000'000;

}  // namespace

std::optional<Rate> rate_per_million(std::string_view usd) { return scaled(usd, 9); }
std::optional<Rate> rate_per_thousand(std::string_view usd) { return scaled(usd, 12); }
double usd_per_million(Rate rate) { return static_cast<double>(rate) / 1e9; }

std::string_view name(PriceKind kind) { return kKindNames[index(kind)]; }

std::optional<PriceKind> price_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<PriceKind>(found - kKindNames.begin());
}

std::string_view name(ServiceTier tier) { return kTierNames[static_cast<std::size_t>(tier)]; }

ServiceTier tier_from_name(std::string_view name) {
  const auto* const found = std::ranges::find(kTierNames, name);
  if (found == kTierNames.end()) return ServiceTier::standard;
  return static_cast<ServiceTier>(found - kTierNames.begin());
}

std::span<const PriceLine> lines_at(const Prices& prices, base::WallTime time) {
  const std::int64_t now = unix_seconds(time);
  for (std::size_t i = prices.periods.size(); i-- > 0;) {
    if (holds(prices.periods[i], now)) return prices.periods[i].lines;
  }
  return {};
}

Cost price_of(const Prices& prices, const Usage& usage, base::WallTime time, ServiceTier tier) {
  const Amounts own = own_rates(lines_at(prices, time), tier, usage.prompt_tokens);
  const Amounts rates = all_rates(own);
  using enum PriceKind;
  const auto amount = [&rates](PriceKind kind, std::uint64_t units) { return Wide{rates[index(kind)]} * Wide{units}; };
  const auto apart = [&own](PriceKind kind) { return own[index(kind)] != kNone; };
  Cost cost;

  std::uint64_t left = usage.prompt_tokens;
  std::uint64_t cached_left = take(left, usage.cached_tokens);
  std::uint64_t write_left = take(left, usage.cache_write_tokens);
  const std::uint64_t cached_audio_units = take(cached_left, usage.cached_audio_tokens);
  const std::uint64_t cached_image_units = take(cached_left, usage.cached_image_tokens);
  cost.cached = nearest(amount(cached, cached_left) + amount(cached_audio, cached_audio_units) +
                        amount(cached_image, cached_image_units));
  const std::uint64_t hour = take(write_left, usage.cache_write_1h_tokens);
  cost.cache_write = nearest(amount(cache_write, write_left) + amount(cache_write_1h, hour));
  const auto fresh = [](std::uint64_t all, std::uint64_t from_cache) { return all - std::min(all, from_cache); };
  const Wide prompt_audio = amount(input_audio, take(left, fresh(usage.prompt_audio_tokens, cached_audio_units)));
  Wide input_amount = amount(input_image, take(left, fresh(usage.prompt_image_tokens, cached_image_units)));
  input_amount += amount(input_video, take(left, usage.prompt_video_tokens));
  input_amount += amount(input, left);

  left = usage.completion_tokens;
  const Wide made_audio = amount(output_audio, take(left, usage.completion_audio_tokens));
  Wide output_amount = amount(output_image, take(left, usage.completion_image_tokens));
  output_amount += amount(output_video, take(left, usage.completion_video_tokens));
  const Wide thought = amount(reasoning, take(left, usage.reasoning_tokens));
  output_amount += amount(citation, take(left, usage.citation_tokens));
  output_amount += amount(output, left);

  Wide audio_amount = 0;
  (apart(input_audio) ? audio_amount : input_amount) += prompt_audio;
  (apart(output_audio) ? audio_amount : output_amount) += made_audio;
  if (apart(reasoning)) {
    cost.reasoning = nearest(thought);
  } else {
    output_amount += thought;
  }
  cost.input = nearest(input_amount);
  cost.output = nearest(output_amount);
  cost.audio = nearest(audio_amount + amount(audio_second, usage.audio_seconds));
  cost.request =
      nearest(amount(request, 1) + amount(web_search, usage.web_searches) + amount(file_search, usage.file_searches) +
              amount(page, usage.pages) + amount(image, usage.images));
  return cost;
}

base::Money WorstCase::with_completion(std::uint64_t tokens) const {
  return prompt + upwards(Wide{per_completion} * Wide{tokens});
}

WorstCase worst_case(const Prices& prices, std::uint64_t prompt_tokens, std::uint64_t completion_tokens,
                     base::WallTime time, const Expected& expected) {
  using enum PriceKind;
  const std::span<const PriceLine> lines = lines_at(prices, time);
  Rate dearest_input = 0;
  Rate dearest_output = 0;
  Rate dearest_request = 0;
  const auto look_at = [&](std::uint64_t size) {
    const Amounts rates = all_rates(own_rates(lines, expected.tier, size));
    const auto raise = [&rates](Rate& to, PriceKind kind) { to = std::max(to, rates[index(kind)]); };
    raise(dearest_input, input);
    if (expected.writes_cache || expected.writes_cache_1h) raise(dearest_input, cache_write);
    if (expected.writes_cache_1h) raise(dearest_input, cache_write_1h);
    if (expected.audio) raise(dearest_input, input_audio);
    if (expected.images) {
      raise(dearest_input, input_image);
      raise(dearest_input, input_video);
    }
    raise(dearest_output, output);
    raise(dearest_output, reasoning);
    raise(dearest_output, citation);
    if (expected.audio) raise(dearest_output, output_audio);
    if (expected.images) {
      raise(dearest_output, output_image);
      raise(dearest_output, output_video);
    }
    raise(dearest_request, request);
  };
  // Below every step, and on each that the prompt reaches, from the lowest up.
  look_at(0);
  for (std::uint64_t step = 0;;) {
    std::uint64_t next = std::numeric_limits<std::uint64_t>::max();
    for (const PriceLine& line : lines) {
      if (line.above_prompt_tokens > step) next = std::min<std::uint64_t>(next, line.above_prompt_tokens);
    }
    if (prompt_tokens <= next) break;
    look_at(next + 1);
    step = next;
  }
  WorstCase worst;
  const Wide prompt = Wide{dearest_input} * Wide{prompt_tokens} + Wide{dearest_request};
  // Rates of whole nanodollars a unit are never rounded, and nearly all are: then a budget for exactly so many calls
  // pays for exactly so many.
  const bool whole = std::ranges::all_of(lines, [](const PriceLine& line) { return line.rate % kWholeNanos == 0; });
  worst.prompt = upwards(whole || (prompt == 0 && dearest_output == 0) ? prompt : prompt + kRoundings);
  worst.per_completion = dearest_output;
  worst.total = worst.with_completion(completion_tokens);
  return worst;
}

}  // namespace gatehouse::llm
