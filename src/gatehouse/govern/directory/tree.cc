#include "gatehouse/govern/directory/tree.h"

#include <utility>

namespace gatehouse::govern {
namespace {

void renew(NodeRecord& record) {
  const auto& above = record.parent == nullptr ? nullptr : record.parent->effective;
  if (record.spec.access.unrestricted()) {
    record.effective = above;
  } else if (!above) {
    record.effective = std::make_shared<const Access>(record.spec.access);
  } else {
    record.effective = std::make_shared<const Access>(both(record.spec.access, *above));
  }
}

}  // namespace

Tree::Tree() : default_org_(&make(NodeKind::org, kDefaultOrg, nullptr, {})) { default_org_->configured = true; }

NodeRecord* Tree::find(const NodeRef& ref) const {
  const Level& level = levels_[static_cast<std::size_t>(ref.kind)];
  const auto at = level.find(ref.id);
  return at == level.end() ? nullptr : at->second.get();
}

NodeRecord& Tree::make(NodeKind kind, std::string_view id, NodeRecord* parent, base::WallTime now) {
  auto made = std::make_unique<NodeRecord>(kind, std::string(id), parent);
  made->created_at = now;
  renew(*made);
  NodeRecord& record = *made;
  Level& level = levels_[static_cast<std::size_t>(kind)];
  if (const auto old = level.find(id); old != level.end()) {
    aside_.push_back(std::move(old->second));
    level.erase(old);
  }
  level.emplace(record.node.id, std::move(made));
  ++size_;
  return record;
}

void Tree::each(NodeKind kind, std::string_view after, base::FunctionRef<bool(NodeRecord&)> visit) const {
  const Level& level = levels_[static_cast<std::size_t>(kind)];
  for (auto at = after.empty() ? level.begin() : level.upper_bound(after); at != level.end(); ++at) {
    if (!visit(*at->second)) return;
  }
}

void Tree::each(base::FunctionRef<void(NodeRecord&)> visit) const {
  for (const Level& level : levels_) {
    for (const auto& [id, record] : level) visit(*record);
  }
}

bool Tree::fits(NodeKind below, NodeKind above) {
  return above < below && below <= NodeKind::key && above <= NodeKind::user;
}

void Tree::renew_access() {
  // Kinds stand in the order of the levels: whatever is above comes first.
  each([](NodeRecord& record) { renew(record); });
}

}  // namespace gatehouse::govern
