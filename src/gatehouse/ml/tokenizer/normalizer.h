#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/aligned.h"

namespace gatehouse::ml::tokenizer {

// What is made of a text before it is cut. Immutable, any thread.
class Normalizer {
 public:
  // One thread's, for one text or many.
  struct Scratch {
    Aligned text{};
    std::vector<Change> changes{};
    // Bytes that a text may have before the next part of a sequence, and the next replacement, is left out: a file may
    // not blow a text up.
    std::size_t most = 0;
  };

  virtual ~Normalizer() = default;
  virtual void apply(Aligned& text, Scratch& scratch) const = 0;

  // Null where there is none. Errors: configuration, beginning with "normalizer".
  static Result<std::unique_ptr<const Normalizer>> parse(const json::Value& normalizer);
};

}  // namespace gatehouse::ml::tokenizer
