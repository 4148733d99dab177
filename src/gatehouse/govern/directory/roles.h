#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// What somebody may do on the admin API, from whole to little. The names are part of the public surface.
enum class Role : std::uint8_t { owner, security_admin, operator_, developer, auditor };
inline constexpr std::size_t kRoleCount = 5;
std::string_view name(Role role);  // "owner", "security-admin", "operator" ...
std::optional<Role> role_from_name(std::string_view name);

// What is asked for. Each route of the admin API names one; what it is asked on is a node of the tree, or all of it.
enum class Action : std::uint8_t {
  read_tree,       // nodes and their settings
  write_tree,      // make, change
  switch_tree,     // disable, enable, offboard
  read_keys,       // never the key itself
  write_keys,      // make, change, rotate
  stop_keys,       // block, unblock, revoke
  raise_priority,  // give a key more than normal priority or weight
  read_limits,
  write_limits,
  read_usage,
  read_config,  // providers, models, configuration; without secrets
  read_roles,
  write_roles,    // role bindings and admin keys
  read_audit,     // the change log
  reveal_values,  // behind tokens
  erase_values,
};
inline constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::erase_values) + 1;
std::string_view name(Action action);

// The one table, role by action.
bool allows(Role role, Action action);

// A role on a part of the tree. `scope` null: all of it.
struct Grant {
  Role role = Role::auditor;
  const Node* scope = nullptr;
};

// Whether `node` is `scope` or below it. Null stands for all of the tree.
bool within(const Node* node, const Node* scope);

// Whom a credential of the admin API stands for.
struct Actor {
  std::string id;    // for the change log: "admin_key:adm_...", or with a user's key "user:alice/adm_..."
  std::string user;  // whose credential it is; empty: nobody's
  std::vector<Grant> grants;

  // `at` null: on all of the tree.
  bool may(Action action, const Node* at) const;
  // Whether anywhere at all: for lists, which then show what is within reach.
  bool may_somewhere(Action action) const;
  // Nobody gives more than he has: for each action of `role`, one of his own grants allows it on all of `scope`.
  bool may_grant(Role role, const Node* scope) const;
};

}  // namespace gatehouse::govern
