#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/intrusive_list.h"
#include "gatehouse/govern/admission/counter.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

inline const Node* top_of(const Node* node) {
  if (node == nullptr) return nullptr;
  while (node->parent != nullptr) node = node->parent;
  return node;
}

class Account;

// What templates made of one kind below one top.
struct MemberGroup {
  base::IntrusiveList<Account> recent;  // the least recently used in front
  std::size_t count = 0;
  std::unique_ptr<Account> overflow;  // shared by newcomers while there is no room
};

// The counters of one limited node or member. Owned by its shard of Books and touched under that shard's lock only;
// what Node::account points to is read without, but followed only under it. Its place in the list is that of the least
// recently used, where a template made it.
class Account : public base::ListNode {
 public:
  Account(NodeKind account_kind, const Node* account_node, std::uint8_t account_shard)
      : kind(account_kind), shard(account_shard), node(account_node) {}
  ~Account();

  // Nothing of it would be missed: no holds, nobody waiting, nothing used in any current window.
  bool is_blank(Nanos now);
  Counter* find(std::string_view limit_id) const;

  const NodeKind kind;
  const std::uint8_t shard;
  const Node* const node;        // null: a member's
  Counter* first = nullptr;      // in the order of the limits
  std::uint64_t visit = 0;       // the shard's last visit that met it: a demand charges it once
  MemberGroup* group = nullptr;  // made by a template; null: the node has limits of its own
  // A member's name, for the shard's table.
  const Node* parent = nullptr;
  std::string id;
};

}  // namespace gatehouse::govern
