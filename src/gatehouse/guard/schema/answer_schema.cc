#include "gatehouse/guard/schema/answer_schema.h"

#include <utility>

#include "gatehouse/guard/schema/compiled.h"
#include "gatehouse/json/value.h"

namespace gatehouse::guard {
namespace {

class Schema final : public AnswerSchema {
 public:
  Schema(schema::Compiled compiled, std::string_view source) : compiled_(std::move(compiled)), source_(source) {}
  Result<> check(std::string_view answer) const override { return schema::check(compiled_, answer); }
  std::string_view source() const override { return source_; }

 private:
  schema::Compiled compiled_;
  std::string source_;
};

}  // namespace

Result<std::shared_ptr<const AnswerSchema>> AnswerSchema::compile(std::string_view schema, const SchemaLimits& limits) {
  auto compiled = schema::compile(schema, limits);
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  return std::shared_ptr<const AnswerSchema>(std::make_shared<Schema>(*std::move(compiled), schema));
}

std::string_view requested_schema(std::string_view format) {
  const json::Value value(format);
  const std::string type = value["type"].string_or("");
  if (type == "json_object") return R"({"type":"object"})";
  if (type != "json_schema") return {};
  // Chat completions have it a level deeper than responses.
  if (const json::Value inner = value["json_schema"]["schema"]; inner.exists()) return inner.raw();
  if (const json::Value inner = value["schema"]; inner.exists()) return inner.raw();
  return {};
}

std::string repair_message(const Error& error, std::string_view schema) {
  std::string out = "Your last answer did not satisfy the JSON Schema that it must follow. At ";
  out += error.detail;
  out +=
      ".\nAnswer again: one JSON value that satisfies the schema, complete, with no text or code fence around it. Keep "
      "what was right.";
  if (!schema.empty() && schema.size() <= kMostShownSchema) out.append("\nThe schema:\n").append(schema);
  return out;
}

}  // namespace gatehouse::guard
