#pragma once

#include <string_view>

#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// Holds an answer's content to the schemas of its policies (pipeline/answer_schemas.h). One answer's.
class SchemaCheck {
 public:
  // `rules`: that the answer is judged by; not those of the request where nothing but tokens is put back.
  SchemaCheck(pipeline::Exchange& exchange, const guard::Rules& rules);

  bool any() const { return any_; }
  // Notes what is wrong in the decisions. False: the answer must not go on.
  bool check(std::string_view content);

 private:
  bool against(const pipeline::AnswerSchemas::Miss& miss, std::string_view content);

  pipeline::Exchange& exchange_;
  bool any_ = false;
};

}  // namespace gatehouse::stages
