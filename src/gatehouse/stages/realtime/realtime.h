#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Opens realtime sessions: asks the provider for a WebSocket of its own and, once it agrees, takes the request over.
// Until then everything is refused or answered as any request is. Needs the plan, so after route.
class Realtime final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "realtime"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
