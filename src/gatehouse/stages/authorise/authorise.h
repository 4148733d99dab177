#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// May this principal use this operation and this model, and is there such a model. Sets Exchange::match. A principal
// that is limited to some models may not use an operation whose model cannot be read, but for what his own tenant has
// stored here: another's is not found.
class Authorise final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "authorise"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
