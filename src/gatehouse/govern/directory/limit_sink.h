#pragma once

#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/govern/limit.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// Who enforces limits (Admission, through app; a fake in tests). Control thread. The directory calls it with all limits
// of a node whenever one of them changed, and at the start.
class LimitSink {
 public:
  virtual ~LimitSink() = default;
  // Whether `set` would take them; nothing changes. Code::invalid_request, e.g. for an unknown time zone.
  virtual Result<> check(const Node& node, const std::vector<Limit>& limits) = 0;
  // From now on these and no others hold at the node; counts of limits whose id stays go on. Cannot fail after `check`.
  virtual void set(const Node& node, std::vector<Limit> limits) = 0;
};

}  // namespace gatehouse::govern
