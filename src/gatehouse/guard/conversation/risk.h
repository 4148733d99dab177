#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/config/guards.h"
#include "gatehouse/guard/finding.h"
#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/llm/segment.h"

// Risk of a conversation: what was found in each turn adds up and fades. Pure; time is passed in.
namespace gatehouse::guard {

// A finding in a turn's new texts, also one that no policy does anything about.
struct RiskEvidence {
  Family family = Family::injection;
  float score = 0;
  Action action = Action::allow;  // enforced or monitored
  bool untrusted = false;         // in a tool's result or a document: nobody asked for it
  bool assembled = false;         // from pieces over several turns
  std::uint32_t segment = 0;      // in the request
};

// 0 to 1: how much one finding makes of a conversation. An attempt at injection counts by a curve over its score, so
// that scores far below a threshold are worth little and several near it are worth much; a credential or a person's
// data a little, and only where a policy acts on it.
double weight(const RiskEvidence& evidence);

// 0 to 1: what all findings of one turn come to. Independent signs: 1 - product of (1 - weight). In one text only the
// strongest sign of injection counts (they are the same words), and of personal data and credentials at most
// kMostOrdinary together.
double turn_risk(std::span<const RiskEvidence> evidence);
inline constexpr double kMostOrdinary = 0.25;

// What is left of a risk after a time. A clock that goes back changes nothing.
double decayed(double risk, std::chrono::milliseconds since, std::chrono::milliseconds half_life);

// By what a caller notices, least first. The names are used in records and metrics: rename none.
enum class ConversationStep : std::uint8_t { none, warn, tighten, reroute, end };
std::string_view name(ConversationStep step);

// Which thresholds a risk has reached, of one mode.
struct ConversationSteps {
  bool warn = false;
  bool tighten = false;
  bool reroute = false;
  bool end = false;
  ConversationStep strongest() const;
  bool operator==(const ConversationSteps&) const = default;
};

struct RiskVerdict {
  ConversationSteps enforced;
  ConversationSteps monitored;  // of policies in mode monitor
  ConversationSteps shadow;
  std::string_view model;  // of `enforced.reroute`; borrowed from the configuration
};

// Each policy by its own thresholds; together the strictest holds.
RiskVerdict judge_risk(double risk, std::span<const config::ConversationGuard* const> guards);
// The longest of theirs; those that are enforced go first.
std::chrono::milliseconds half_life_of(std::span<const config::ConversationGuard* const> guards);

}  // namespace gatehouse::guard
