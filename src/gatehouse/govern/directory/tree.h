#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/govern/directory/identity.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// The organisation of everything that names none.
inline constexpr std::string_view kDefaultOrg = "default";

// The master copy of one node.
struct NodeRecord {
  NodeRecord(NodeKind kind, std::string id, NodeRecord* above)
      : node(kind, std::move(id), above == nullptr ? nullptr : &above->node), parent(above) {}
  Node node;
  NodeRecord* const parent;
  NodeSpec spec;
  std::shared_ptr<const Access> effective;  // what it and all above it admit; null: everything
  bool configured = false;                  // the configuration names it
  bool stored = false;                      // the store has it
  bool deleted = false;
  base::WallTime created_at{};
  std::int64_t version = 0;
  bool exists() const { return configured || stored; }
};

// The nodes above the keys, and those beside the tree. They are made and never destroyed nor moved before the tree is.
// Control thread.
class Tree {
 public:
  Tree();
  NodeRecord* find(const NodeRef& ref) const;
  const Node* find_node(const NodeRef& ref) const {
    NodeRecord* record = find(ref);
    return record == nullptr ? nullptr : &record->node;
  }
  // One that is not there; one of that id which does not exist any more is put aside. `parent` null for an organisation
  // and for what stands beside the tree.
  NodeRecord& make(NodeKind kind, std::string_view id, NodeRecord* parent, base::WallTime now);
  NodeRecord& default_org() const { return *default_org_; }
  // In the order of ids, behind `after`; until `visit` says false.
  void each(NodeKind kind, std::string_view after, base::FunctionRef<bool(NodeRecord&)> visit) const;
  void each(base::FunctionRef<void(NodeRecord&)> visit) const;
  std::size_t size() const { return size_; }

  // Whether one of this kind may hang below one of that.
  static bool fits(NodeKind below, NodeKind above);
  // After a node's access changed: anew for it and all below.
  void renew_access();

 private:
  using Level = std::map<std::string_view, std::unique_ptr<NodeRecord>, std::less<>>;  // keys: views of the nodes' ids
  std::array<Level, kNodeKindCount> levels_;
  std::vector<std::unique_ptr<NodeRecord>> aside_;  // somebody may still hold a pointer to the node
  NodeRecord* default_org_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gatehouse::govern
