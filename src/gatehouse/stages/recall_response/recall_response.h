#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Responses that the gateway stores for providers that store none (keep_response): puts the history that
// `previous_response_id` stands for into the request, and items in place of references to them, so that everything
// after it counts and inspects what the model will be told, and answers GET and DELETE for them. What is not stored
// here passes: the provider may know it.
class RecallResponse final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "recall_response"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
