#include "gatehouse/stages/inspect/turn.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/guard/conversation/turn.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::stages {
namespace {

using pipeline::Exchange;
using pipeline::Inspection;

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
bool converses(llm::Operation operation) { return llm::is_chat(operation) || operation == llm::Operation::completions; }

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
  // Without a policy that follows conversations tokens hold for the caller, or in what the field names.
  if (inspection.rules->conversations().empty()) return {};
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

guard::RequestJudgement rule_in_turn(guard::RequestGuard& guard, Inspection& inspection, std::string_view unread,
                                     bool capture) {
  auto* turn = inspection.turn.get();
  if (turn == nullptr || !turn->active()) return guard.rule(inspection.segments, inspection.decisions, unread);
  auto& guarding = inspection.guarding;
  std::vector<guard::RiskEvidence> evidence;
  const guard::Decisions before = inspection.decisions;
  inspection.tighten = turn->before().enforced.tighten;
  for (;;) {
    guard.follow(evidence, inspection.tighten);
    auto judgement = guard.rule(inspection.segments, inspection.decisions, unread);
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

}  // namespace gatehouse::stages
