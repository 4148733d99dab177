#include "gatehouse/guard/conversation/risk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace gatehouse::guard {
namespace {

// Below it a score of injection says nothing.
constexpr double kLeastScore = 0.2;
constexpr double kUntrusted = 1.5;
constexpr double kMostWeight = 0.95;

double injection_weight(double score) {
  if (score <= kLeastScore) return 0;
  const double above = (std::min(score, 1.0) - kLeastScore) / (1 - kLeastScore);
  return 0.8 * above * above;
}

double ordinary_weight(const RiskEvidence& evidence) {
  const bool acted = evidence.action >= Action::redact;
  switch (evidence.family) {
    case Family::secrets:
      return acted ? 0.10 : evidence.action >= Action::log ? 0.03 : 0;
    case Family::pii:
      return acted ? 0.03 : 0;
    default:
      return 0;
  }
}

bool reaches(double risk, const std::optional<base::Money>& threshold) {
  return threshold && threshold->nanos() > 0 && risk >= threshold->as_usd();
}

}  // namespace

double weight(const RiskEvidence& evidence) {
  double value = 0;
  switch (evidence.family) {
    case Family::injection:
      value = injection_weight(evidence.score);
      break;
    case Family::secrets:
    case Family::pii:
      value = ordinary_weight(evidence);
      break;
    case Family::terms:
    case Family::callout:
    case Family::leakage:
    case Family::unsafe_output:
      value = evidence.action >= Action::block ? 0.20 : evidence.action >= Action::flag ? 0.05 : 0;
      break;
    default:
      break;
  }
  if (evidence.untrusted) value *= kUntrusted;
  // Who hides it in pieces means it.
  if (evidence.assembled && evidence.action >= Action::flag) value = std::max(value, 0.4);
  return std::min(value, kMostWeight);
}

double turn_risk(std::span<const RiskEvidence> evidence) {
  double left = 1;
  double ordinary_left = 1;
  std::map<std::uint32_t, double> injection;
  for (const RiskEvidence& one : evidence) {
    const double value = weight(one);
    if (value <= 0) continue;
    if (one.family == Family::injection) {
      double& strongest = injection[one.segment];
      strongest = std::max(strongest, value);
    } else if (!one.assembled && (one.family == Family::pii || one.family == Family::secrets)) {
      ordinary_left *= 1 - value;
    } else {
      left *= 1 - value;
    }
  }
  for (const auto& [segment, value] : injection) left *= 1 - value;
  left *= 1 - std::min(1 - ordinary_left, kMostOrdinary);
  return std::clamp(1 - left, 0.0, 1.0);
}

double decayed(double risk, std::chrono::milliseconds since, std::chrono::milliseconds half_life) {
  if (risk <= 0 || since.count() <= 0 || half_life.count() <= 0) return std::max(risk, 0.0);
  return risk * std::exp2(-static_cast<double>(since.count()) / static_cast<double>(half_life.count()));
}

std::string_view name(ConversationStep step) {
  static constexpr std::array<std::string_view, 5> kNames = {"none", "warn", "tighten", "reroute", "end"};
  return kNames[static_cast<std::size_t>(step)];
}

ConversationStep ConversationSteps::strongest() const {
  if (end) return ConversationStep::end;
  if (reroute) return ConversationStep::reroute;
  if (tighten) return ConversationStep::tighten;
  return warn ? ConversationStep::warn : ConversationStep::none;
}

RiskVerdict judge_risk(double risk, std::span<const config::ConversationGuard* const> guards) {
  RiskVerdict verdict;
  double reroute_at = 0;
  for (const config::ConversationGuard* guard : guards) {
    ConversationSteps& steps = guard->mode == config::GuardMode::enforce   ? verdict.enforced
                               : guard->mode == config::GuardMode::monitor ? verdict.monitored
                                                                           : verdict.shadow;
    steps.warn = steps.warn || (guard->warn.nanos() > 0 && risk >= guard->warn.as_usd());
    steps.tighten = steps.tighten || reaches(risk, guard->tighten);
    steps.end = steps.end || reaches(risk, guard->end);
    if (!reaches(risk, guard->reroute)) continue;
    steps.reroute = true;
    // Of several models that of the lowest threshold: it has been answering longest.
    if (guard->mode != config::GuardMode::enforce) continue;
    if (verdict.model.empty() || guard->reroute->as_usd() < reroute_at) {
      verdict.model = guard->model;
      reroute_at = guard->reroute->as_usd();
    }
  }
  return verdict;
}

std::chrono::milliseconds half_life_of(std::span<const config::ConversationGuard* const> guards) {
  std::chrono::milliseconds enforced{0};
  std::chrono::milliseconds others{0};
  for (const config::ConversationGuard* guard : guards) {
    auto& longest = guard->mode == config::GuardMode::enforce ? enforced : others;
    longest = std::max(longest, guard->half_life);
  }
  return enforced.count() > 0 ? enforced : others;
}

}  // namespace gatehouse::guard
