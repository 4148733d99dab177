#pragma once

#include "gatehouse/pipeline/stage.h"

namespace gatehouse::stages {

// What is asked: the operation from method and path, and of a JSON body the model, whether a stream is wanted, and
// where in the bytes the model stands. Bodies of operations that are read (llm::is_read) are read strictly, in the
// caller's dialect; of other operations only the model is looked for; uploads (forms and octet streams) are left for
// forward to pull. Sets Exchange::operation, dialect, call, body.
class Decode final : public pipeline::Stage {
 public:
  std::string_view name() const override { return "decode"; }
  Eventually<pipeline::Verdict> on_request(pipeline::Exchange& exchange) const override;
};

}  // namespace gatehouse::stages
