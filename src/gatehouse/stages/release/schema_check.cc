#include "gatehouse/stages/release/schema_check.h"

#include <algorithm>

namespace gatehouse::stages {

SchemaCheck::SchemaCheck(pipeline::Exchange& exchange, const guard::Rules& rules) : exchange_(exchange) {
  if (!rules.schemas().empty()) any_ = pipeline::answer_schemas(exchange).any();
}

bool SchemaCheck::check(std::string_view content) {
  bool passes = true;
  for (const auto& miss : pipeline::answer_schemas(exchange_).misses(content)) {
    passes = against(miss, content) && passes;
  }
  return passes;
}

bool SchemaCheck::against(const pipeline::AnswerSchemas::Miss& miss, std::string_view content) {
  const auto& guard = miss.rule->guard();
  guard::Decision decision;
  decision.finding = {.family = guard::Family::schema,
                      .entity = "SCHEMA",
                      .detector = "schema",
                      .begin = 0,
                      .end = content.size(),
                      .score = 1};
  decision.direction = guard::Direction::response;
  decision.role = llm::Role::assistant;
  switch (guard.mode) {
    case config::GuardMode::enforce:
      // Nothing of it can be redacted into being right.
      decision.ruling.action = guard.action == guard::Action::redact ? guard::Action::block : guard.action;
      break;
    case config::GuardMode::monitor:
      decision.ruling.monitored = guard.action;
      break;
    case config::GuardMode::shadow:
      decision.ruling.shadow = guard.action;
      break;
  }
  decision.ruling.monitored = std::max(decision.ruling.monitored, decision.ruling.action);
  decision.ruling.shadow = std::max(decision.ruling.shadow, decision.ruling.action);
  exchange_.inspection->decisions.add(decision);
  return decision.ruling.action != guard::Action::block;
}

}  // namespace gatehouse::stages
