#include "gatehouse/govern/admission/weight_rules.h"

#include <algorithm>
#include <utility>

namespace gatehouse::govern {
namespace {

bool concerns(const WeightRule& rule, const Node* tenant) {
  for (const Node* node = tenant; node != nullptr; node = node->parent) {
    if (node->kind == rule.scope && (rule.scope_id == "*" || rule.scope_id == node->id)) return true;
  }
  return false;
}

}  // namespace

bool in_force(const WeightRule& rule, Zone::Local at) {
  const auto on = [&](unsigned weekday) { return ((rule.days >> weekday) & 1U) != 0; };
  if (rule.from < rule.to) return on(at.weekday) && at.minute >= rule.from && at.minute < rule.to;
  if (at.minute >= rule.from) return on(at.weekday);
  return at.minute < rule.to && on((at.weekday + 6U) % 7U);  // it began yesterday
}

Result<WeightRules> WeightRules::build(std::vector<WeightRule> rules) {
  WeightRules built;
  for (WeightRule& rule : rules) {
    if (rule.weight < 1 || rule.weight > 1000) return fail(Code::configuration, "a weight is 1 to 1000");
    if (rule.from > 1440 || rule.to > 1440) return fail(Code::configuration, "a day has 1440 minutes");
    if ((rule.days & WeightRule::kEveryDay) == 0) return fail(Code::configuration, "a rule for no day of the week");
    Result<Zone> zone = Zone::load(rule.time_zone);
    if (!zone) return std::unexpected(std::move(zone.error()));
    built.rules_.push_back({std::move(rule), std::move(*zone)});
  }
  return built;
}

std::optional<std::uint32_t> WeightRules::weight(const Node* tenant, base::WallTime now) const {
  for (const Entry& entry : rules_) {
    if (concerns(entry.rule, tenant) && in_force(entry.rule, entry.zone.local(now))) return entry.rule.weight;
  }
  return std::nullopt;
}

}  // namespace gatehouse::govern
