#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Looks at what a request says, as its policies want it: refuses it, puts edits of its body into the exchange, or lets
// it pass as it came. Does nothing where no policy with guards holds.
class Inspect final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "inspect"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
