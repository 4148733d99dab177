#include "gatehouse/stages/converse/converse.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/guard/conversation/turn.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/stages/converse/answer_id.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Inspection;
using pipeline::Verdict;

constexpr std::size_t kMostId = 256;
constexpr std::size_t kMostUser = 64;

// A string's text as it is written: ids have no escapes, and whoever writes one with them starts anew.
std::string_view id_in(const json::Member& member) {
  if (member.kind != json::Kind::string || member.value.size() > kMostId + 2) return {};
  return member.value.substr(1, member.value.size() - 2);
}

// What the responses API says of what the provider has stored.
void read_references(std::string_view body, guard::ConversationAsk& ask) {
  (void)json::walk_object(body, [&](const json::Member& member) {
    if (member.key == "previous_response_id") ask.answer = id_in(member);
    if (member.key != "conversation") return;
    ask.object = id_in(member);
    if (member.kind != json::Kind::object) return;
    (void)json::walk_object(member.value, [&](const json::Member& inner) {
      if (inner.key == "id") ask.object = id_in(inner);
    });
  });
}

// A list of texts to be made numbers of, not words to somebody.
bool converses(llm::Operation operation) {
  return operation == llm::Operation::chat_completions || operation == llm::Operation::completions ||
         operation == llm::Operation::responses;
}

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

Result<> begin_turn(Exchange& exchange, Inspection& inspection) {
  auto& guarding = inspection.guarding;
  if (guarding.book == nullptr || guarding.namer == nullptr) return {};
  guard::ConversationAsk ask;
  ask.header = exchange.head().fields.value("x-gatehouse-conversation");
  if (exchange.head().fields.count("x-gatehouse-conversation") > 1 ||
      (!ask.header.empty() && !guard::is_conversation_header(ask.header))) {
    return fail(Code::invalid_request,
                "x-gatehouse-conversation may be given once, with 1 to 128 visible ASCII characters");
  }
  if (ask.header.empty() && !converses(exchange.operation)) return {};
  ask.caller.tenant = inspection.tenant;
  if (const auto* principal = exchange.principal) {
    ask.caller.caller = principal->user.empty() ? std::string_view(principal->key_name) : principal->user;
  }
  ask.caller.end_user = exchange.call.user;
  ask.now = exchange.wall;
  if (exchange.operation == llm::Operation::responses) {
    ask.answers_have_ids = true;
    read_references(exchange.body, ask);
  }
  inspection.turn = std::make_unique<guard::ConversationTurn>(*guarding.book, *guarding.namer, *inspection.rules,
                                                              inspection.segments, ask);
  if (const std::string id = inspection.turn->id(); !id.empty()) {
    // The name is of this caller and end user alone; they are told for those who erase.
    inspection.scope = std::string(ask.caller.caller) + "/" + exchange.call.user.substr(0, kMostUser) + "/" + id;
  }
  return {};
}

guard::RequestJudgement judge_in_turn(guard::RequestGuard& guard, Inspection& inspection,
                                      base::FunctionRef<bool()> expired, bool capture) {
  auto* turn = inspection.turn.get();
  if (turn == nullptr || !turn->active()) return guard.judge(inspection.segments, expired, inspection.decisions);
  auto& guarding = inspection.guarding;
  std::vector<guard::RiskEvidence> evidence;
  const guard::Decisions before = inspection.decisions;
  inspection.tighten = turn->before().enforced.tighten;
  for (;;) {
    guard.follow(evidence, inspection.tighten);
    auto judgement = guard.judge(inspection.segments, expired, inspection.decisions);
    if (!judgement.refused) {
      judgement.refused = !turn->assemble(guarding.assembly, guarding.inspector, *inspection.redaction,
                                          inspection.tighten, capture, inspection.decisions);
    }
    turn->finish(evidence);
    const auto& steps = turn->verdict().enforced;
    if (judgement.refused || inspection.tighten || !steps.tighten) {
      turn->keep(judgement.refused || steps.end);
      return judgement;
    }
    // The threshold is crossed in this turn, which is judged by the stricter rules, too.
    inspection.tighten = true;
    inspection.decisions = before;
    evidence.clear();
  }
}

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
