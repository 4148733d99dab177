#include "gatehouse/stages/record/record.h"

#include <cstdint>
#include <string>

#include "gatehouse/observe/access_record.h"

namespace gatehouse::stages {
namespace {

std::int64_t micros(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

void Record::on_finish(pipeline::Exchange& exchange) const {
  const auto now = async::Loop::now();
  const auto& head = exchange.head();
  const auto& outcome = exchange.outcome;
  observe::AccessRecord record;
  record.request_id = base::view(exchange.id);
  record.time = exchange.wall;
  record.client_ip = exchange.client_ip;
  if (exchange.principal != nullptr) {
    record.key_name = exchange.principal->key_name;
    record.team = exchange.principal->team;
    record.project = exchange.principal->project;
    record.user = exchange.principal->user;
    record.metadata = exchange.principal->metadata;
  }
  record.method = head.method_text;
  record.path = head.path;
  if (exchange.operation_known) record.operation = llm::name(exchange.operation);
  if (exchange.has_model) record.model_asked = exchange.call.model;
  record.model_sent = exchange.model_sent;
  if (exchange.provider != nullptr) record.provider = exchange.provider->name;
  record.status = outcome.status;
  if (outcome.failed) record.error = base::code_info(outcome.error).slug;
  record.streamed = exchange.streamed;
  record.bytes_in = exchange.in.body_bytes();
  record.bytes_out = exchange.in.bytes_sent();
  record.attempts = exchange.attempts;
  const auto usage = exchange.usage_in_all();
  record.usage_known = usage.known;
  record.tokens = {.prompt = usage.prompt_tokens,
                   .completion = usage.completion_tokens,
                   .total = usage.total_tokens,
                   .cached = usage.cached_tokens,
                   .reasoning = usage.reasoning_tokens};
  record.finish = outcome.finish;
  if (outcome.first_byte != base::SteadyTime{}) {
    record.time_to_first_byte_us = micros(outcome.first_byte - exchange.started);
  }
  record.duration_us = micros(now - exchange.started);
  record.overhead_us = micros(now - exchange.started - exchange.upstream_time);
  std::string policies;
  std::string findings;
  std::string conversation;
  if (const auto* inspection = exchange.inspection.get()) {
    const auto& decisions = inspection->decisions;
    record.guard = inspection->verdict();
    record.guard_failure = decisions.failure();
    record.guard_repair = pipeline::name(inspection->repair.outcome);
    record.guard_repair_attempts = inspection->repair.attempts;
    inspection->append_policies(policies);
    record.guard_policies = policies;
    if (!decisions.list().empty()) inspection->append_findings(findings);
    record.guard_findings = findings;
    if (inspection->turn != nullptr && inspection->turn->active()) inspection->turn->append_json(conversation);
    record.guard_conversation = conversation;
    auto& metrics = exchange.worker.metrics;
    metrics.guard_verdict(record.guard);
    if (!decisions.failure().empty()) metrics.guard_failed(decisions.failed_closed());
    for (const guard::Decision& decision : decisions.list()) {
      metrics.guard_found(guard::name(decision.finding.family), guard::name(decision.direction),
                          guard::name(decision.ruling.action));
    }
    if (!record.guard_repair.empty()) metrics.guard_repaired(record.guard_repair);
    if (decisions.monitored() > decisions.strictest()) metrics.guard_differs("monitor");
    if (decisions.shadow() > decisions.strictest()) metrics.guard_differs("shadow");
  }
  exchange.worker.metrics.request_finished(
      record, exchange.match ? std::string_view(exchange.match.model->name) : std::string_view());
  if (exchange.worker.activity != nullptr && exchange.principal != nullptr && exchange.principal->node != nullptr) {
    // Nodes live as long as the process: their address is a number that stays, and leads back to who it was.
    const auto who = reinterpret_cast<std::uintptr_t>(exchange.principal->node);
    const auto total = static_cast<std::int64_t>(usage.prompt_tokens + usage.completion_tokens);
    const bool refused = outcome.failed && outcome.finish == observe::Finish::refused;
    exchange.worker.activity->add(who, {total, exchange.accounting.cost().nanos(), refused ? 1 : 0, 0});
  }
  // What finds no room is counted by the writer.
  if (exchange.worker.records != nullptr) (void)exchange.worker.records->append(record);
}

}  // namespace gatehouse::stages
