#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/observe/access_record.h"
#include "gatehouse/observe/metrics.h"

namespace gatehouse::observe {

class RecordWriter;

// The gateway's metrics by name; the names are part of the public surface. Registered once, before the workers.
struct GatewayMetricIds {
  CounterId requests;            // gatehouse_requests_total{operation,model,provider,status}
  HistogramId duration;          // gatehouse_request_duration_seconds{operation}
  HistogramId first_byte;        // gatehouse_time_to_first_byte_seconds{operation}
  HistogramId overhead;          // gatehouse_overhead_seconds{operation}, from 5 us
  CounterId tokens;              // gatehouse_tokens_total{model,provider,kind}
  CounterId upstream_errors;     // gatehouse_upstream_errors_total{provider,code}
  GaugeId connections;           // gatehouse_connections
  GaugeId in_flight;             // gatehouse_requests_in_flight
  GaugeId streams_open;          // gatehouse_streams_open
  GaugeId upstream;              // gatehouse_upstream_connections{provider,state}
  CounterId refusals;            // gatehouse_refusals_total{code}
  HistogramId queue;             // gatehouse_queue_seconds{priority}
  CounterId guard_verdicts;      // gatehouse_guard_verdicts_total{verdict}
  CounterId guard_findings;      // gatehouse_guard_findings_total{family,direction,action}
  CounterId guard_failures;      // gatehouse_guard_failures_total{outcome}
  CounterId guard_repairs;       // gatehouse_guard_repairs_total{result}
  CounterId guard_differs;       // gatehouse_guard_differences_total{mode}
  CounterId conversation_steps;  // gatehouse_conversation_steps_total{step}
  CounterId config_reloads;      // gatehouse_config_reloads_total{result}
  GaugeId semantic_models;       // gatehouse_semantic_model_info{model,version,hash,verdicts}

  // Also registers gatehouse_build_info{version} and the process_* metrics, which are read at scrape time from /proc.
  static GatewayMetricIds register_in(Registry& registry, std::string_view version);
};

// Registers gatehouse_records_dropped_total and gatehouse_record_write_errors_total, read from the writer at scrape
// time. Before the workers; the writer must live as long as somebody may scrape.
void register_record_writer(Registry& registry, const RecordWriter& writer);

// One worker's handles. Made by the worker (or by the main thread for what it counts), used on its thread only; the
// registry outlives it.
//
// Model and provider are labels only once they were matched with the configuration: a name that a caller invented is
// never one (pass an empty view, it is shown as such), so the number of series is bounded by the configuration.
class WorkerMetrics {
 public:
  WorkerMetrics(Registry& registry, const GatewayMetricIds& ids);

  Gauge connections;
  Gauge in_flight;
  Gauge streams_open;

  // Counts a finished request: requests, duration, first byte, overhead, tokens where the provider reported them, and
  // the refusal where we answered an error. `configured_model` is the configuration's own name, empty if the caller's
  // matched none; the record's model_asked is not looked at.
  void request_finished(const AccessRecord& record, std::string_view configured_model);
  void upstream_error(std::string_view provider, Code code);
  // The gauge of one provider's connections in a state (`idle`, `busy`); keep it.
  Gauge upstream_connections(std::string_view provider, std::string_view state);
  void config_reloaded(bool ok);
  // A learned model is loaded, or no more; its labels are the operator's and its own file's.
  void semantic_model(std::string_view model, std::string_view version, std::string_view hash,
                      std::string_view verdicts, bool loaded);
  // What policies made of a request and its answer; names are those of guard/.
  void guard_verdict(std::string_view verdict);
  void guard_found(std::string_view family, std::string_view direction, std::string_view action);
  void guard_failed(bool closed);                // something could not be judged: refused, or let pass
  void guard_repaired(std::string_view result);  // a model was to be asked again for an answer of the wrong form
  // A policy that is not enforced would have done more.
  void guard_differs(std::string_view mode);
  // A conversation's risk has reached a threshold.
  void conversation_step(std::string_view step);
  // A request waited in the queue.
  void queued(std::string_view priority, base::Duration waited);

 private:
  // The handles of one combination of labels. What a request did not have (tokens, a first byte) is asked for when the
  // first one has it: a series begins with its first count.
  struct Series {
    std::string operation;
    std::string model;
    std::string provider;
    int status = 0;
    std::optional<Counter> requests;
    std::optional<Histogram> duration;
    std::optional<Histogram> overhead;
    std::optional<Histogram> first_byte;
    std::optional<Counter> prompt;
    std::optional<Counter> completion;
    std::optional<Counter> cached;
    std::optional<Counter> reasoning;
  };
  Series& series_of(const AccessRecord& record, std::string_view model);
  Counter remembered(std::optional<Counter>& kept, CounterId id, LabelValues values);

  Shard& shard_;
  const GatewayMetricIds ids_;
  // Those that were used last. Most requests are like one of the few before.
  std::array<Series, 8> recent_;
};

}  // namespace gatehouse::observe
