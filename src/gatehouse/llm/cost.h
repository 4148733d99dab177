#pragma once

#include "gatehouse/base/money.h"

namespace gatehouse::llm {

// What one call cost, by kind. The parts do not overlap: `input` is for prompt tokens that were neither read from nor
// written to a cache, `output` for completion tokens that were no reasoning where that has a price of its own.
struct Cost {
  base::Money input;
  base::Money cached;       // prompt tokens read from the provider's cache
  base::Money cache_write;  // prompt tokens written to it
  base::Money output;
  base::Money reasoning;
  base::Money audio;    // either way
  base::Money request;  // per call, per image, per search: whatever is not by token

  base::Money total() const { return input + cached + cache_write + output + reasoning + audio + request; }
  bool operator==(const Cost&) const = default;
};

}  // namespace gatehouse::llm
