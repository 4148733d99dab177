#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "gatehouse/config/checks.h"
#include "gatehouse/config/reader.h"

// What must fit together in the sections that say who may spend what.
namespace gatehouse::config {

void check_tree_node(Reader& reader, const Node& node, void* into) {
  const auto& place = *static_cast<const TreeNode*>(into);
  if (place.parent.empty()) return;
  static constexpr std::string_view kParents[] = {"org", "unit", "team", "project"};
  if (std::ranges::find(kParents, place.parent.kind) == std::end(kParents) || place.parent.id == "*") {
    reader.problem_at(node, "parent", "must be an org, unit, team or project by its name");
  }
}

void check_budget(Reader& reader, const Node& node, void* into) {
  const auto& budget = *static_cast<const Budget*>(into);
  if (!budget.usd && (budget.tokens | budget.prompt_tokens | budget.completion_tokens | budget.requests) == 0) {
    if (node.kind == Node::Kind::map) {
      reader.problem(node, "bounds nothing; give `usd`, `tokens`, `prompt_tokens`, `completion_tokens` or `requests`");
    }
  }
  if (budget.rolling && budget.window == BudgetWindow::lifetime) {
    reader.problem_at(node, "rolling", "has no meaning for `lifetime`");
  }
  if (budget.rolling && !budget.time_zone.empty()) {
    reader.problem_at(node, "time_zone", "has no effect on a rolling window");
  }
  const bool acts = !budget.on_soft.downgrade_to.empty() || budget.on_soft.notify != Notify::none;
  if (acts && budget.soft == base::Money()) reader.problem_at(node, "on_soft", "needs `soft`");
}

void check_role(Reader& reader, const Node& node, void* into) {
  const auto& binding = *static_cast<const RoleBinding*>(into);
  static constexpr std::string_view kRoles[] = {"owner", "security-admin", "operator", "developer", "auditor"};
  if (!binding.role.empty() && std::ranges::find(kRoles, binding.role) == std::end(kRoles)) {
    reader.problem_at(node, "role", "must be owner, security-admin, operator, developer or auditor");
  }
}

void read_store(Reader& reader, const Field& field, const Node& node, void* into) {
  constexpr std::string_view kSqlite = "sqlite:";
  const auto text = reader.text(field, node);
  if (!text) return;
  if (!text->starts_with(kSqlite) || text->size() == kSqlite.size()) {
    reader.problem(node, "must be `sqlite:FILE`");
    return;
  }
  static_cast<Snapshot*>(into)->store = std::string(kSqlite) + reader.resolve_path(node, text->substr(kSqlite.size()));
}

void read_claims(Reader& reader, const Field& field, const Node& node, void* into) {
  static constexpr std::string_view kOurs[] = {"org", "unit", "team", "project", "user", "priority"};
  auto& claims = static_cast<JwtIssuer*>(into)->claims;
  reader.each_entry(node, [&](const Entry& entry) {
    if (std::ranges::find(kOurs, entry.key) == std::end(kOurs)) {
      reader.problem(entry.value, "must be one of org, unit, team, project, user, priority");
      return;
    }
    auto value = reader.text(field, entry.value);
    if (value) claims.emplace_back(entry.key, std::move(*value));
  });
}

// What refers to other sections, once all were read.
void check_governance(Reader& reader, const Node& root) {
  const Snapshot& snapshot = reader.snapshot();
  if (const Node* budgets = root.find("budgets")) {
    for (std::size_t i = 0; i < budgets->items.size() && i < snapshot.budgets.size(); ++i) {
      const Budget& budget = snapshot.budgets[i];
      const std::string& model = budget.on_soft.downgrade_to;
      if (!model.empty() && !snapshot.index.find(model)) {
        reader.report().problem(budgets->items[i].place, fmt::format("budgets[{}].on_soft.downgrade_to", i),
                                fmt::format("no model is called `{}`", model));
      }
      if (budget.on_soft.notify == Notify::webhook && !snapshot.webhook) {
        reader.report().problem(budgets->items[i].place, fmt::format("budgets[{}].on_soft.notify", i),
                                "needs the section `webhook`");
      }
    }
  }
  check_guards(reader, root);
  if (snapshot.anomalies.notify == Notify::webhook && !snapshot.webhook) {
    if (const Node* anomalies = root.find("anomalies")) {
      reader.report().problem(anomalies->place, "anomalies.notify", "needs the section `webhook`");
    }
  }
}

}  // namespace gatehouse::config
