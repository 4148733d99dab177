#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/govern/directory/directory_view.h"
#include "gatehouse/govern/jwks_cache.h"
#include "gatehouse/govern/jwt.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::pipeline {

// Nodes by kind and id: those of the tree, for callers who name their place, and those beside it (tags, end users) that
// have limits of their own. Immutable once shared.
class NodeIndex {
 public:
  void add(const govern::Node& node) { nodes_[static_cast<std::size_t>(node.kind)][node.id] = &node; }
  // Null: there is none.
  const govern::Node* find(govern::NodeKind kind, std::string_view id) const {
    const auto& nodes = nodes_[static_cast<std::size_t>(kind)];
    const auto found = nodes.find(id);
    return found == nodes.end() ? nullptr : found->second;
  }

 private:
  std::array<std::map<std::string, const govern::Node*, std::less<>>, govern::kNodeKindCount> nodes_;
};

// Who may call, as it is at one moment. Immutable; a change makes another one, and a request keeps the one that it
// began with, so that its principal stays. Each worker has an object of its own, for the sake of the count of
// references.
struct Identities {
  std::shared_ptr<const govern::DirectoryView> keys;      // never null
  std::shared_ptr<const NodeIndex> nodes;                 // never null
  std::shared_ptr<const govern::JwtVerifier> tokens;      // null: only keys are taken
  std::shared_ptr<const govern::IssuerKeys> issuer_keys;  // never null where there are tokens
};

}  // namespace gatehouse::pipeline
