#pragma once

#include <span>

#include "gatehouse/guard/leakage/canary.h"
#include "gatehouse/guard/leakage/system_text.h"

namespace gatehouse::guard {

// What is known of a request when its answer is looked at. A view: the request's inspection owns what it points to and
// outlives every look at the answer. One thread's.
class RequestFacts {
 public:
  // The instructions that must not come out; null: none were given.
  const SystemText* system = nullptr;
  // Markers that were planted in them.
  std::span<const Canary> canaries;
};

}  // namespace gatehouse::guard
