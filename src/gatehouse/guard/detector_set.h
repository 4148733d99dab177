#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/matcher.h"

namespace gatehouse::guard {

// Some of a DetectorSet's detectors.
class DetectorMask {
 public:
  static constexpr std::size_t kMost = 32;
  void add(std::size_t detector) { bits_ |= 1U << detector; }
  bool has(std::size_t detector) const { return (bits_ >> detector & 1U) != 0; }
  bool empty() const { return bits_ == 0; }
  DetectorMask operator&(DetectorMask other) const {
    other.bits_ &= bits_;
    return other;
  }
  DetectorMask operator|(DetectorMask other) const {
    other.bits_ |= bits_;
    return other;
  }
  bool operator==(const DetectorMask&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

// All detectors of one configuration and the matcher of their triggers. Immutable; shared by all workers.
class DetectorSet {
 public:
  // Errors: configuration, where a trigger is refused or there are more than DetectorMask::kMost.
  static Result<std::shared_ptr<const DetectorSet>> make(std::vector<std::unique_ptr<const Detector>> detectors);

  std::size_t size() const { return detectors_.size(); }
  const Detector& operator[](std::size_t position) const { return *detectors_[position]; }
  DetectorMask all() const { return all_; }
  const Matcher& matcher() const { return *matcher_; }
  DetectorMask of_family(Family family) const { return families_[static_cast<std::size_t>(family)]; }
  // In which views a detector looks, as it said when the set was made.
  text::ViewKinds views(std::size_t detector, Direction direction) const {
    return views_[detector][static_cast<std::size_t>(direction)];
  }
  // What an entity is, whoever finds it; null: nobody does.
  const EntityInfo* find_entity(std::string_view name) const;

 private:
  std::vector<std::unique_ptr<const Detector>> detectors_;
  std::shared_ptr<const Matcher> matcher_;
  DetectorMask all_;
  std::array<DetectorMask, kFamilyCount> families_{};
  std::vector<std::array<text::ViewKinds, 2>> views_;
};

}  // namespace gatehouse::guard
