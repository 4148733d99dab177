#include "gatehouse/app/limits_of.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "gatehouse/app/hours.h"
#include "gatehouse/base/strings.h"

namespace gatehouse::app {
namespace {

using govern::Limit;
using govern::Period;
using govern::Resource;

constexpr std::int64_t bounded(std::uint64_t amount) {
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(amount, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
}

Period period_of(config::BudgetWindow window) {
  switch (window) {
    case config::BudgetWindow::minute:
      return Period::minute;
    case config::BudgetWindow::hour:
      return Period::hour;
    case config::BudgetWindow::day:
      return Period::day;
    case config::BudgetWindow::week:
      return Period::week;
    case config::BudgetWindow::month:
      return Period::month;
    case config::BudgetWindow::lifetime:
      break;
  }
  return Period::lifetime;
}

std::string models_part(const std::vector<config::NamePattern>& patterns) {
  std::vector<std::string_view> names;
  for (const auto& pattern : patterns) names.push_back(pattern.text);
  std::ranges::sort(names);
  std::string out;
  for (const auto name : names) out.append(out.empty() ? ":" : ",").append(name);
  return out;
}

class Planner {
 public:
  explicit Planner(const config::Snapshot& snapshot) : snapshot_(snapshot) {}

  Result<LimitPlan> run() {
    for (const auto* level :
         {&snapshot_.orgs, &snapshot_.units, &snapshot_.teams, &snapshot_.projects, &snapshot_.users}) {
      const auto kind = static_cast<govern::NodeKind>(kind_of_level(level));
      for (const auto& node : *level) rates(at(kind, node.name), "rate", node.limits, {});
    }
    for (const auto& key : snapshot_.keys) rates(at(govern::NodeKind::key, key.name), "rate", key.limits, {});
    for (const auto& provider : snapshot_.providers) {
      rates(at(govern::NodeKind::provider, provider.name), "rate", provider.limits, {});
    }
    for (const auto& budget : snapshot_.budgets) {
      if (auto added = add(budget); !added) return std::unexpected(std::move(added.error()));
    }
    for (const auto& policy : snapshot_.policies) add(policy);
    auto weights = weight_rules();
    if (!weights) return std::unexpected(std::move(weights.error()));
    plan_.weights = std::move(*weights);
    return std::move(plan_);
  }

 private:
  using List = govern::NodeRef;

  int kind_of_level(const std::vector<config::TreeNode>* level) const {
    const std::array levels{&snapshot_.orgs, &snapshot_.units, &snapshot_.teams, &snapshot_.projects, &snapshot_.users};
    return static_cast<int>(std::ranges::find(levels, level) - levels.begin());
  }

  // The configuration names its keys, the directory calls them "config:NAME".
  List at(govern::NodeKind kind, const std::string& id) const {
    const bool ours = kind == govern::NodeKind::key &&
                      std::ranges::any_of(snapshot_.keys, [&](const config::Key& key) { return key.name == id; });
    return {.kind = kind, .id = ours ? "config:" + id : id};
  }

  void put(const List& scope, Limit limit, const std::vector<config::NamePattern>& models) {
    const std::string id = scope.to_string() + "/" + limit.id;
    limit.id = id;
    for (int n = 2; !ids_.insert(limit.id).second; ++n) limit.id = fmt::format("{}#{}", id, n);
    govern::LimitSpec spec{.scope = scope, .limit = std::move(limit), .models = {}};
    if (!models.empty()) {
      spec.models.emplace();
      for (const auto& pattern : models) spec.models->push_back(pattern.text);
    }
    plan_.limits.push_back(std::move(spec));
  }

  void rates(const List& list, const std::string& from, const config::Rates& rates,
             const std::vector<config::NamePattern>& models) {
    const std::string models_id = models_part(models);
    const auto add = [&](Resource resource, Period period, std::uint64_t amount) {
      if (amount == 0) return;
      Limit limit;
      limit.id = fmt::format("{}:{}:{}{}", from, govern::name(resource), govern::name(period), models_id);
      limit.resource = resource;
      limit.window.period = period;
      limit.amount = bounded(amount);
      put(list, std::move(limit), models);
    };
    add(Resource::requests, Period::minute, rates.requests_per_minute);
    add(Resource::requests, Period::day, rates.requests_per_day);
    add(Resource::total_tokens, Period::minute, rates.tokens_per_minute);
    add(Resource::total_tokens, Period::day, rates.tokens_per_day);
    add(Resource::concurrency, Period::lifetime, rates.concurrency);
  }

  Result<void> add(const config::Budget& budget) {
    const auto kind = govern::node_kind_from_name(budget.scope.kind);
    if (!kind) return fail(Code::configuration, "budgets: nothing is called " + budget.scope.kind);
    const List list = at(*kind, budget.scope.id);
    const auto put_one = [&](Resource resource, std::int64_t amount) {
      Limit limit;
      limit.resource = resource;
      limit.window = {.period = period_of(budget.window), .rolling = budget.rolling, .time_zone = budget.time_zone};
      limit.id = fmt::format("budget:{}:{}{}{}{}", govern::name(resource), govern::name(limit.window.period),
                             budget.rolling ? ":rolling" : "", budget.time_zone.empty() ? "" : ":" + budget.time_zone,
                             models_part(budget.models));
      limit.amount = amount;
      limit.soft = budget.soft.as_usd();
      limit.downgrade_to = budget.on_soft.downgrade_to;
      limit.notify = budget.on_soft.notify == config::Notify::webhook;
      put(list, std::move(limit), budget.models);
    };
    if (budget.usd) put_one(Resource::usd, budget.usd->nanos());
    if (budget.tokens > 0) put_one(Resource::total_tokens, bounded(budget.tokens));
    if (budget.prompt_tokens > 0) put_one(Resource::prompt_tokens, bounded(budget.prompt_tokens));
    if (budget.completion_tokens > 0) put_one(Resource::completion_tokens, bounded(budget.completion_tokens));
    if (budget.requests > 0) put_one(Resource::requests, bounded(budget.requests));
    return {};
  }

  void add(const config::Policy& policy) {
    const std::string from = "policy:" + policy.name;
    const auto& models = policy.applies_to.models;
    if (policy.applies_to.teams.empty()) rates(at(govern::NodeKind::key, "*"), from, policy.limits, models);
    for (const auto& team : policy.applies_to.teams) {
      rates(at(govern::NodeKind::team, team), from, policy.limits, models);
    }
  }

  Result<govern::WeightRules> weight_rules() const {
    std::vector<govern::WeightRule> rules;
    for (std::size_t i = 0; i < snapshot_.weights.size(); ++i) {
      const auto& given = snapshot_.weights[i];
      const auto wrong = [i](std::string_view what) {
        return fail(Code::configuration, fmt::format("weights[{}].{}", i, what));
      };
      govern::WeightRule rule;
      const auto kind = govern::node_kind_from_name(given.scope.kind);
      if (!kind) return wrong("scope: nothing is called so");
      rule.scope = *kind;
      rule.scope_id = given.scope.id;
      rule.weight = given.weight;
      rule.time_zone = given.time_zone;
      if (auto read = read_hours(given.days, given.from, given.to, rule); !read) return wrong(read.error().detail);
      rules.push_back(std::move(rule));
    }
    return govern::WeightRules::build(std::move(rules));
  }

  const config::Snapshot& snapshot_;
  LimitPlan plan_;
  std::set<std::string> ids_;
};

}  // namespace

Result<LimitPlan> limits_of(const config::Snapshot& snapshot) { return Planner(snapshot).run(); }

}  // namespace gatehouse::app
