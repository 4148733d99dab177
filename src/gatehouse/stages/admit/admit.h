#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Whether somebody can pay for it: counts the prompt, holds what the call may cost at worst on every limit above the
// caller, waits in the queue where that helps, and puts a cheaper model in place where a soft limit says so. Before
// route, so that what is decided about the model decides where it goes. Sets Exchange::accounting and tags.
class Admit final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "admit"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
  // Settles what was not settled when the last of the answer passed.
  void on_finish(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
