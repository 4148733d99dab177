#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::govern {

class Account;

// Levels of the identity tree, top down, then what stands beside it: an end user (the caller's own `user`, below the
// key's team), a tag (`k=v`), a provider (an upstream's capacity). The names are part of configuration and API.
enum class NodeKind : std::uint8_t { org, unit, team, project, user, key, end_user, tag, provider };
inline constexpr std::size_t kNodeKindCount = 9;
std::string_view name(NodeKind kind);
std::optional<NodeKind> node_kind_from_name(std::string_view name);

// One place in the identity tree. Made by the tree's owner and never destroyed or moved before all workers are gone, so
// a plain pointer to it is good for a request's life. Kind, id and parent never change; the two atomics are all that a
// request reads besides, so switching a team off or giving it a budget needs no new tree. Any thread.
struct Node {
  Node(NodeKind k, std::string i, const Node* p) : kind(k), id(std::move(i)), parent(p) {}

  const NodeKind kind;
  const std::string id;      // unique among nodes of its kind
  const Node* const parent;  // null: the top
  // Null: nothing is limited here. Set by Admission, which owns it.
  mutable std::atomic<Account*> account{nullptr};
  // False: whoever hangs below may not call. Read together with the ancestors' (is_active).
  std::atomic<bool> active{true};

  bool is_active() const {
    for (const Node* node = this; node != nullptr; node = node->parent) {
      if (!node->active.load(std::memory_order_relaxed)) return false;
    }
    return true;
  }
};

}  // namespace gatehouse::govern
