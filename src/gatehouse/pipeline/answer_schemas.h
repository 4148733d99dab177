#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/guard/schema/answer_schema.h"

namespace gatehouse::pipeline {

class Exchange;

// What policies hold an answer's content to: their own schemas, and the one that the request itself asks for
// (`response_format`, of the responses API `text.format`, Anthropic's output_config.format, Gemini's
// responseJsonSchema). One request's; its rules outlive it.
class AnswerSchemas {
 public:
  // Compiles the request's own, where a policy wants it kept.
  AnswerSchemas(Exchange& exchange, const guard::Rules& rules);

  bool any() const { return any_; }

  // What a content does not satisfy, and what is wrong.
  struct Miss {
    const guard::Rules::Schema* rule;
    const guard::AnswerSchema* schema;
    bool requested;  // it is the request's own
    Error error;
  };
  // In the order of the policies; each schema is looked at once.
  std::vector<Miss> misses(std::string_view content) const;

 private:
  const guard::Rules& rules_;
  std::shared_ptr<const guard::AnswerSchema> requested_;
  bool any_ = false;
};

// Those of the exchange's inspection, made when they are asked for first.
const AnswerSchemas& answer_schemas(Exchange& exchange);

}  // namespace gatehouse::pipeline
