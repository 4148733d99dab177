#include "gatehouse/stages/inspect/inspect.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/dialects/segments.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/pipeline/callouts.h"
#include "gatehouse/pipeline/meaning.h"
#include "gatehouse/pipeline/told.h"
#include "gatehouse/stages/inspect/edit_body.h"
#include "gatehouse/stages/inspect/shape.h"
#include "gatehouse/stages/inspect/shown_texts.h"
#include "gatehouse/stages/inspect/turn.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Inspection;
using pipeline::Refuse;
using pipeline::Verdict;

constexpr std::string_view kUploads = "uploads are not looked at";

// Nothing is said in them.
bool says_nothing(llm::Operation operation) {
  return operation == llm::Operation::models_list || operation == llm::Operation::model_get;
}

guard::Asked asked_by(const Exchange& exchange) {
  guard::Asked asked;
  if (const auto* principal = exchange.principal) {
    asked.org = principal->org;
    asked.unit = principal->unit;
    asked.team = principal->team;
    asked.project = principal->project;
    asked.user = principal->user;
    asked.key = principal->key_name;
  }
  asked.model = exchange.call.model;
  asked.operation = llm::name(exchange.operation);
  asked.tags = exchange.tags;
  asked.now = exchange.wall;
  return asked;
}

Refuse blocked(const Inspection& inspection) {
  return pipeline::refuse(Code::content_blocked, inspection.blocked_detail("request"));
}

// What the answer will be looked at with.
void prepare(Exchange& exchange) {
  Inspection& inspection = *exchange.inspection;
  const std::string_view scope = inspection.rules->per_tenant() ? std::string_view() : inspection.scope;
  const auto retention = std::chrono::duration_cast<std::chrono::seconds>(exchange.config().guard.retention);
  inspection.redaction.emplace(
      inspection.guarding.keys, inspection.guarding.vault,
      guard::RedactScope{.tenant = inspection.tenant,
                         .conversation = scope,
                         .owner = std::string_view(exchange.call.user).substr(0, guard::Vault::kMostName),
                         .retention = retention},
      exchange.wall);
  if (inspection.rules->restores() && inspection.guarding.vault != nullptr) {
    inspection.restoring.emplace(*inspection.guarding.vault, inspection.tenant, scope, exchange.wall);
  }
}

// What is left to be done once everybody has judged: the edits of the body, and what the answer is held against.
Verdict pass(Exchange& exchange, const std::vector<guard::RequestJudgement::Edited>& edited) {
  Inspection& inspection = *exchange.inspection;
  edit_body(exchange, inspection, edited);
  // Answers are held against what the provider was told.
  for (const llm::Segment& segment : inspection.segments.segments) {
    if (segment.role == llm::Role::system && segment.kind == llm::SegmentKind::text)
      inspection.system.add(segment.text);
  }
  if (!inspection.system.empty()) inspection.facts.system = &inspection.system;
  inspection.facts.canaries = inspection.canaries;
  return Continue{};
}

Task<Verdict> ask_and_pass(Exchange& exchange, std::vector<const pipeline::CalloutLine*> lines,
                           std::vector<guard::RequestJudgement::Edited> edited) {
  Inspection& inspection = *exchange.inspection;
  // They are shown what the provider would be told.
  ShownTexts shown(inspection.segments, edited);
  const auto outcome =
      co_await pipeline::ask_callouts(exchange, guard::Direction::request, std::move(lines), shown.texts());
  if (exchange.in.abort().aborted()) co_return Refuse{.error = {exchange.in.abort().error()}, .fields = {}};
  if (outcome.refused) co_return blocked(inspection);
  if (!shown.replace(outcome.replacements, edited)) {
    inspection.decisions.add_failure("something to be redacted stands where nothing can be changed", true);
    co_return blocked(inspection);
  }
  co_return pass(exchange, edited);
}

// False: some texts wait for a model. The time for patterns is a look's; the models' is another.
bool look(const Exchange& exchange, guard::RequestGuard& guard) {
  const base::SteadyTime until = async::Loop::now() + base::Duration(exchange.config().guard.budget);
  return guard.look(exchange.inspection->segments, [&] { return async::Loop::now() > until; });
}

Eventually<Verdict> rule(Exchange& exchange, guard::RequestGuard& guard) {
  Inspection& inspection = *exchange.inspection;
  std::string_view unread = guard::RequestGuard::kUnread;
  if (inspection.meaning != nullptr && !inspection.meaning->failure().empty()) unread = inspection.meaning->failure();
  auto judgement = rule_in_turn(guard, inspection, unread, exchange.config().guard.capture);
  inspection.meaning.reset();
  if (judgement.refused) return Verdict(blocked(inspection));
  auto lines = inspection.callouts(guard::Direction::request);
  if (lines.empty()) return pass(exchange, judgement.edited);
  if (!inspection.segments.complete && inspection.fails_closed(guard::Direction::request)) {
    inspection.decisions.add_failure("the request holds more texts than can be looked at", true);
    return Verdict(blocked(inspection));
  }
  return ask_and_pass(exchange, std::move(lines), std::move(judgement.edited));
}

