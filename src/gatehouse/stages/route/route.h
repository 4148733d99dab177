#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Where to send the call: the model's targets in an order drawn by their weights, the first to be tried first. A call
// that names no model goes to the only provider there is. Sets Exchange::plan.
class Route final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "route"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
