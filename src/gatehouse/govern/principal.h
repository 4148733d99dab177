#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/address.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/govern/name_rules.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// Who waits first when something is short. Part of the public surface by these names; order is precedence.
enum class Priority : std::uint8_t { critical, high, normal, low, batch };
inline constexpr std::size_t kPriorityCount = 5;
std::string_view name(Priority priority);
std::optional<Priority> priority_from_name(std::string_view name);

// Who is calling, and what for. Immutable once it can be found; lives as long as what it was found in (a key store, a
// directory). The names are labels of records, metrics and the usage ledger.
struct Principal {
  const Node* node = nullptr;  // its place in the tree; null: in none (nothing is limited)
  std::string key_id;          // stable id of the key, empty for one that the configuration gives without
  std::string key_name;
  std::string org;
  std::string unit;
  std::string team;
  std::string project;
  std::string user;
  std::string metadata;                      // labels of its own as a JSON object, for records; empty: none
  NameRules models;                          // names that callers ask for, before aliases are resolved
  NameRules operations;                      // e.g. `chat_completions`, `embeddings`
  NameRules providers;                       // by their names in the configuration
  NameRules regions;                         // a provider's `region`
  std::vector<base::Cidr> addresses;         // where it may call from; empty: from anywhere
  std::optional<base::WallTime> expires_at;  // from this moment on it is refused
  Priority priority = Priority::normal;      // the best that it may ask for, and what it gets without asking
  std::uint32_t weight = 1;                  // its tenant's share while requests wait, 1 to 1000

  bool may_use_model(std::string_view name) const { return models.admits(name); }
  bool may_use_operation(std::string_view name) const { return operations.admits(name); }
};

// Whose vault, conversations and stored state: callers of one team share them, others never. "team:support", else
// "unit:..." or "org:..."; of nobody in particular "org:default".
std::string tenant_of(const Principal* principal);

}  // namespace gatehouse::govern
