#pragma once

#include <string_view>

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Does what the conversation's risk asks for: a warning, another model, an end. Does nothing where the inspect stage
// found no conversation, or no policy has a section for it.
class Converse final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "converse"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
  // Learns the id of an answer that a later request may name.
  void on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const override;
  void on_finish(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
