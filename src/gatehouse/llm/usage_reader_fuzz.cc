// The first byte picks the API, the rest is its usage object: no crash; parts within their whole; what is read twice or
// merged with itself or with nothing stays what it is; a price of it is never below zero.
#include <cstdlib>
#include <string_view>

#include "gatehouse/json/scan.h"
#include "gatehouse/llm/catalogue/prices.h"
#include "gatehouse/llm/usage_reader.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::llm;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  // As in the gateway, only what was checked is read.
  if (!gatehouse::json::validate(text)) return 0;
  const Usage usage = read_usage(static_cast<UsageApi>(data[0] % kUsageApiCount), text);
  if (!usage.known) require(usage == Usage{});
  require(usage.cached_tokens <= usage.prompt_tokens && usage.cache_write_1h_tokens <= usage.cache_write_tokens);
  require(usage.cache_write_tokens <= usage.prompt_tokens - usage.cached_tokens);
  require(usage.cached_audio_tokens <= usage.prompt_audio_tokens && usage.prompt_audio_tokens <= usage.prompt_tokens);
  require(usage.reasoning_tokens <= usage.completion_tokens && usage.citation_tokens <= usage.completion_tokens);
  require(merge_usage(usage, usage).prompt_tokens == usage.prompt_tokens);
  require(merge_usage(usage, Usage{}).completion_tokens == usage.completion_tokens);
  const PriceLine lines[] = {{.rate = 3'000'000'000, .kind = PriceKind::input},
                             {.rate = 15'000'000'000, .kind = PriceKind::output}};
  const PricePeriod period{.lines = lines};
  const Prices prices{.periods = {&period, 1}};
  require(price_of(prices, usage, {}).total().nanos() >= 0);
  require(worst_case(prices, usage.prompt_tokens, usage.completion_tokens, {}).total >=
          price_of(prices, usage, {}).total());
  return 0;
}
