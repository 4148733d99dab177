#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Asks the model again for an answer that misses its schema, where a policy says so: the answer is held whole, and the
// call is made once more with the answer and what is wrong with it behind the caller's conversation. What goes on is
// the last answer; whether that may pass is for release to say. Comes after meter, so that each call is charged with
// what it came to, and before release, so that schemas are held against what the model said.
class Repair final : public pipeline::Stage {
 public:
  std::string_view name() const override { return kName; }
  void on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const override;

  static constexpr std::string_view kName = "repair";
};

}  // namespace gatehouse::stages
