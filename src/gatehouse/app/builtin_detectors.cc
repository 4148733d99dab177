#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/app/guards_of.h"
#include "gatehouse/guard/leakage/leakage_detector.h"
#include "gatehouse/guard/unsafe/unsafe_detector.h"

namespace gatehouse::app {

Result<std::shared_ptr<const guard::DetectorSet>> builtin_detectors(const config::Snapshot& /*snapshot*/) {
  std::vector<std::unique_ptr<const guard::Detector>> detectors;
  return guard::DetectorSet::make(std::move(detectors));
}

}  // namespace gatehouse::app
