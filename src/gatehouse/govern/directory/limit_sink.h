#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/govern/limit.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// Where one limit stands in its current window.
struct LimitUse {
  std::string id;
  std::int64_t used = 0;
  std::int64_t held = 0;  // by requests in flight
};

// Who enforces limits (Admission, through app; a fake in tests). Control thread. LimitBook calls it with all limits of
// a node whenever one of them changed, and at the start.
class LimitSink {
 public:
  virtual ~LimitSink() = default;
  // Whether `set` would take them for a node of this kind; nothing changes. Any error's detail goes to the caller, e.g.
  // for an unknown time zone.
  virtual Result<> check(NodeKind kind, const std::vector<Limit>& limits) = 0;
  // From now on these and no others hold at the node; counts of limits whose id stays go on. Cannot fail after `check`.
  virtual void set(const Node& node, std::vector<Limit> limits) = 0;
  // The same for each of this kind that has none of its own ("key:*", "end_user:*").
  virtual void set_template(NodeKind kind, std::vector<Limit> limits) = 0;
  virtual std::vector<LimitUse> uses(const Node& node) = 0;
};

}  // namespace gatehouse::govern
