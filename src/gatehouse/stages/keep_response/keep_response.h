#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Stores answers of the responses API whose provider speaks another dialect and so stores none, unless the caller says
// `store: false`: as the caller got them, so after release. recall_response finds them.
class KeepResponse final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "keep_response"; }
  void on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const override;
};

}  // namespace gatehouse::stages
