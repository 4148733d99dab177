#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/app/guards_of.h"
#include "gatehouse/guard/secrets/secrets_detector.h"
#include "gatehouse/guard/unsafe/unsafe_detector.h"

namespace gatehouse::app {

Result<std::shared_ptr<const guard::DetectorSet>> builtin_detectors(const config::Snapshot& /*snapshot*/) {
  std::vector<std::unique_ptr<const guard::Detector>> detectors;
  // Credentials go before personal data: a key may hold what looks like a number.
  detectors.push_back(std::make_unique<guard::SecretsDetector>());
  // What harms whoever runs or shows an answer.
  detectors.push_back(guard::make_unsafe_detector());
  return guard::DetectorSet::make(std::move(detectors));
}

}  // namespace gatehouse::app
