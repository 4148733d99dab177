#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Reads usage, finish reason and errors out of a provider's answer as it passes, counts what is delivered, and settles
// the account before the last of it goes out. Changes nothing but this: the usage event that only the gateway asked for
// is left out, and a stream that outgrows what was paid for is ended in the dialect's good order. A stream of chat
// that its provider ended without [DONE] or a finish reason, by closing a connection that tells no length, was cut:
// that is an error.
class Meter final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "meter"; }
  void on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const override;
};

}  // namespace gatehouse::stages
