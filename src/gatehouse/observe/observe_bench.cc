#include <string>

#include <benchmark/benchmark.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/observe/access_record.h"
#include "gatehouse/observe/gateway_metrics.h"
#include "gatehouse/observe/metrics.h"
#include "gatehouse/observe/record_writer.h"

namespace gatehouse::observe {
namespace {

AccessRecord typical() {
  AccessRecord record;
  record.request_id = "req_01j0000000abcdefghjkmnpqrs";
  record.time = base::SystemClock().wall();
  record.client_ip = "192.0.2.7";
  record.key_name = "ci";
  record.team = "support";
  record.user = "ada";
  record.method = "POST";
  record.path = "/v1/chat/completions";
  record.operation = "chat";
  record.model_asked = "default";
  record.model_sent = "gpt-5.6-mini";
  record.provider = "openai";
  record.status = 200;
  record.streamed = true;
  record.bytes_in = 1234;
  record.bytes_out = 56789;
  record.attempts = 1;
  record.usage_known = true;
  record.tokens = {.prompt = 11, .completion = 22, .total = 33};
  record.time_to_first_byte_us = 1500;
  record.duration_us = 250000;
  record.overhead_us = 40;
  return record;
}

void record_line(benchmark::State& state) {
  const AccessRecord record = typical();
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
  const AccessRecord record = typical();
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
  const AccessRecord record = typical();
  for ([[maybe_unused]] auto _ : state) metrics.request_finished(record, "default");
}
BENCHMARK(request_finished);

}  // namespace
}  // namespace gatehouse::observe
