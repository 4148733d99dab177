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

bool near(const Verdict& signatures, const Learned& learned) {
  return signatures.begin <= learned.end + kReach && learned.begin <= signatures.end + kReach;
}

}  // namespace

Combined combine(const Verdict& signatures, const Learned& learned, bool untrusted, bool decoded) {
  const bool evidence = signatures.evidence_weight > 0;
  const float model = log_odds(learned.probability) + (untrusted ? kUntrustedModel : 0) + (decoded ? kDecodedModel : 0);
  const float added = evidence && near(signatures, learned) ? kSignatureShare * signatures.evidence_weight : 0;
  float odds = model + added;
  if (evidence) odds = std::max(odds, signatures.log_odds - kMostRelief);
  Combined combined{.probability = 1.0F / (1.0F + std::exp(-odds)), .begin = learned.begin, .end = learned.end};
  if (evidence && signatures.log_odds >= model) {
    combined.begin = signatures.begin;
    combined.end = signatures.end;
  }
  return combined;
}

}  // namespace gatehouse::guard::injection
