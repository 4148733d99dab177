#include "gatehouse/guard/detector_set.h"

#include <string>
#include <utility>

namespace gatehouse::guard {

Result<std::shared_ptr<const DetectorSet>> DetectorSet::make(std::vector<std::unique_ptr<const Detector>> detectors) {
  if (detectors.size() > DetectorMask::kMost) {
    return fail(Code::configuration, "more than " + std::to_string(DetectorMask::kMost) + " detectors");
  }
  auto set = std::make_shared<DetectorSet>();
  set->detectors_ = std::move(detectors);
  std::vector<const Detector*> list;
  for (const auto& detector : set->detectors_) {
    set->all_.add(list.size());
    set->families_[static_cast<std::size_t>(detector->family())].add(list.size());
    set->views_.push_back({detector->views(Direction::request), detector->views(Direction::response)});
    list.push_back(detector.get());
  }
  auto matcher = Matcher::make(list);
  if (!matcher) return std::unexpected(std::move(matcher.error()));
  set->matcher_ = std::move(*matcher);
  return std::shared_ptr<const DetectorSet>(std::move(set));
}

const EntityInfo* DetectorSet::find_entity(std::string_view name) const {
  for (const auto& detector : detectors_) {
    for (const auto& info : detector->entities()) {
      if (info.entity == name) return &info;
    }
  }
  return nullptr;
}

}  // namespace gatehouse::guard
