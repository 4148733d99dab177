#include "gatehouse/govern/principal.h"

#include <array>

namespace gatehouse::govern {
namespace {

constexpr auto kPriorities = std::to_array<std::string_view>({"critical", "high", "normal", "low", "batch"});
static_assert(kPriorities.size() == kPriorityCount);

}  // namespace

std::string_view name(Priority priority) { return kPriorities[static_cast<std::size_t>(priority)]; }

std::optional<Priority> priority_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kPriorities.size(); ++i) {
    if (kPriorities[i] == name) return static_cast<Priority>(i);
  }
  return std::nullopt;
}

std::string tenant_of(const Principal* principal) {
  if (principal != nullptr) {
    if (!principal->team.empty()) return "team:" + principal->team;
    if (!principal->unit.empty()) return "unit:" + principal->unit;
    if (!principal->org.empty()) return "org:" + principal->org;
  }
  return "org:default";
}

}  // namespace gatehouse::govern
