#include "gatehouse/observe/gateway_metrics.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <string>

#include "gatehouse/observe/record_writer.h"

namespace gatehouse::observe {
namespace {

// Finer than the others at the low end: the budget is tens of microseconds.
constexpr std::array<double, 21> kOverheadBounds = {0.000005, 0.00001, 0.00002, 0.00003, 0.00005, 0.000075, 0.0001,
                                                    0.00015,  0.0002,  0.0003,  0.0005,  0.001,   0.0025,   0.005,
                                                    0.01,     0.025,   0.05,    0.1,     0.25,    1,        5};

double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long total = 0;
  unsigned long resident = 0;
  const int fields = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  return fields == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) : 0;
}

double open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int count = -1;  // the folder's own descriptor
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  ::closedir(folder);
  return count;
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double seconds(std::int64_t microseconds) { return static_cast<double>(microseconds) / 1e6; }

}  // namespace

GatewayMetricIds GatewayMetricIds::register_in(Registry& registry, std::string_view version) {
  using Kind = Registry::Kind;
  GatewayMetricIds ids;
  ids.requests =
      registry.counter("gatehouse_requests_total", "Finished requests.", {"operation", "model", "provider", "status"});
  ids.duration = registry.histogram("gatehouse_request_duration_seconds",
                                    "From the first byte of the request to the last of the answer.", {"operation"});
  ids.first_byte = registry.histogram("gatehouse_time_to_first_byte_seconds",
                                      "From the first byte of the request to the first of the answer.", {"operation"});
  ids.overhead = registry.histogram("gatehouse_overhead_seconds", "What the gateway itself took of a request.",
                                    {"operation"}, kOverheadBounds);
  ids.tokens = registry.counter("gatehouse_tokens_total",
                                "Tokens as providers reported them; cached is part of prompt, reasoning of completion.",
                                {"model", "provider", "kind"});
  ids.upstream_errors = registry.counter("gatehouse_upstream_errors_total", "Upstream calls that failed, by reason.",
                                         {"provider", "code"});
  ids.connections = registry.gauge("gatehouse_connections", "Open client connections.");
  ids.in_flight = registry.gauge("gatehouse_requests_in_flight", "Requests that have begun and not finished.");
  ids.streams_open = registry.gauge("gatehouse_streams_open", "Streamed answers under way.");
  ids.upstream = registry.gauge("gatehouse_upstream_connections", "Open upstream connections.", {"provider", "state"});
  ids.refusals =
      registry.counter("gatehouse_refusals_total", "Requests that the gateway answered with an error.", {"code"});
  ids.queue = registry.histogram("gatehouse_queue_seconds",
                                 "How long requests waited for a limit or a provider's capacity.", {"priority"});
  ids.guard_verdicts = registry.counter("gatehouse_guard_verdicts_total",
                                        "Requests that policies looked at, by what became of them.", {"verdict"});
  ids.guard_findings =
      registry.counter("gatehouse_guard_findings_total", "What guards found, by what was done about it.",
                       {"family", "direction", "action"});
  ids.guard_failures = registry.counter("gatehouse_guard_failures_total",
                                        "Requests of which something could not be judged.", {"outcome"});
  ids.guard_repairs = registry.counter(
      "gatehouse_guard_repairs_total",
      "Answers that missed their schema and were to be asked for again, by what came of it.", {"result"});
  ids.conversation_steps =
      registry.counter("gatehouse_conversation_steps_total",
                       "Requests whose conversation's risk had reached a threshold, by the strictest.", {"step"});
  ids.guard_differs =
      registry.counter("gatehouse_guard_differences_total",
                       "Requests of which a policy that is not enforced would have made more.", {"mode"});
  ids.config_reloads =
      registry.counter("gatehouse_config_reloads_total", "Configurations read since the start.", {"result"});
  ids.semantic_models = registry.gauge("gatehouse_semantic_model_info",
                                       "1 for each learned model that is loaded; 0: it was, and is no more.",
                                       {"model", "version", "hash", "verdicts"});
  registry.sampled(Kind::gauge, "gatehouse_build_info", "Always 1; the version is the label.", [] { return 1.0; },
                   {{"version", std::string(version)}});
  registry.sampled(Kind::gauge, "process_resident_memory_bytes", "Resident memory.", resident_bytes);
  registry.sampled(Kind::gauge, "process_open_fds", "Open file descriptors.", open_descriptors);
  registry.sampled(Kind::counter, "process_cpu_seconds_total", "User and system CPU time of all threads.", cpu_seconds);
  return ids;
}

void register_record_writer(Registry& registry, const RecordWriter& writer) {
  registry.sampled(Registry::Kind::counter, "gatehouse_records_dropped_total",
                   "Access records that were lost because the disk was too slow or refused them.",
                   [&writer] { return static_cast<double>(writer.dropped()); });
  registry.sampled(Registry::Kind::counter, "gatehouse_record_write_errors_total",
                   "Failed writes and reopenings of the access record.",
                   [&writer] { return static_cast<double>(writer.write_errors()); });
}

