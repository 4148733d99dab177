#include <benchmark/benchmark.h>

#include "gatehouse/llm/catalogue/catalogue.h"
#include "gatehouse/llm/catalogue/price_book.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::llm {
namespace {

void parse(benchmark::State& state) {
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto catalogue = Catalogue::built_in();
    bytes = catalogue->memory_bytes();
    benchmark::DoNotOptimize(catalogue);
  }
  state.counters["memory"] = static_cast<double>(bytes);
}
BENCHMARK(parse)->Unit(benchmark::kMillisecond);

void look_up(benchmark::State& state, const char* kind, const char* endpoint, const char* model) {
  const auto book = *PriceBook::make(Catalogue::built_in());
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(book->find("name", kind, endpoint, model));
}
BENCHMARK_CAPTURE(look_up, exact, "openai", "api.openai.com", "gpt-4o");
BENCHMARK_CAPTURE(look_up, by_rule, "anthropic", "api.anthropic.com", "claude-sonnet-4-5-20250929");
BENCHMARK_CAPTURE(look_up, by_host_pattern, "azure", "account.openai.azure.com", "gpt-4o");
BENCHMARK_CAPTURE(look_up, unknown_host, "openai_compatible", "10.0.0.7", "claude-sonnet-4-5");
BENCHMARK_CAPTURE(look_up, unknown_model, "openai_compatible", "10.0.0.7", "no-such-model-of-anybody");

void price(benchmark::State& state) {
  const auto catalogue = Catalogue::built_in();
  const Prices prices = catalogue->find("openai", {}, "gpt-5.6-sol")->prices;
  const Usage usage{.prompt_tokens = 12'000, .completion_tokens = 900, .cached_tokens = 8'000, .reasoning_tokens = 300};
  const base::WallTime now = base::SystemClock().wall();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(price_of(prices, usage, now));
}
BENCHMARK(price);

void worst(benchmark::State& state) {
  const auto catalogue = Catalogue::built_in();
  const Prices prices = catalogue->find("openai", {}, "gpt-5.6-sol")->prices;
  const base::WallTime now = base::SystemClock().wall();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(worst_case(prices, 300'000, 900, now));
}
BENCHMARK(worst);

void read_anthropic_usage(benchmark::State& state) {
  constexpr std::string_view kText =
      R"({"input_tokens":2743,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":4,"service_tier":"standard"})";
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(read_usage(UsageApi::anthropic, kText));
}
BENCHMARK(read_anthropic_usage);

}  // namespace
}  // namespace gatehouse::llm
