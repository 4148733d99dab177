#pragma once

#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Finds out which conversation a request belongs to, and what is known of it; from then on tokens hold in that
// conversation. For the inspect stage, once the texts are read. Errors: invalid_request (the field
// x-gatehouse-conversation).
Result<> begin_turn(pipeline::Exchange& exchange, pipeline::Inspection& inspection);

// What RequestGuard::judge says, with what the request's conversation adds to it: stricter rulings, and what its texts
// complete. The conversation's new state is kept.
guard::RequestJudgement judge_in_turn(guard::RequestGuard& guard, pipeline::Inspection& inspection,
                                      base::FunctionRef<bool()> expired, bool capture);

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