Task<Verdict> read_and_rule(Exchange& exchange, guard::RequestGuard guard) {
  ml::Inquiry& meaning = *exchange.inspection->meaning;
  if (co_await pipeline::await_answers(exchange, meaning) == pipeline::Answered::aborted) {
    co_return Refuse{.error = {exchange.in.abort().error()}, .fields = {}};
  }
  if (!look(exchange, guard)) {
    // Something else was asked now (the models were replaced in between): once is enough.
    meaning.give_up();
    (void)look(exchange, guard);
  }
  auto e = rule(exchange, guard);
  co_return e.ready() ? e.take() : co_await e.task();
}

Eventually<Verdict> judge(Exchange& exchange) {
  Inspection& inspection = *exchange.inspection;
  prepare(exchange);
  guard::RequestGuard guard(*inspection.rules, inspection.guarding.inspector, *inspection.redaction,
                            &inspection.guarding.judged, exchange.config().guard.capture);
  inspection.meaning = inspection.guarding.inquire(inspection.rules->asks(guard::Direction::request));
  if (inspection.meaning != nullptr) guard.ask(*inspection.meaning, inspection.guarding.models());
  if (look(exchange, guard)) return rule(exchange, guard);
  return read_and_rule(exchange, std::move(guard));
}

// Tokens that came back with the history: their values may have to be fetched before the answer can be restored.
std::vector<guard::TokenId> tokens_in(const llm::SegmentList& segments) {
  std::vector<guard::TokenId> tokens;
  for (const llm::Segment& segment : segments.segments) {
    if (tokens.size() >= guard::Vault::kMostPreload) break;
    (void)guard::find_tokens(segment.text, guard::Vault::kMostPreload - tokens.size(),
                             [&](std::size_t, std::size_t, const guard::TokenId& id) { tokens.push_back(id); });
  }
  return tokens;
}

Task<Verdict> fetch_and_judge(Exchange& exchange, std::shared_ptr<pipeline::Told> fetched) {
  if (!co_await fetched->event().wait(&exchange.in.abort())) {
    co_return Refuse{.error = {exchange.in.abort().error()}, .fields = {}};
  }
  auto e = judge(exchange);
  co_return e.ready() ? e.take() : co_await e.task();
}

}  // namespace

Eventually<Verdict> Inspect::on_request(Exchange& exchange) const {
  auto* guarding = exchange.runtime->guarding.get();
  if (guarding == nullptr || says_nothing(exchange.operation)) return Verdict(Continue{});
  const guard::Asked asked = asked_by(exchange);
  auto rules = guarding->policies.find(asked);
  if (rules->empty()) return Verdict(Continue{});
  exchange.inspection = std::make_unique<Inspection>(std::move(rules), *guarding);
  Inspection& inspection = *exchange.inspection;
  inspection.tenant = govern::tenant_of(exchange.principal);
  inspection.scope = scope_of(exchange);
  // What describes a file can be read, what follows cannot: told before the provider hears of it.
  if (exchange.upload && exchange.upload->start && inspection.fails_closed(guard::Direction::request)) {
    inspection.decisions.add_failure(kUploads, true);
    return Verdict(blocked(inspection));
  }
  if (!exchange.call_read) {
    const auto& head = exchange.head();
    if (head.framing == http::Framing::none || (head.framing == http::Framing::length && head.content_length == 0)) {
      // Nothing is said; what is answered may be what was said before.
      prepare(exchange);
      return Verdict(Continue{});
    }
    // A form or a file: nothing in it is looked at.
    const bool closed = inspection.fails_closed(guard::Direction::request);
    inspection.decisions.add_failure(kUploads, closed);
    if (closed) return Verdict(blocked(inspection));
    prepare(exchange);
    return Verdict(Continue{});
  }
  dialects::read_segments(exchange.dialect, exchange.operation, exchange.body, inspection.segments);
  if (auto fits = check_shape(exchange, inspection); !fits) {
    return Verdict(Refuse{.error = {std::move(fits.error())}, .fields = {}});
  }
  if (auto begun = begin_turn(exchange, inspection); !begun) {
    return Verdict(Refuse{.error = {std::move(begun.error())}, .fields = {}});
  }
  // It is refused by the converse stage; nothing of it needs to be looked at.
  if (inspection.turn != nullptr && inspection.turn->ended()) return Verdict(Continue{});
  if (exchange.call.in_file) {
    const bool closed = inspection.fails_closed(guard::Direction::request);
    inspection.decisions.add_failure("the requests of a batch in a file are not looked at", closed);
    if (closed) return Verdict(blocked(inspection));
  }
  if (inspection.segments.unread > 0) {
    const bool closed = inspection.fails_closed(guard::Direction::request);
    inspection.decisions.add_failure("texts given as token numbers are not looked at", closed);
    if (closed) return Verdict(blocked(inspection));
  }
  if (inspection.rules->restores() && guarding->vault != nullptr) {
    if (const auto tokens = tokens_in(inspection.segments); !tokens.empty()) {
      const auto fetched = std::make_shared<pipeline::Told>(exchange.worker.loop);
      const auto waits = guarding->vault->preload(inspection.tenant, tokens, exchange.wall,
                                                  [fetched](const Result<>&) { fetched->done(); });
      // What cannot be fetched stays a token: nothing is given away by that.
      if (waits && *waits) return fetch_and_judge(exchange, fetched);
    }
  }
  return judge(exchange);
}

}  // namespace gatehouse::stages
