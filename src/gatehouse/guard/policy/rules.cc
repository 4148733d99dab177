#include "gatehouse/guard/policy/rules.h"

#include <algorithm>
#include <optional>

namespace gatehouse::guard {
namespace {

constexpr std::size_t index(Family family) { return static_cast<std::size_t>(family); }
constexpr std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }

// What a section means that names no action.
std::array<Action, 2> usual(Family family) {
  switch (family) {
    case Family::pii:
      return {Action::redact, Action::redact};
    case Family::secrets:
      return {Action::block, Action::redact};
    case Family::injection:
      return {Action::block, Action::allow};
    case Family::leakage:
      return {Action::allow, Action::block};
    case Family::unsafe_output:
      return {Action::allow, Action::flag};
    case Family::terms:
      return {Action::block, Action::block};
    default:
      return {Action::flag, Action::flag};
  }
}

// By what they give away, least first, as RedactStyle is ordered.
RedactStyle style_of(config::RedactStyle style) {
  switch (style) {
    case config::RedactStyle::token:
      return RedactStyle::token;
    case config::RedactStyle::format_preserving:
      return RedactStyle::format_preserving;
    case config::RedactStyle::surrogate:
      return RedactStyle::surrogate;
    case config::RedactStyle::mask:
      return RedactStyle::mask;
    case config::RedactStyle::hash:
      return RedactStyle::hash;
    case config::RedactStyle::placeholder:
      break;
  }
  return RedactStyle::placeholder;
}

float share(base::Money amount) { return static_cast<float>(static_cast<double>(amount.nanos()) / 1e9); }

// The smaller of two bounds, of which zero is none.
void narrow(std::uint64_t& bound, std::uint64_t other) {
  if (other != 0 && (bound == 0 || other < bound)) bound = other;
}

bool one_of(const std::vector<std::string>& list, std::string_view name) {
  return list.empty() || (!name.empty() && std::ranges::find(list, name) != list.end());
}

bool tagged(const std::vector<std::string>& wanted, std::string_view tags) {
  if (wanted.empty()) return true;
  while (!tags.empty()) {
    const std::size_t comma = tags.find(',');
    if (std::ranges::find(wanted, tags.substr(0, comma)) != wanted.end()) return true;
    tags = comma == std::string_view::npos ? std::string_view() : tags.substr(comma + 1);
  }
  return false;
}

bool applies(const PolicySet::Entry& entry, const Asked& asked) {
  const config::AppliesTo& to = entry.policy->applies_to;
  if (!one_of(to.orgs, asked.org) || !one_of(to.units, asked.unit) || !one_of(to.teams, asked.team) ||
      !one_of(to.projects, asked.project) || !one_of(to.users, asked.user) || !one_of(to.keys, asked.key) ||
      !one_of(to.operations, asked.operation)) {
    return false;
  }
  if (!to.models.empty() &&
      std::ranges::none_of(to.models, [&](const auto& pattern) { return pattern.matches(asked.model); })) {
    return false;
  }
  return tagged(to.tags, asked.tags) && (!entry.hours || entry.hours(asked.now));
}

}  // namespace

std::string_view name(Action action) {
  static constexpr std::array<std::string_view, 6> kNames = {"", "allow", "log", "flag", "redact", "block"};
  return kNames[static_cast<std::size_t>(action)];
}

Action FamilyRule::action(const Finding& finding, Direction direction) const {
  if (finding.score < threshold) return Action::allow;
  for (const auto& [entity, action] : rule->entities) {
    if (entity == finding.entity) return action;
  }
  if (by_name != nullptr && std::ranges::find(*by_name, finding.entity) != by_name->end()) return Action::allow;
  return standard[index(direction)];
}

