#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "gatehouse/config/checks.h"
#include "gatehouse/config/reader.h"

// What must fit together in the sections that say what is looked for in texts.
namespace gatehouse::config {

void check_policy(Reader& reader, const Node& node, void* into) {
  const auto& policy = *static_cast<const Policy*>(into);
  const AppliesTo& to = policy.applies_to;
  const bool others = !to.orgs.empty() || !to.units.empty() || !to.projects.empty() || !to.users.empty() ||
                      !to.keys.empty() || !to.operations.empty() || !to.tags.empty() || !to.days.empty() ||
                      !to.from.empty() || !to.to.empty();
  if (policy.limits.any() && others) {
    reader.problem_at(node, "limits", "go with `applies_to.teams` and `models` only; use `budgets` for other places");
  }
  if (to.from.empty() != to.to.empty()) reader.problem_at(node, "applies_to", "`from` and `to` go together");
  if (!to.time_zone.empty() && to.days.empty() && to.from.empty()) {
    reader.problem_at(node, "applies_to", "`time_zone` has no effect without `days` or `from`");
  }
}

void check_entity(Reader& reader, const Node& node, void* into) {
  const auto& entity = *static_cast<const CustomEntity*>(into);
  if (node.kind != Node::Kind::map) return;
  const int ways = (entity.pattern.empty() ? 0 : 1) + (entity.words.empty() ? 0 : 1) + (entity.file.empty() ? 0 : 1);
  if (ways != 1) reader.problem(node, "needs one of `pattern`, `words` and `file`");
  if (entity.checksum != EntityChecksum::none && entity.pattern.empty()) {
    reader.problem_at(node, "checksum", "goes with `pattern`");
  }
}

void read_entity_actions(Reader& reader, const Field& field, const Node& node, void* into) {
  auto& entities = static_cast<GuardRule*>(into)->entities;
  reader.each_entry(node, [&](const Entry& entry) {
    if (const auto action = reader.choice(field, entry.value)) {
      entities.emplace_back(entry.key, static_cast<GuardAction>(*action));
    }
  });
}

namespace {

template <class List>
void check_names(Reader& reader, const Node& root, std::string_view section, const List& list) {
  const Node* nodes = root.find(section);
  if (nodes == nullptr) return;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < nodes->items.size() && i < list.size(); ++i) {
    if (list[i].name.empty() || seen.insert(list[i].name).second) continue;
    reader.report().problem(nodes->items[i].place, fmt::format("{}[{}].name", section, i),
                            fmt::format("`{}` is there twice", list[i].name));
  }
}

}  // namespace

// What refers to other sections, once all were read.
void check_guards(Reader& reader, const Node& root) {
  const Snapshot& snapshot = reader.snapshot();
  check_names(reader, root, "entities", snapshot.entities);
  check_names(reader, root, "callouts", snapshot.callouts);
  check_names(reader, root, "policies", snapshot.policies);
  const Node* policies = root.find("policies");
  if (policies == nullptr) return;
  for (std::size_t i = 0; i < policies->items.size() && i < snapshot.policies.size(); ++i) {
    const Guards& guards = snapshot.policies[i].guards;
    const auto problem = [&](std::string_view where, std::string what) {
      reader.report().problem(policies->items[i].place, fmt::format("policies[{}].guards.{}", i, where),
                              std::move(what));
    };
    for (const std::string& name : guards.callouts) {
      if (std::ranges::find(snapshot.callouts, name, &Callout::name) == snapshot.callouts.end()) {
        problem("callouts", fmt::format("no callout is called `{}`", name));
      }
    }
    if (guards.terms && snapshot.entities.empty()) problem("terms", "needs the section `entities`");
    if (!guards.conversation) continue;
    const auto& conversation = *guards.conversation;
    if (conversation.reroute && conversation.model.empty()) problem("conversation.reroute", "needs `model`");
    if (!conversation.model.empty() && !snapshot.index.find(conversation.model)) {
      problem("conversation.model", fmt::format("no model is called `{}`", conversation.model));
    }
  }
}

}  // namespace gatehouse::config
