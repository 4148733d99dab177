#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// What remains of a request: metrics, and a line in the access log where there is one.
class Record final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "record"; }
  void on_finish(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