WorkerMetrics::WorkerMetrics(Registry& registry, const GatewayMetricIds& ids)
    : shard_(registry.make_shard()), ids_(ids) {
  connections = shard_.gauge(ids.connections);
  in_flight = shard_.gauge(ids.in_flight);
  streams_open = shard_.gauge(ids.streams_open);
}

void WorkerMetrics::queued(std::string_view priority, base::Duration waited) {
  shard_.histogram(ids_.queue, {priority}).observe(std::chrono::duration<double>(waited).count());
}

WorkerMetrics::Series& WorkerMetrics::series_of(const AccessRecord& record, std::string_view model) {
  const auto mixed = static_cast<std::size_t>(record.status) + record.operation.size() + 3 * model.size() +
                     5 * record.provider.size() + (model.empty() ? 0 : static_cast<unsigned char>(model.back()));
  Series& series = recent_[mixed % recent_.size()];
  if (series.status != record.status || series.model != model || series.provider != record.provider ||
      series.operation != record.operation) {
    series = Series();
    series.operation = record.operation;
    series.model = model;
    series.provider = record.provider;
    series.status = record.status;
  }
  return series;
}

Counter WorkerMetrics::remembered(std::optional<Counter>& kept, CounterId id, LabelValues values) {
  if (kept) return *kept;
  const std::uint64_t dropped = shard_.dropped();
  const Counter counter = shard_.counter(id, values);
  // A count that finds no room is reported as such each time.
  if (shard_.dropped() == dropped) kept = counter;
  return counter;
}

void WorkerMetrics::request_finished(const AccessRecord& record, std::string_view configured_model) {
  Series& series = series_of(record, configured_model);
  std::array<char, 12> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), record.status).ptr;
  const std::string_view status(digits.data(), static_cast<std::size_t>(end - digits.data()));
  remembered(series.requests, ids_.requests, {record.operation, configured_model, record.provider, status}).add();
  const auto observe = [&](std::optional<Histogram>& kept, HistogramId id, std::int64_t microseconds) {
    if (!kept) kept = shard_.histogram(id, {record.operation});
    kept->observe(seconds(microseconds));
  };
  observe(series.duration, ids_.duration, record.duration_us);
  observe(series.overhead, ids_.overhead, record.overhead_us);
  if (record.time_to_first_byte_us >= 0) observe(series.first_byte, ids_.first_byte, record.time_to_first_byte_us);
  if (record.usage_known) {
    const auto count = [&](std::optional<Counter>& kept, std::string_view kind, std::uint64_t tokens) {
      if (tokens > 0) remembered(kept, ids_.tokens, {configured_model, record.provider, kind}).add(tokens);
    };
    count(series.prompt, "prompt", record.tokens.prompt);
    count(series.completion, "completion", record.tokens.completion);
    count(series.cached, "cached", record.tokens.cached);
    count(series.reasoning, "reasoning", record.tokens.reasoning);
  }
  if (!record.error.empty() && (record.finish == Finish::refused || record.finish == Finish::timeout)) {
    shard_.counter(ids_.refusals, {record.error}).add();
  }
}

void WorkerMetrics::upstream_error(std::string_view provider, Code code) {
  shard_.counter(ids_.upstream_errors, {provider, base::code_info(code).slug}).add();
}

Gauge WorkerMetrics::upstream_connections(std::string_view provider, std::string_view state) {
  return shard_.gauge(ids_.upstream, {provider, state});
}

void WorkerMetrics::guard_verdict(std::string_view verdict) { shard_.counter(ids_.guard_verdicts, {verdict}).add(); }

void WorkerMetrics::guard_found(std::string_view family, std::string_view direction, std::string_view action) {
  shard_.counter(ids_.guard_findings, {family, direction, action}).add();
}

void WorkerMetrics::guard_failed(bool closed) {
  shard_.counter(ids_.guard_failures, {closed ? "closed" : "open"}).add();
}

void WorkerMetrics::guard_repaired(std::string_view result) { shard_.counter(ids_.guard_repairs, {result}).add(); }

void WorkerMetrics::conversation_step(std::string_view step) { shard_.counter(ids_.conversation_steps, {step}).add(); }

void WorkerMetrics::guard_differs(std::string_view mode) { shard_.counter(ids_.guard_differs, {mode}).add(); }

void WorkerMetrics::semantic_model(std::string_view model, std::string_view version, std::string_view hash,
                                   std::string_view verdicts, bool loaded) {
  shard_.gauge(ids_.semantic_models, {model, version, hash, verdicts}).set(loaded ? 1 : 0);
}

void WorkerMetrics::config_reloaded(bool ok) { shard_.counter(ids_.config_reloads, {ok ? "ok" : "failed"}).add(); }

}  // namespace gatehouse::observe