Rules::Rules(const std::vector<Held>& policies, const DetectorSet& detectors) {
  DetectorMask others;  // made for policies that do not hold
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    if (detectors.of_family(Family::answer).has(i)) others.add(i);
    for (const EntityInfo& info : detectors[i].entities()) {
      if (info.by_name) by_name_.push_back(info.entity);
    }
  }
  for (const Held& held : policies) {
    const config::Policy* policy = held.policy;
    policies_.push_back(policy);
    const config::Guards& guards = policy->guards;
    others = others.without(held.own);
    add(Family::pii, *policy, guards.pii);
    add(Family::secrets, *policy, guards.secrets);
    add(Family::injection, *policy, guards.injection);
    add(Family::leakage, *policy, guards.leakage);
    add(Family::unsafe_output, *policy, guards.unsafe_output);
    add(Family::terms, *policy, guards.terms);
    if (guards.limits) add_limits(*guards.limits);
    if (guards.conversation) conversations_.push_back(&*guards.conversation);
    add_answer(*policy);
    if (guards.schema) {
      schemas_.push_back({policy, held.schema});
      holds_for_schema_ = holds_for_schema_ || (guards.schema->mode == config::GuardMode::enforce &&
                                                guards.schema->action >= Action::redact);
    }
    for (const std::string& callout : guards.callouts) {
      if (std::ranges::find(callouts_, callout) == callouts_.end()) callouts_.push_back(callout);
    }
    ending_ = std::max(ending_, guards.ending);
  }
  for (std::size_t family = 0; family < kFamilyCount; ++family) {
    for (const FamilyRule& rule : families_[family]) {
      for (const Direction direction : {Direction::request, Direction::response}) {
        bool acts = rule.standard[index(direction)] != Action::allow;
        for (const auto& [entity, action] : rule.rule->entities) acts = acts || action != Action::allow;
        if (!acts) continue;
        auto& wanted = wanted_[index(direction)];
        wanted = wanted | detectors.of_family(static_cast<Family>(family));
      }
    }
  }
  // Risk gathers from attempts also where no policy does anything about a single one.
  if (!conversations_.empty()) wanted_[0] = wanted_[0] | detectors.of_family(Family::injection);
  for (DetectorMask& wanted : wanted_) wanted = wanted.without(others);
  const auto ask = [&](Family family, Direction direction, ml::Want want) {
    if ((wanted_[index(direction)] & detectors.of_family(family)).empty()) return;
    const auto& rules = families_[index(family)];
    const auto without = [](const FamilyRule& rule) { return rule.rule->model == config::ModelUse::off; };
    if (!rules.empty() && std::ranges::all_of(rules, without)) return;
    asks_[index(direction)] = asks_[index(direction)] | want;
  };
  ask(Family::injection, Direction::request, ml::Want::injection);
  ask(Family::pii, Direction::request, ml::Want::entities);
  ask(Family::pii, Direction::response, ml::Want::entities);
}

void Rules::add(Family family, const config::Policy& policy, const std::optional<config::GuardRule>& rule) {
  if (!rule) return;
  FamilyRule made{.policy = &policy,
                  .rule = &*rule,
                  .standard = usual(family),
                  .style = style_of(rule->style),
                  .by_name = &by_name_};
  if (rule->action != Action::unset) {
    // Where a family looks one way only, an action is for that way.
    for (Action& standard : made.standard) {
      if (standard != Action::allow || family == Family::unsafe_output) standard = rule->action;
    }
    if (family == Family::unsafe_output) made.standard[0] = Action::allow;
  }
  if (rule->request != Action::unset) made.standard[0] = rule->request;
  if (rule->response != Action::unset) made.standard[1] = rule->response;
  if (rule->threshold) made.threshold = share(*rule->threshold);
  if (rule->mode == config::GuardMode::enforce) {
    restores_ = restores_ || (made.style == RedactStyle::token && rule->restore);
    per_tenant_ = per_tenant_ || rule->per_tenant;
    spotlight_ = std::max(spotlight_, rule->spotlight);
    canary_ = canary_ || rule->canary;
  }
  families_[index(family)].push_back(made);
}

void Rules::add_answer(const config::Policy& policy) {
  if (!policy.guards.answer) return;
  const config::AnswerGuard& answer = *policy.guards.answer;
  config::GuardRule& rule = made_.emplace_back();
  rule.response = answer.action;
  rule.mode = answer.mode;
  rule.on_failure = config::GuardFailure::open;
  rule.entities.emplace_back("REFUSAL", answer.refusal == Action::unset ? Action::allow : answer.refusal);
  families_[index(Family::answer)].push_back(
      {.policy = &policy, .rule = &rule, .standard = {Action::allow, answer.action}, .threshold = 0.5F});
}

