#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/app/guards_of.h"
#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/pii/pii_detector.h"
#include "gatehouse/guard/secrets/secrets_detector.h"
#include "gatehouse/guard/unsafe/unsafe_detector.h"

namespace gatehouse::app {
namespace {

// What no policy asks for need not be looked for.
float least_threshold(const config::Snapshot& snapshot) {
  float least = 0.5F;
  for (const auto& policy : snapshot.policies) {
    const auto& pii = policy.guards.pii;
    if (pii && pii->threshold) least = std::min(least, static_cast<float>(pii->threshold->as_usd()));
  }
  return least;
}

}  // namespace

Result<std::shared_ptr<const guard::DetectorSet>> builtin_detectors(const config::Snapshot& snapshot,
                                                                    std::optional<float> least_score) {
  std::vector<std::unique_ptr<const guard::Detector>> detectors;
  // Credentials go before personal data: a key may hold what looks like a number.
  detectors.push_back(std::make_unique<guard::SecretsDetector>());
  guard::pii::PiiOptions pii;
  pii.least_score = least_score.value_or(least_threshold(snapshot));
  auto identifiers = guard::pii::PiiDetector::make(std::move(pii));
  if (!identifiers) return std::unexpected(std::move(identifiers.error()));
  detectors.push_back(std::move(*identifiers));
  // Attempts to turn the model against its instructions.
  detectors.push_back(std::make_unique<guard::injection::InjectionDetector>());
  // What harms whoever runs or shows an answer.
  detectors.push_back(guard::make_unsafe_detector());
  return guard::DetectorSet::make(std::move(detectors));
}

}  // namespace gatehouse::app
