#include "gatehouse/govern/directory/roles.h"

#include <algorithm>
#include <array>

namespace gatehouse::govern {
namespace {

constexpr auto kRoles =
    std::to_array<std::string_view>({"owner", "security-admin", "operator", "developer", "auditor"});
static_assert(kRoles.size() == kRoleCount);

struct Row {
  std::string_view action;
  std::array<bool, kRoleCount> allowed;  // owner, security-admin, operator, developer, auditor
};

// docs/identity.md shows this table.
constexpr bool y = true;
constexpr bool n = false;
constexpr std::array<Row, kActionCount> kTable = {{
    // clang-format off
    {"read_tree",      {y, y, y, y, y}},
    {"write_tree",     {y, n, y, n, n}},
    {"switch_tree",    {y, y, y, n, n}},
    {"read_keys",      {y, y, y, y, y}},
    {"write_keys",     {y, y, y, y, n}},
    {"stop_keys",      {y, y, y, y, n}},
    {"raise_priority", {y, n, y, n, n}},
    {"read_limits",    {y, y, y, y, y}},
    {"write_limits",   {y, n, y, n, n}},
    {"read_usage",     {y, y, y, y, y}},
    {"read_config",    {y, y, y, y, y}},
    {"read_roles",     {y, y, n, n, y}},
    {"write_roles",    {y, y, n, n, n}},
    {"read_audit",     {y, y, n, n, y}},
    {"reveal_values",  {y, y, n, n, n}},
    {"erase_values",   {y, y, n, n, n}},
    // clang-format on
}};

}  // namespace

std::string_view name(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> role_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (kRoles[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

std::string_view name(Action action) { return kTable[static_cast<std::size_t>(action)].action; }

bool allows(Role role, Action action) {
  return kTable[static_cast<std::size_t>(action)].allowed[static_cast<std::size_t>(role)];
}

bool within(const Node* node, const Node* scope) {
  if (scope == nullptr) return true;
  for (; node != nullptr; node = node->parent) {
    if (node == scope) return true;
  }
  return false;
}

bool Actor::may(Action action, const Node* at) const {
  return std::ranges::any_of(grants,
                             [&](const Grant& grant) { return allows(grant.role, action) && within(at, grant.scope); });
}

bool Actor::may_somewhere(Action action) const {
  return std::ranges::any_of(grants, [&](const Grant& grant) { return allows(grant.role, action); });
}

bool Actor::may_grant(Role role, const Node* scope) const {
  if (!may(Action::write_roles, scope)) return false;
  for (std::size_t i = 0; i < kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    if (allows(role, action) && !may(action, scope)) return false;
  }
  return true;
}

}  // namespace gatehouse::govern
