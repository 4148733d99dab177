#include "gatehouse/guard/injection/combine.h"

#include <algorithm>
#include <cmath>

namespace gatehouse::guard::injection {
namespace {

float log_odds(float probability) {
  if (!(probability > 0)) return -kMostModel;  // a number that is none says nothing
  if (probability >= 1) return kMostModel;
  return std::clamp(std::log(probability / (1 - probability)), -kMostModel, kMostModel);
}

float probability(float odds) { return 1.0F / (1.0F + std::exp(-odds)); }

bool near(const Verdict& signatures, const Learned& learned) {
  return signatures.begin <= learned.end + kReach && learned.begin <= signatures.end + kReach;
}

}  // namespace

bool gives_orders(llm::Role role, llm::SegmentKind kind) {
  return role == llm::Role::assistant || is_untrusted(role, kind);
}

Combined combine(const Verdict& signatures, const Learned& learned, bool orders, bool decoded) {
  const bool evidence = signatures.evidence_weight > 0;
  float alone = log_odds(learned.probability);
  if (orders) alone = std::clamp(kOrdersSlope * (alone - kOrdersEven), -kMostModel, kMostModel);
  const float model = alone + (decoded ? kDecodedModel : 0);
  const float added = evidence && near(signatures, learned) ? kSignatureShare * signatures.evidence_weight : 0;
  float odds = model + added;
  if (evidence) odds = std::max(odds, signatures.log_odds - kMostRelief);
  Combined combined{
      .probability = probability(odds), .model = probability(alone), .begin = learned.begin, .end = learned.end};
  if (evidence && signatures.log_odds >= model) {
    combined.begin = signatures.begin;
    combined.end = signatures.end;
  }
  return combined;
}

}  // namespace gatehouse::guard::injection
