#include "gatehouse/pipeline/answer_schemas.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gatehouse/json/value.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::pipeline {
namespace {

// What the request says about the form of its answer.
std::string_view format_of(const Exchange& exchange) {
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
std::string_view gemini_schema(const Exchange& exchange) {
  const json::Value body(exchange.body);
  for (const auto* config : {"generationConfig", "generation_config"}) {
    for (const auto* name : {"responseJsonSchema", "response_json_schema", "_responseJsonSchema"}) {
      if (const json::Value schema = body[config][name]; schema.exists()) return schema.raw();
    }
  }
  return {};
}

}  // namespace

AnswerSchemas::AnswerSchemas(Exchange& exchange, const guard::Rules& rules) : rules_(rules) {
  const auto& own = rules_.schemas();
  any_ = std::ranges::any_of(own, [](const auto& rule) { return rule.schema != nullptr; });
  const bool wanted = std::ranges::any_of(own, [](const auto& rule) { return rule.guard().requested; });
  if (!wanted || !exchange.call_read) return;
  const std::string_view schema =
      exchange.dialect == llm::Dialect::gemini ? gemini_schema(exchange) : guard::requested_schema(format_of(exchange));
  if (schema.empty()) return;
  auto compiled = guard::AnswerSchema::compile(schema);
  if (!compiled) {
    // The provider judges by it too; what cannot be read here is told and not enforced.
    exchange.inspection->decisions.add_failure("the schema that the request asks for could not be read", false);
    return;
  }
  requested_ = std::move(*compiled);
  any_ = true;
}

std::vector<AnswerSchemas::Miss> AnswerSchemas::misses(std::string_view content) const {
  std::vector<Miss> found;
  std::optional<Result<>> requested;
  for (const auto& rule : rules_.schemas()) {
    if (rule.schema) {
      if (auto passes = rule.schema->check(content); !passes) {
        found.push_back({&rule, rule.schema.get(), false, std::move(passes.error())});
      }
    }
    if (!requested_ || !rule.guard().requested) continue;
    if (!requested) requested = requested_->check(content);
    if (!*requested) found.push_back({&rule, requested_.get(), true, requested->error()});
  }
  return found;
}

const AnswerSchemas& answer_schemas(Exchange& exchange) {
  auto& inspection = *exchange.inspection;
  if (!inspection.schemas) inspection.schemas = std::make_unique<AnswerSchemas>(exchange, *inspection.rules);
  return *inspection.schemas;
}

}  // namespace gatehouse::pipeline