void Rules::add_limits(const config::InputLimits& limits) {
  narrow(limits_.messages, limits.messages);
  narrow(limits_.message_characters, limits.message_characters);
  narrow(limits_.total_tokens, limits.total_tokens);
  narrow(limits_.system_tokens, limits.system_tokens);
  narrow(limits_.user_tokens, limits.user_tokens);
  narrow(limits_.tool_tokens, limits.tool_tokens);
  narrow(limits_.depth, limits.depth);
  narrow(limits_.tools, limits.tools);
  narrow(limits_.media, limits.media);
}

Ruling Rules::judge(const Finding& finding, Direction direction) const {
  Ruling ruling;
  for (const FamilyRule& rule : families_[index(finding.family)]) {
    const Action action = rule.action(finding, direction);
    switch (rule.rule->mode) {
      case config::GuardMode::enforce:
        // Of equal ones the style that gives away least.
        if (action > ruling.action || (ruling.by != nullptr && action == ruling.action && rule.style < ruling.style)) {
          ruling.action = action;
          ruling.style = rule.style;
          ruling.by = &rule;
        }
        break;
      case config::GuardMode::monitor:
        ruling.monitored = std::max(ruling.monitored, action);
        break;
      case config::GuardMode::shadow:
        ruling.shadow = std::max(ruling.shadow, action);
        break;
    }
  }
  ruling.monitored = std::max(ruling.monitored, ruling.action);
  ruling.shadow = std::max(ruling.shadow, ruling.action);
  return ruling;
}

Ruling tightened(Ruling ruling, Family family) {
  const bool values = family == Family::pii || family == Family::secrets || family == Family::terms;
  const auto stricter = [values](Action action) {
    switch (action) {
      case Action::log:
        return Action::flag;
      case Action::flag:
        return values ? Action::redact : Action::block;
      default:
        return action;
    }
  };
  ruling.action = stricter(ruling.action);
  ruling.monitored = std::max(ruling.monitored, ruling.action);
  ruling.shadow = std::max(ruling.shadow, ruling.action);
  if (ruling.by != nullptr) ruling.style = ruling.by->style;
  return ruling;
}

namespace {

// The strictest that a rule says about any finding.
Action strictest_of(const FamilyRule& rule, Direction direction) {
  Action strictest = rule.standard[index(direction)];
  for (const auto& [entity, action] : rule.rule->entities) strictest = std::max(strictest, action);
  return strictest;
}

bool closes(const FamilyRule& rule, Direction direction) {
  // Who would only take note of a finding lets pass what cannot be judged.
  return rule.rule->mode == config::GuardMode::enforce && rule.rule->on_failure == config::GuardFailure::closed &&
         strictest_of(rule, direction) >= Action::redact;
}

}  // namespace

bool Rules::fails_closed(Family family, Direction direction) const {
  return std::ranges::any_of(families_[index(family)], [&](const FamilyRule& rule) { return closes(rule, direction); });
}

Rules::Unread Rules::unread(Family family, Direction direction) const {
  Unread worst = Unread::nothing;
  for (const FamilyRule& rule : families_[index(family)]) {
    if (rule.rule->model != config::ModelUse::required || strictest_of(rule, direction) == Action::allow) continue;
    worst = std::max(worst, closes(rule, direction) ? Unread::closed : Unread::open);
  }
  return worst;
}

bool Rules::fails_closed(Direction direction) const {
  for (std::size_t family = 0; family < kFamilyCount; ++family) {
    if (fails_closed(static_cast<Family>(family), direction)) return true;
  }
  return false;
}

PolicySet::PolicySet(std::vector<Entry> entries, std::shared_ptr<const DetectorSet> detectors)
    : entries_(std::move(entries)), detectors_(std::move(detectors)), chosen_(entries_.size()) {}

std::shared_ptr<const Rules> PolicySet::find(const Asked& asked) {
  for (std::size_t i = 0; i < entries_.size(); ++i) chosen_[i] = applies(entries_[i], asked);
  if (const auto known = known_.find(chosen_); known != known_.end()) return known->second;
  std::vector<Rules::Held> held;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (chosen_[i]) held.push_back({entries_[i].policy, entries_[i].own, entries_[i].schema});
  }
  auto rules = std::make_shared<const Rules>(held, *detectors_);
  if (known_.size() < kMost) known_.emplace(chosen_, rules);
  return rules;
}

}  // namespace gatehouse::guard
