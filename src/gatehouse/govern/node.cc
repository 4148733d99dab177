#include "gatehouse/govern/node.h"

#include <array>

namespace gatehouse::govern {
namespace {

constexpr auto kNames =
    std::to_array<std::string_view>({"org", "unit", "team", "project", "user", "key", "end_user", "tag", "provider"});
static_assert(kNames.size() == kNodeKindCount);

}  // namespace

std::string_view name(NodeKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<NodeKind> node_kind_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<NodeKind>(i);
  }
  return std::nullopt;
}

}  // namespace gatehouse::govern
