#pragma once

#include <cstddef>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/ml/model.h"

namespace gatehouse::app {

// A text read by a model and nobody else: no memory, no linear model before it. On the caller's thread.
struct ReadAlone {
  ml::Reading reading{};
  std::size_t tokens = 0;  // of all windows, the model's own counted
  std::size_t windows = 0;
  double milliseconds = 0;  // tokenizer and model
};
// `context`: what it is read beside, where the model takes one. At most kMostWindows are read. Errors: those of
// Model::read.
Result<ReadAlone> read_alone(const ml::Model& model, std::string_view text, ml::Wants wants,
                             std::string_view context = {});

}  // namespace gatehouse::app
