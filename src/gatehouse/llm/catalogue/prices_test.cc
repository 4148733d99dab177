#include "gatehouse/llm/catalogue/prices.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

using base::Money;
using enum PriceKind;

constexpr Rate usd(double per_million) { return static_cast<Rate>(per_million * 1e9); }

base::WallTime at(int year, unsigned month, unsigned day, int hour = 12, int minute = 0) {
  return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)} +
         std::chrono::hours(hour) + std::chrono::minutes(minute);
}
const base::WallTime kNow = at(2026, 5, 1);

// Lines that hold always.
struct Simple {
  std::vector<PriceLine> lines;
  std::array<PricePeriod, 1> period;

  explicit Simple(std::vector<PriceLine> given) : lines(std::move(given)) { period[0].lines = lines; }
  Prices prices() const { return {.periods = period}; }
};

TEST(Rates, read_decimals_and_nothing_else) {
  EXPECT_EQ(rate_per_million("2.5"), 2'500'000'000);
  EXPECT_EQ(rate_per_million("0.003625"), 3'625'000);
  EXPECT_EQ(rate_per_million("12"), 12'000'000'000);
  EXPECT_EQ(rate_per_million(".5"), 500'000'000);
  EXPECT_EQ(rate_per_million("5."), 5'000'000'000);
  EXPECT_EQ(rate_per_million("0"), 0);
  EXPECT_EQ(rate_per_million("0.0000000001"), 1) << "rounded up: what costs something is not free";
  EXPECT_EQ(rate_per_million("0.0000000000"), 0);
  EXPECT_EQ(rate_per_thousand("10"), 10'000'000'000'000);
  EXPECT_EQ(rate_per_million("1000000000"), kMaxRate);
  for (const char* wrong : {"", ".", "-1", "+1", "1e3", "1,5", " 1", "1 ", "1.2.3", "1000000001", "0x10", "nan",
                            "99999999999999999999999999999999999999999999999"}) {
    EXPECT_EQ(rate_per_million(wrong), std::nullopt) << wrong;
  }
}

TEST(PriceOf, charges_each_kind_once) {
  const Simple model({{.rate = usd(2.5), .kind = input},
                      {.rate = usd(1.25), .kind = cached},
                      {.rate = usd(3.125), .kind = cache_write},
                      {.rate = usd(10), .kind = output}});
  Usage usage;
  usage.prompt_tokens = 1000;
  usage.cached_tokens = 400;
  usage.cache_write_tokens = 100;
  usage.completion_tokens = 200;
  usage.reasoning_tokens = 50;
  const Cost cost = price_of(model.prices(), usage, kNow);
  EXPECT_EQ(cost.input, *Money::parse("0.00125"));
  EXPECT_EQ(cost.cached, *Money::parse("0.0005"));
  EXPECT_EQ(cost.cache_write, *Money::parse("0.0003125"));
  EXPECT_EQ(cost.output, *Money::parse("0.002"));
  EXPECT_EQ(cost.reasoning, Money()) << "no price of its own: part of the output";
  EXPECT_EQ(cost.total(), *Money::parse("0.0040625"));
}

TEST(PriceOf, kinds_without_a_price_cost_what_they_are_part_of) {
  const Simple model({{.rate = usd(1), .kind = input}, {.rate = usd(4), .kind = output}});
  Usage usage;
  usage.prompt_tokens = 1'000'000;
  usage.cached_tokens = 300'000;
  usage.cache_write_tokens = 200'000;
  usage.cache_write_1h_tokens = 100'000;
  usage.prompt_audio_tokens = 100'000;
  usage.prompt_image_tokens = 50'000;
  usage.completion_tokens = 1'000'000;
  usage.completion_audio_tokens = 500'000;
  usage.reasoning_tokens = 200'000;
  const Cost cost = price_of(model.prices(), usage, kNow);
  EXPECT_EQ(cost.total(), Money::usd(5));
  EXPECT_EQ(cost.audio, Money());
}

TEST(PriceOf, audio_images_reasoning_and_the_hour_have_prices_of_their_own) {
  const Simple model({{.rate = usd(1), .kind = input},
                      {.rate = usd(0.1), .kind = cached},
                      {.rate = usd(2), .kind = cache_write},
                      {.rate = usd(3), .kind = cache_write_1h},
                      {.rate = usd(10), .kind = input_audio},
                      {.rate = usd(5), .kind = cached_audio},
                      {.rate = usd(7), .kind = input_image},
                      {.rate = usd(4), .kind = output},
                      {.rate = usd(6), .kind = reasoning},
                      {.rate = usd(20), .kind = output_audio}});
  Usage usage;
  usage.prompt_tokens = 100'000;
  usage.cached_tokens = 30'000;
  usage.cached_audio_tokens = 10'000;
  usage.cache_write_tokens = 20'000;
  usage.cache_write_1h_tokens = 5'000;
  usage.prompt_audio_tokens = 25'000;  // 10'000 of them cached
  usage.prompt_image_tokens = 5'000;
  usage.completion_tokens = 10'000;
  usage.reasoning_tokens = 1'000;
  usage.completion_audio_tokens = 2'000;
  const Cost cost = price_of(model.prices(), usage, kNow);
  EXPECT_EQ(cost.cached, *Money::parse("0.052"));                        // 20'000 at 0.1 and 10'000 at 5
  EXPECT_EQ(cost.cache_write, *Money::parse("0.045"));                   // 15'000 at 2 and 5'000 at 3
  EXPECT_EQ(cost.audio, *Money::parse("0.15") + *Money::parse("0.04"));  // 15'000 at 10, 2'000 at 20
  EXPECT_EQ(cost.input, *Money::parse("0.03") + *Money::parse("0.035"));
  EXPECT_EQ(cost.reasoning, *Money::parse("0.006"));
  EXPECT_EQ(cost.output, *Money::parse("0.028"));
}

TEST(PriceOf, a_step_by_prompt_size_is_for_the_whole_call) {
  const Simple model({{.rate = usd(5), .kind = input},
                      {.rate = usd(10), .above_prompt_tokens = 200'000, .kind = input},
                      {.rate = usd(25), .kind = output},
                      {.rate = usd(37.5), .above_prompt_tokens = 200'000, .kind = output}});
  Usage usage;
  usage.prompt_tokens = 200'000;
  usage.completion_tokens = 1'000;
  EXPECT_EQ(price_of(model.prices(), usage, kNow).total(), *Money::parse("1.025"));
  ++usage.prompt_tokens;
  EXPECT_EQ(price_of(model.prices(), usage, kNow).total(), *Money::parse("2.03751"));
}

TEST(PriceOf, the_last_period_that_holds_counts) {
  const std::array old{PriceLine{.rate = usd(1), .kind = input}};
  const std::array off_peak{PriceLine{.rate = usd(2), .kind = input}};
  const std::array peak{PriceLine{.rate = usd(4), .kind = input}};
  const std::int64_t changed = 1'786'924'800;  // 2026-08-17T00:00:00Z
  ASSERT_EQ(changed, std::chrono::duration_cast<std::chrono::seconds>(at(2026, 8, 17, 0).time_since_epoch()).count());
  const std::array periods{PricePeriod{.lines = old}, PricePeriod{.starts = changed, .lines = off_peak},
                           PricePeriod{.day_from = 3'600, .day_to = 14'400, .lines = peak},
                           PricePeriod{.day_from = 82'800, .day_to = 1'800, .lines = peak}};
  const Prices prices{.periods = periods};
  Usage usage;
  usage.prompt_tokens = 1'000'000;
  const auto dollars = [&](base::WallTime time) { return price_of(prices, usage, time).total(); };
  EXPECT_EQ(dollars(at(2026, 8, 16, 23, 59) - std::chrono::hours(2)), Money::usd(1));
  EXPECT_EQ(dollars(at(2026, 8, 17, 0, 30)), Money::usd(2));
  EXPECT_EQ(dollars(at(2026, 8, 17, 1)), Money::usd(4));
  EXPECT_EQ(dollars(at(2026, 8, 17, 3, 59)), Money::usd(4));
  EXPECT_EQ(dollars(at(2026, 8, 17, 4)), Money::usd(2));
  EXPECT_EQ(dollars(at(2026, 8, 17, 23)), Money::usd(4)) << "a range that passes midnight";
  EXPECT_EQ(dollars(at(2026, 8, 18, 0, 29)), Money::usd(4));
  EXPECT_EQ(dollars(at(1969, 12, 31, 2)), Money::usd(4)) << "before the epoch the day begins at midnight too";
}

TEST(PriceOf, tiers_fall_back_to_standard) {
  const Simple model({{.rate = usd(2), .kind = input},
                      {.rate = usd(8), .kind = output},
                      {.rate = usd(1), .kind = input, .tier = ServiceTier::batch},
                      {.rate = usd(4), .kind = output, .tier = ServiceTier::batch},
                      {.rate = usd(3), .kind = input, .tier = ServiceTier::priority}});
  Usage usage;
  usage.prompt_tokens = usage.completion_tokens = 1'000'000;
  const auto dollars = [&](ServiceTier tier) { return price_of(model.prices(), usage, kNow, tier).total(); };
  EXPECT_EQ(dollars(ServiceTier::standard), Money::usd(10));
  EXPECT_EQ(dollars(ServiceTier::batch), Money::usd(5));
  EXPECT_EQ(dollars(ServiceTier::flex), Money::usd(10));
  EXPECT_EQ(dollars(ServiceTier::priority), Money::usd(11));
  EXPECT_EQ(tier_from_name("flex"), ServiceTier::flex);
  EXPECT_EQ(tier_from_name("auto"), ServiceTier::standard);
}

TEST(PriceOf, pieces_cost_too) {
  const Simple model({{.rate = *rate_per_thousand("5"), .kind = request},
                      {.rate = *rate_per_thousand("10"), .kind = web_search},
                      {.rate = *rate_per_thousand("2"), .kind = page},
                      {.rate = *rate_per_thousand("0.1"), .kind = audio_second}});
  Usage usage;
  usage.web_searches = 3;
  usage.pages = 4;
  usage.audio_seconds = 90;
  const Cost cost = price_of(model.prices(), usage, kNow);
  EXPECT_EQ(cost.request, *Money::parse("0.043"));
  EXPECT_EQ(cost.audio, *Money::parse("0.009"));
}

TEST(PriceOf, rounds_to_the_nearest_nanodollar_and_saturates) {
  const Simple model({{.rate = 499'999, .kind = input}, {.rate = 500'000, .kind = output}});
  Usage usage;
  usage.prompt_tokens = usage.completion_tokens = 1;
  EXPECT_EQ(price_of(model.prices(), usage, kNow).input, Money());
  EXPECT_EQ(price_of(model.prices(), usage, kNow).output, Money::nanos(1));
  const Simple dear({{.rate = kMaxRate, .kind = input}, {.rate = kMaxRate, .kind = output}});
  usage.prompt_tokens = usage.completion_tokens = UINT64_MAX;
  usage.cached_tokens = usage.prompt_audio_tokens = usage.web_searches = UINT64_MAX;
  EXPECT_EQ(price_of(dear.prices(), usage, kNow).total(), Money::max());
  EXPECT_EQ(worst_case(dear.prices(), UINT64_MAX, UINT64_MAX, kNow).total, Money::max());
}

TEST(PriceOf, parts_beyond_their_whole_are_cut) {
  const Simple model(
      {{.rate = usd(1), .kind = input}, {.rate = usd(0.5), .kind = cached}, {.rate = usd(1), .kind = output}});
  Usage usage;
  usage.prompt_tokens = 1'000'000;
  usage.cached_tokens = 5'000'000;
  usage.cache_write_tokens = 5'000'000;
  usage.prompt_audio_tokens = 5'000'000;
  usage.reasoning_tokens = 9;
  EXPECT_EQ(price_of(model.prices(), usage, kNow).total(), *Money::parse("0.5"));
}

TEST(WorstCase, holds_the_dearest_step_that_is_reached) {
  const Simple model({{.rate = usd(5), .kind = input},
                      {.rate = usd(10), .above_prompt_tokens = 200'000, .kind = input},
                      {.rate = usd(1), .above_prompt_tokens = 500'000, .kind = input},
                      {.rate = usd(6), .kind = cache_write},
                      {.rate = usd(20), .kind = output},
                      {.rate = usd(30), .kind = reasoning},
                      {.rate = *rate_per_thousand("1"), .kind = request}});
  const WorstCase small = worst_case(model.prices(), 100'000, 1'000, kNow);
  EXPECT_EQ(small.prompt, *Money::parse("0.501"));
  EXPECT_EQ(small.per_completion, usd(30));
  EXPECT_EQ(small.total, *Money::parse("0.531"));
  EXPECT_EQ(small.with_completion(2'000), *Money::parse("0.561"));
  EXPECT_EQ(worst_case(model.prices(), 600'000, 0, kNow).prompt, *Money::parse("6.001"));
  EXPECT_EQ(worst_case(model.prices(), 100'000, 0, kNow, {.writes_cache = true}).prompt, *Money::parse("0.601"));
  const Simple nothing({{.rate = 0, .kind = input}, {.rate = 0, .kind = output}});
  EXPECT_EQ(worst_case(nothing.prices(), 100'000, 1'000, kNow).total, Money()) << "free stays free";
}

// The promise of the header, on drawn prices and usages.
TEST(WorstCase, is_never_below_what_a_call_costs) {
  std::mt19937_64 random(7);
  const auto draw = [&random](std::uint64_t below) { return random() % below; };
  for (int round = 0; round < 20'000; ++round) {
    std::vector<PriceLine> lines;
    for (const PriceKind kind : {input, cached, cache_write, cache_write_1h, input_audio, input_image, output,
                                 reasoning, output_audio, request}) {
      if (kind != input && kind != output && draw(2) == 0) continue;
      const Rate base = static_cast<Rate>(draw(50'000'000'000));
      // Reading from a cache is nowhere dearer than reading afresh.
      const Rate rate = kind == cached ? std::min(base, lines.front().rate) : base;
      lines.push_back({.rate = rate, .kind = kind});
      if (kind != cached && draw(3) == 0) {
        lines.push_back({.rate = static_cast<Rate>(draw(50'000'000'000)), .above_prompt_tokens = 500, .kind = kind});
      }
    }
    const bool cached_can_be_dearer = lines.size() > 1 && lines[1].kind == input && lines[1].rate < lines[0].rate;
    if (cached_can_be_dearer) continue;
    const Simple model(lines);
    Usage usage;
    usage.prompt_tokens = draw(1000);
    usage.completion_tokens = draw(1000);
    usage.cached_tokens = draw(usage.prompt_tokens + 1);
    usage.cache_write_tokens = draw(usage.prompt_tokens + 1);
    usage.cache_write_1h_tokens = draw(usage.cache_write_tokens + 1);
    usage.prompt_audio_tokens = draw(usage.prompt_tokens + 1);
    usage.prompt_image_tokens = draw(usage.prompt_tokens + 1);
    usage.reasoning_tokens = draw(usage.completion_tokens + 1);
    usage.completion_audio_tokens = draw(usage.completion_tokens + 1);
    const Expected expected{.writes_cache_1h = true, .audio = true, .images = true};
    const WorstCase worst = worst_case(model.prices(), usage.prompt_tokens, usage.completion_tokens, kNow, expected);
    ASSERT_GE(worst.total, price_of(model.prices(), usage, kNow).total()) << "round " << round;
  }
}

}  // namespace
}  // namespace gatehouse::llm
