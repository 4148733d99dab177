#pragma once

#include <memory>
#include <string_view>

#include "gatehouse/guard/schema/answer_schema.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// Holds an answer's content to the schemas of its policies and to the one that the request itself asks for
// (`response_format`, of the responses API `text.format`, Anthropic's output_config.format, Gemini's
// responseJsonSchema). One answer's.
class SchemaCheck {
 public:
  // Compiles the request's own, where a policy wants it kept. `rules` outlive it.
  SchemaCheck(pipeline::Exchange& exchange, const guard::Rules& rules);

  bool any() const { return any_; }
  // Notes what is wrong in the decisions. False: the answer must not go on.
  bool check(std::string_view content);

 private:
  bool against(const guard::Rules::Schema& rule, const guard::AnswerSchema& schema, std::string_view content);

  pipeline::Inspection& inspection_;
  const guard::Rules& rules_;
  std::shared_ptr<const guard::AnswerSchema> requested_;
  bool any_ = false;
};

}  // namespace gatehouse::stages
