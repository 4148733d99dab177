#include <array>

#include "gatehouse/admin/api/handlers.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using govern::NodeKind;
using govern::NodeRef;

// From /admin/v1/teams and the like.
NodeKind kind_of(const Route& route) {
  static constexpr auto kLevels = std::to_array<std::pair<std::string_view, NodeKind>>({{"orgs", NodeKind::org},
                                                                                        {"units", NodeKind::unit},
                                                                                        {"teams", NodeKind::team},
                                                                                        {"projects", NodeKind::project},
                                                                                        {"users", NodeKind::user}});
  std::string_view word = route.path.substr(std::string_view("/admin/v1/").size());
  word = word.substr(0, word.find('/'));
  for (const auto& [name, kind] : kLevels) {
    if (name == word) return kind;
  }
  return NodeKind::org;
}

ApiResponse no_such_node() { return problem(404, "not_found", "There is no such object"); }

}  // namespace

void read_access(Body& body, govern::Access& access) {
  const auto list = [&body](std::string_view name, govern::Access::List& to) {
    if (body.given(name)) to = body.list(name, govern::kMaxPatterns);
  };
  list("models", access.models);
  list("operations", access.operations);
  list("providers", access.providers);
  list("regions", access.regions);
  if (body.given("addresses")) {
    access.addresses = body.list("addresses", govern::kMaxPatterns).value_or(std::vector<std::string>());
    // The tree says "from nowhere" by refusing the key; a list without entries would mean the opposite.
    if (access.addresses.empty() && !body.null("addresses")) {
      body.wrong("addresses", "name at least one block, or null for anywhere");
    }
  }
}

ApiResponse list_nodes(Call& call) {
  const NodeKind kind = kind_of(call.route);
  const auto parent_text = call.query.get("parent");
  const auto parent = NodeRef::parse(parent_text);
  if (!parent_text.empty() && !parent) return problem(400, "invalid_request", "parent: KIND:ID");
  const auto deleted = call.query.flag("deleted");
  if (!deleted) return problem(deleted.error());
  const auto& directory = call.services.directory;
  return page_response<govern::NodeInfo>(
      call, [&](std::string_view after, auto visit) { directory.nodes(kind, after, visit); },
      [&](const govern::NodeInfo& info) {
        if (info.deleted && !*deleted) return false;
        if (parent && (info.node->parent == nullptr || govern::ref_of(*info.node->parent) != *parent)) return false;
        return call.actor.may(Action::read_tree, info.node);
      },
      [](const govern::NodeInfo& info) { return info.node->id; });
}

ApiResponse create_node(Call& call) {
  const NodeKind kind = kind_of(call.route);
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto id = body->text("id", govern::kMaxIdSize);
  const auto parent_text = body->text("parent", 300);
  govern::NodeSpec spec;
  spec.name = body->text("name").value_or("");
  spec.metadata = body->object("metadata").value_or("");
  read_access(*body, spec.access);
  if (!id) body->wrong("id", "is needed");
  std::optional<NodeRef> parent;
  if (parent_text) {
    parent = NodeRef::parse(*parent_text);
    if (!parent) body->wrong("parent", "KIND:ID, for instance org:default");
  }
  if (body->error()) return problem(*body->error());
  // Asked of the place where it will hang, before anything is said about what is there.
  const govern::Node* above = nullptr;
  if (kind != NodeKind::org) {
    above = call.services.directory.find(
        parent.value_or(NodeRef{.kind = NodeKind::org, .id = std::string(govern::kDefaultOrg)}));
    if (above == nullptr || !call.actor.may(Action::read_tree, above)) {
      return problem(400, "invalid_request", "The parent is not there");
    }
  }
  if (auto refused = call.may(Action::write_tree, above)) return std::move(*refused);
  auto made = call.services.directory.create_node({.kind = kind, .id = *id}, parent, std::move(spec), call.author);
  if (!made) return problem(made.error());
  return object_response(201, *made, made->version);
}

ApiResponse get_node(Call& call) {
  const auto info = call.services.directory.node({.kind = kind_of(call.route), .id = call.ids[0]});
  if (!info || !call.actor.may(Action::read_tree, info->node)) return no_such_node();
  return object_response(200, *info, info->version);
}

ApiResponse update_node(Call& call) {
  const NodeRef ref{.kind = kind_of(call.route), .id = call.ids[0]};
  auto info = call.services.directory.node(ref);
  if (!info || !call.actor.may(Action::read_tree, info->node)) return no_such_node();
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  const bool only_switch = body->members().size() == 1 && body->given("active");
  if (auto refused = call.may(only_switch ? Action::switch_tree : Action::write_tree, info->node)) {
    return std::move(*refused);
  }
  if (body->given("name")) info->spec.name = body->text("name").value_or("");
  if (body->given("metadata")) info->spec.metadata = body->object("metadata").value_or("");
  read_access(*body, info->spec.access);
  const auto active = body->boolean("active");
  if (body->error()) return problem(*body->error());
  auto done =
      call.services.directory.update_node(ref, info->spec, active.value_or(info->active), call.author, *version);
  if (!done) return problem(done.error());
  return object_response(200, *done, done->version);
}

ApiResponse delete_node(Call& call) {
  const NodeRef ref{.kind = kind_of(call.route), .id = call.ids[0]};
  const auto info = call.services.directory.node(ref);
  if (!info) return no_such_node();
  if (auto refused = call.may(Action::switch_tree, info->node, Action::read_tree)) return std::move(*refused);
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  if (auto done = call.services.directory.delete_node(ref, call.author, *version); !done) return problem(done.error());
  return no_content();
}

}  // namespace gatehouse::admin
