#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// Who is calling. The key comes as `Authorization: Bearer`, `x-api-key`, `api-key` or `x-goog-api-key`; two different
// ones in a request are refused, for whoever reads the other would see another caller. Sets Exchange::principal. Where
// the configuration asks for no key (auth.required: false) an unknown one is as good as none.
class Authenticate final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "authenticate"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
