#include "gatehouse/stages/converse/converse.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/guard/conversation/turn.h"
#include "gatehouse/stages/converse/answer_id.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Verdict;

bool reaches(const Exchange& exchange, const config::ModelMatch& match) {
  const auto* principal = exchange.principal;
  if (principal == nullptr) return true;
  return std::ranges::all_of(match.model->targets, [&](const auto& target) {
    const auto& at = exchange.config().providers[target.provider];
    return principal->providers.admits(at.name) && principal->regions.admits(at.region);
  });
}

void warn(Exchange& exchange, std::string_view what) {
  auto& warnings = exchange.accounting.warnings;
  if (!warnings.empty()) warnings += "; ";
  warnings += what;
}

Verdict over(Exchange& exchange) {
  exchange.inspection->ended = true;
  return pipeline::refuse(Code::content_blocked, "The conversation was ended by policy");
}

}  // namespace

Eventually<Verdict> Converse::on_request(Exchange& exchange) const {
  auto* inspection = exchange.inspection.get();
  if (inspection == nullptr || inspection->turn == nullptr || !inspection->turn->active()) return Verdict(Continue{});
  const guard::ConversationTurn& turn = *inspection->turn;
  const auto& steps = turn.verdict().enforced;
  if (turn.ended() || steps.end) return over(exchange);
  if (steps.reroute && exchange.match && exchange.match.model->name != turn.verdict().model) {
    const auto match = exchange.config().find_model(turn.verdict().model);
    if (!match || !reaches(exchange, match)) {
      return Verdict(pipeline::refuse(Code::content_blocked,
                                      "By policy this conversation may go on with another model only, which this API "
                                      "key cannot reach"));
    }
    exchange.match = match;
  }
  if (steps.warn) warn(exchange, "conversation risk");
  return Verdict(Continue{});
}

void Converse::on_answer(Exchange& exchange, pipeline::Answer& answer) const {
  auto* inspection = exchange.inspection.get();
  if (inspection == nullptr || inspection->turn == nullptr || !inspection->turn->active()) return;
  if (exchange.operation != llm::Operation::responses || exchange.provider == nullptr || exchange.outcome.failed)
    return;
  answer.body = learn_answer_id(std::move(answer.body), *inspection);
}

void Converse::on_finish(Exchange& exchange) const {
  auto* inspection = exchange.inspection.get();
  if (inspection == nullptr || inspection->turn == nullptr || !inspection->turn->active()) return;
  guard::ConversationTurn& turn = *inspection->turn;
  if (turn.ended()) {
    exchange.worker.metrics.conversation_step("end");
    return;
  }
  if (const auto step = turn.verdict().enforced.strongest(); step != guard::ConversationStep::none) {
    exchange.worker.metrics.conversation_step(guard::name(step));
  }
  std::vector<guard::RiskEvidence> evidence;
  for (const guard::Decision& decision : inspection->decisions.list()) {
    if (decision.direction != guard::Direction::response) continue;
    evidence.push_back({.family = decision.finding.family,
                        .score = decision.finding.score,
                        .action = std::max(decision.ruling.action, decision.ruling.monitored),
                        .segment = decision.place});
  }
  turn.answered(evidence);
}

}  // namespace gatehouse::stages
