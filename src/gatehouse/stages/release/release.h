#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Lets go of an answer only what its policies have looked at: redacts, restores, or ends it. Comes after what reads the
// provider's own words (meter), so that what is charged is what was said. Does nothing where no policy holds.
class Release final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "release"; }
  void on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const override;
};

}  // namespace gatehouse::stages
