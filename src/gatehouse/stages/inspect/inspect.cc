#include "gatehouse/stages/inspect/inspect.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/async/event.h"
#include "gatehouse/dialects/openai_chat/segments.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/json/string_map.h"
#include "gatehouse/stages/inspect/shape.h"
#include "gatehouse/stages/inspect/turn.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Inspection;
using pipeline::Refuse;
using pipeline::Verdict;

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

// Whose vault and conversations: callers of one team share them, others never.
std::string tenant_of(const guard::Asked& asked) {
  if (!asked.team.empty()) return "team:" + std::string(asked.team);
  if (!asked.unit.empty()) return "unit:" + std::string(asked.unit);
  return "org:" + (asked.org.empty() ? std::string("default") : std::string(asked.org));
}

Refuse blocked(const Inspection& inspection) {
  std::string detail = "The request was blocked by policy";
  const std::string by = inspection.decisions.blockers();
  if (!by.empty()) {
    detail += ": " + by;
  } else if (!inspection.decisions.failure().empty()) {
    detail += ": it could not be judged (" + std::string(inspection.decisions.failure()) + ")";
  }
  return pipeline::refuse(Code::content_blocked, std::move(detail));
}

Verdict judge(Exchange& exchange) {
  Inspection& inspection = *exchange.inspection;
  const auto& settings = exchange.config().guard;
  inspection.redaction.emplace(
      inspection.guarding.keys, inspection.guarding.vault,
      guard::RedactScope{.tenant = inspection.tenant,
                         .conversation = inspection.rules->per_tenant() ? std::string_view() : inspection.scope,
                         .owner = exchange.call.user,
                         .retention = std::chrono::duration_cast<std::chrono::seconds>(settings.retention)},
      exchange.wall);
  guard::RequestGuard guard(*inspection.rules, inspection.guarding.inspector, *inspection.redaction,
                            &inspection.guarding.judged, settings.capture);
  const base::SteadyTime until = async::Loop::now() + base::Duration(settings.budget);
  const auto judgement = judge_in_turn(guard, inspection, [&] { return async::Loop::now() > until; }, settings.capture);
  if (judgement.refused) return blocked(inspection);
  std::vector<json::TextEdit> edits;
  for (const auto& edited : judgement.edited) {
    const llm::Segment& segment = inspection.segments.segments[edited.segment];
    edits.clear();
    for (const auto& edit : edited.edits) {
      inspection.owned.push_back(edit.text);
      edits.push_back({edit.begin, edit.end, inspection.owned.back()});
    }
    json::append_edits(exchange.body, segment.offset, segment.length, edits, inspection.edits, inspection.owned);
  }
  // Answers are held against what the provider was told.
  for (const llm::Segment& segment : inspection.segments.segments) {
    if (segment.role == llm::Role::system && segment.kind == llm::SegmentKind::text)
      inspection.system.add(segment.text);
  }
  if (!inspection.system.empty()) inspection.facts.system = &inspection.system;
  inspection.facts.canaries = inspection.canaries;
  if (inspection.rules->restores() && inspection.guarding.vault != nullptr) {
    inspection.restoring.emplace(*inspection.guarding.vault, inspection.tenant,
                                 inspection.rules->per_tenant() ? std::string_view() : inspection.scope, exchange.wall);
  }
  return Continue{};
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

// Told on the vault's thread, awaited on the request's.
class Fetched final : public std::enable_shared_from_this<Fetched> {
 public:
  explicit Fetched(async::Loop& loop) : loop_(loop), event_(loop) {}
  void done() {
    loop_.post([self = shared_from_this()] { self->event_.set(); });
  }
  Task<bool> wait(async::AbortSource& abort) { co_return co_await event_.wait(&abort); }

 private:
  async::Loop& loop_;
  async::Event event_;
};

Task<Verdict> fetch_and_judge(Exchange& exchange, std::shared_ptr<Fetched> fetched) {
  if (!co_await fetched->wait(exchange.in.abort())) {
    co_return Refuse{.error = {exchange.in.abort().error()}, .fields = {}};
  }
  co_return judge(exchange);
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
  if (!exchange.call_read) {
    if (exchange.head().framing == http::Framing::none) return Verdict(Continue{});
    // A form or a file: nothing in it is looked at.
    const bool closed = inspection.rules->fails_closed(guard::Direction::request);
    inspection.decisions.add_failure("uploads are not looked at", closed);
    if (closed) return Verdict(blocked(inspection));
    return Verdict(Continue{});
  }
  inspection.tenant = tenant_of(asked);
  inspection.scope = scope_of(exchange);
  dialects::openai_chat::read_segments(exchange.operation, exchange.body, inspection.segments);
  if (auto fits = check_shape(exchange, inspection); !fits) {
    return Verdict(Refuse{.error = {std::move(fits.error())}, .fields = {}});
  }
  if (auto begun = begin_turn(exchange, inspection); !begun) {
    return Verdict(Refuse{.error = {std::move(begun.error())}, .fields = {}});
  }
  // It is refused by the converse stage; nothing of it needs to be looked at.
  if (inspection.turn != nullptr && inspection.turn->ended()) return Verdict(Continue{});
  if (inspection.segments.unread > 0) {
    const bool closed = inspection.rules->fails_closed(guard::Direction::request);
    inspection.decisions.add_failure("texts given as token numbers are not looked at", closed);
    if (closed) return Verdict(blocked(inspection));
  }
  if (inspection.rules->restores() && guarding->vault != nullptr) {
    if (const auto tokens = tokens_in(inspection.segments); !tokens.empty()) {
      const auto fetched = std::make_shared<Fetched>(exchange.worker.loop);
      const auto waits = guarding->vault->preload(inspection.tenant, tokens, exchange.wall,
                                                  [fetched](const Result<>&) { fetched->done(); });
      // What cannot be fetched stays a token: nothing is given away by that.
      if (waits && *waits) return fetch_and_judge(exchange, fetched);
    }
  }
  return judge(exchange);
}

}  // namespace gatehouse::stages
