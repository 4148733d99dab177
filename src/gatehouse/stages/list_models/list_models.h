#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Answers GET /v1/models and /v1/models/{id} from the configuration: the models that this principal may use, by the
// names that callers ask for. Wildcards are not listed, but a name that one matches is found.
class ListModels final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "list_models"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
