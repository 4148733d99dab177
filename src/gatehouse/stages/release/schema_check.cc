#include "gatehouse/stages/release/schema_check.h"

#include <algorithm>

#include "gatehouse/json/value.h"

namespace gatehouse::stages {
namespace {

// What the request says about the form of its answer.
std::string_view format_of(const pipeline::Exchange& exchange) {
  const json::Value body(exchange.body);
  switch (exchange.operation) {
    case llm::Operation::responses:
      return body["text"]["format"].raw();
    case llm::Operation::messages: {
      const json::Value format = body["output_config"]["format"];
      return format.exists() ? format.raw() : body["output_format"].raw();
    }
    default:
      return body["response_format"].raw();
  }
}

// Gemini's callers give a JSON Schema as it is. (`responseSchema` is another language, which the provider keeps.)
std::string_view gemini_schema(const pipeline::Exchange& exchange) {
  const json::Value body(exchange.body);
  for (const auto* config : {"generationConfig", "generation_config"}) {
    for (const auto* name : {"responseJsonSchema", "response_json_schema", "_responseJsonSchema"}) {
      if (const json::Value schema = body[config][name]; schema.exists()) return schema.raw();
    }
  }
  return {};
}

}  // namespace

SchemaCheck::SchemaCheck(pipeline::Exchange& exchange, const guard::Rules& own)
    : inspection_(*exchange.inspection), rules_(own) {
  const auto& rules = rules_.schemas();
  any_ = std::ranges::any_of(rules, [](const auto& rule) { return rule.schema != nullptr; });
  const bool wanted = std::ranges::any_of(rules, [](const auto& rule) { return rule.guard().requested; });
  if (!wanted || !exchange.call_read) return;
  const std::string_view schema =
      exchange.dialect == llm::Dialect::gemini ? gemini_schema(exchange) : guard::requested_schema(format_of(exchange));
  if (schema.empty()) return;
  auto compiled = guard::AnswerSchema::compile(schema);
  if (!compiled) {
    // The provider judges by it too; what cannot be read here is told and not enforced.
    inspection_.decisions.add_failure("the schema that the request asks for could not be read", false);
    return;
  }
  requested_ = std::move(*compiled);
  any_ = true;
}

bool SchemaCheck::check(std::string_view content) {
  bool passes = true;
  for (const auto& rule : rules_.schemas()) {
    if (rule.schema && !against(rule, *rule.schema, content)) passes = false;
    if (requested_ && rule.guard().requested && !against(rule, *requested_, content)) passes = false;
  }
  return passes;
}

bool SchemaCheck::against(const guard::Rules::Schema& rule, const guard::AnswerSchema& schema,
                          std::string_view content) {
  if (schema.check(content)) return true;
  const auto& guard = rule.guard();
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
  inspection_.decisions.add(decision);
  return decision.ruling.action != guard::Action::block;
}

}  // namespace gatehouse::stages
