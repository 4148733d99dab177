#include <string>

#include <benchmark/benchmark.h>

#include "gatehouse/observe/access_record.h"
#include "gatehouse/observe/gateway_metrics.h"
#include "gatehouse/observe/metrics.h"
#include "gatehouse/observe/record_writer.h"
#include "gatehouse/observe/sample_record.h"

namespace gatehouse::observe {
namespace {

void record_line(benchmark::State& state) {
  const AccessRecord record = full_record();
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    append_json_line(out, record);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(record_line);

void lane_append(benchmark::State& state) {
  const auto writer = RecordWriter::open({.path = "/dev/null"});
  RecordLane& lane = (*writer)->make_lane();
  const AccessRecord record = full_record();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(lane.append(record));
  state.counters["dropped"] = static_cast<double>(lane.dropped());
}
BENCHMARK(lane_append);

void histogram_observe(benchmark::State& state) {
  Registry registry;
  const auto id = registry.histogram("h", "h", {"operation"});
  Histogram histogram = registry.make_shard().histogram(id, {"chat"});
  double value = 1e-5;
  for ([[maybe_unused]] auto _ : state) {
    histogram.observe(value);
    value = value > 100 ? 1e-5 : value * 1.7;
  }
}
BENCHMARK(histogram_observe);

void counter_add(benchmark::State& state) {
  Registry registry;
  const auto id = registry.counter("c", "h");
  Counter counter = registry.make_shard().counter(id);
  for ([[maybe_unused]] auto _ : state) {
    counter.add();
    benchmark::ClobberMemory();
  }
}
BENCHMARK(counter_add);

void counter_find(benchmark::State& state) {
  Registry registry;
  const auto id = registry.counter("c", "h", {"operation", "model", "provider", "status"});
  Shard& shard = registry.make_shard();
  for ([[maybe_unused]] auto _ : state) shard.counter(id, {"chat", "default", "openai", "200"}).add();
}
BENCHMARK(counter_find);

void request_finished(benchmark::State& state) {
  Registry registry;
  const auto ids = GatewayMetricIds::register_in(registry, "1");
  WorkerMetrics metrics(registry, ids);
  const AccessRecord record = full_record();
  for ([[maybe_unused]] auto _ : state) metrics.request_finished(record, "default");
}
BENCHMARK(request_finished);

}  // namespace
}  // namespace gatehouse::observe
