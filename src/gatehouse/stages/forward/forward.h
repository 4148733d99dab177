#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Sends the call and replies with the provider's answer. The caller's bytes go on as they are but for the model's name
// where the target calls it otherwise; the answer comes back likewise. The next target of the plan is tried only while
// nothing can have reached a model: when no connection could be made.
class Forward final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "forward"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
  // To the target that answered, and no other.
  Eventually<pipeline::Verdict> on_repeat(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
