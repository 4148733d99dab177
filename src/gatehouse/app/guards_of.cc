#include "gatehouse/app/guards_of.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/app/hours.h"
#include "gatehouse/config/report.h"

namespace gatehouse::app {
namespace {

// The names that policies may give actions to, of one family.
std::vector<std::string_view> entities_of(const guard::DetectorSet& detectors, guard::Family family) {
  std::vector<std::string_view> names;
  const auto of_family = detectors.of_family(family);
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    if (!of_family.has(i)) continue;
    for (const auto& info : detectors[i].entities()) names.push_back(info.entity);
  }
  return names;
}

Result<> check_entities(const config::Policy& policy, guard::Family family,
                        const std::optional<config::GuardRule>& rule, const guard::DetectorSet& detectors) {
  if (!rule || rule->entities.empty()) return {};
  const auto names = entities_of(detectors, family);
  for (const auto& [entity, action] : rule->entities) {
    if (std::ranges::find(names, entity) != names.end()) continue;
    const auto near = config::nearest(entity, names);
    return fail(
        Code::configuration,
        fmt::format("policy `{}`: guards.{}.entities: nothing finds `{}`{}; `gatehouse guard entities` lists all",
                    policy.name, guard::name(family), entity,
                    near.empty() ? "" : fmt::format(" (did you mean `{}`?)", near)));
  }
  return {};
}

Result<std::shared_ptr<const guard::AnswerSchema>> read_schema(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::io, "cannot be read");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return guard::AnswerSchema::compile(text);
}

}  // namespace

Result<GuardPlan> guards_of(const config::Snapshot& snapshot) {
  GuardPlan plan;
  for (const config::Callout& callout : snapshot.callouts) {
    auto url = http::FetchUrl::parse(callout.url);
    if (!url) {
      return fail(Code::configuration, fmt::format("callout `{}`: its url {}", callout.name, url.error().detail));
    }
    const bool named = std::ranges::any_of(snapshot.policies, [&](const auto& policy) {
      return std::ranges::find(policy.guards.callouts, callout.name) != policy.guards.callouts.end();
    });
    if (!named) continue;
    plan.callouts.push_back(
        {.settings = &callout,
         .url = *std::move(url),
         .breaker = std::make_shared<guard::CalloutBreaker>(callout.breaker_failures, callout.breaker_pause)});
  }
  const bool any = std::ranges::any_of(snapshot.policies, [](const auto& policy) { return policy.guards.any(); });
  if (!any) return plan;
  auto detectors = builtin_detectors(snapshot);
  if (!detectors) return std::unexpected(std::move(detectors.error()));
  plan.detectors = std::move(*detectors);
  std::size_t next_own = 0;
  for (const auto& policy : snapshot.policies) {
    if (!policy.guards.any()) continue;
    const config::Guards& guards = policy.guards;
    const std::array<std::pair<guard::Family, const std::optional<config::GuardRule>*>, 6> rules = {
        {{guard::Family::pii, &guards.pii},
         {guard::Family::secrets, &guards.secrets},
         {guard::Family::injection, &guards.injection},
         {guard::Family::leakage, &guards.leakage},
         {guard::Family::unsafe_output, &guards.unsafe_output},
         {guard::Family::terms, &guards.terms}}};
    for (const auto& [family, rule] : rules) {
      if (auto good = check_entities(policy, family, *rule, *plan.detectors); !good) {
        return std::unexpected(std::move(good.error()));
      }
    }
    auto hours =
        hours_of(policy.applies_to.days, policy.applies_to.from, policy.applies_to.to, policy.applies_to.time_zone);
    if (!hours) {
      return fail(Code::configuration, fmt::format("policy `{}`: applies_to: {}", policy.name, hours.error().detail));
    }
    // What an answer must be like each policy says for itself: its detector is the next of that family.
    guard::DetectorMask own;
    if (guards.answer) {
      const auto family = plan.detectors->of_family(guard::Family::answer);
      while (next_own < plan.detectors->size() && !family.has(next_own)) ++next_own;
      if (next_own < plan.detectors->size()) own.add(next_own++);
    }
    std::shared_ptr<const guard::AnswerSchema> schema;
    if (guards.schema && !guards.schema->file.empty()) {
      auto compiled = read_schema(guards.schema->file);
      if (!compiled) {
        return fail(Code::configuration,
                    fmt::format("policy `{}`: guards.schema.file: {}", policy.name, compiled.error().detail));
      }
      schema = std::move(*compiled);
    }
    plan.policies.push_back({.policy = &policy, .own = own, .schema = std::move(schema), .hours = std::move(*hours)});
  }
  return plan;
}

}  // namespace gatehouse::app
