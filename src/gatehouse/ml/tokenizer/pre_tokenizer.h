#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/added_tokens.h"
#include "gatehouse/ml/tokenizer/aligned.h"

namespace gatehouse::ml::tokenizer {

// A text and where it is cut: stretches of it in order, perhaps with gaps. Those that are an added token (an id) are
// left as they are. One thread's.
struct Cut {
  using Stretch = AddedTokens::Stretch;
  Aligned text{};
  std::vector<Stretch> stretches{};
};

// Cuts a text into pre-tokens, each of which the model reads by itself. Immutable, any thread.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  // `scratch` may hold anything, before and after.
  virtual void apply(Cut& cut, Cut& scratch) const = 0;

  // Null where there is none. Errors: configuration, beginning with "pre_tokenizer".
  static Result<std::unique_ptr<const PreTokenizer>> parse(const json::Value& pre_tokenizer);
};

}  // namespace gatehouse::ml::tokenizer
