#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/admission/zone.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// A tenant's share at certain hours. `from` and `to` are minutes of the local day, 0 to 1440; a rule whose `from` is
// not before its `to` runs over midnight and belongs to the day on which it begins.
struct WeightRule {
  static constexpr std::uint8_t kEveryDay = 0x7f;
  std::uint8_t days = kEveryDay;  // bit 0 is Monday
  std::uint16_t from = 0;
  std::uint16_t to = 1440;
  std::string time_zone{};  // IANA name; empty: UTC
  NodeKind scope = NodeKind::team;
  std::string scope_id{};  // "*": every node of the kind
  std::uint32_t weight = 1;
};

// Whether the rule's days and hours hold at that local time; hours past midnight belong to the day they began on.
bool in_force(const WeightRule& rule, Zone::Local at);

// The rules in their order; the first that is in force for the tenant or a node above it counts. Immutable; any thread.
class WeightRules {
 public:
  WeightRules() = default;
  // Code::configuration: a zone nobody knows, a weight outside 1 to 1000, minutes out of range, no day.
  static Result<WeightRules> build(std::vector<WeightRule> rules);
  // The weight by rule; nothing where none is in force.
  std::optional<std::uint32_t> weight(const Node* tenant, base::WallTime now) const;

 private:
  struct Entry {
    WeightRule rule;
    Zone zone;
  };
  std::vector<Entry> rules_;
};

}  // namespace gatehouse::govern
