#include <benchmark/benchmark.h>

#include "gatehouse/govern/anomaly/accumulator.h"
#include "gatehouse/govern/anomaly/detector.h"

namespace gatehouse::govern::anomaly {
namespace {

// What a request costs, among `principals` of a worker.
void accumulate(benchmark::State& state) {
  Accumulator gathered(4096);
  std::uint64_t i = 0;
  const auto principals = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) gathered.add(1 + ++i % principals, {100, 2000, 0, 0});
}
BENCHMARK(accumulate)->Arg(1)->Arg(1000);

// A minute's tick with that many principals, all of them active.
void tick(benchmark::State& state) {
  Detector detector;
  std::int64_t minute = 29'000'000;
  for (auto _ : state) {
    for (std::int64_t id = 1; id <= state.range(0); ++id)
      detector.add(static_cast<std::uint64_t>(id), "caller", {100, 2000, 0, 0});
    benchmark::DoNotOptimize(detector.tick(base::WallTime(std::chrono::minutes(++minute))));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(tick)->Arg(1000)->Arg(4000);

}  // namespace
}  // namespace gatehouse::govern::anomaly
