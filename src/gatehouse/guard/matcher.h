#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/detector.h"

namespace gatehouse::guard {

// All triggers of some detectors in one database for each setting, matched in one pass; what does not matter in a
// setting may be matched too (under the sanitizers many triggers share one database). Immutable and shared; each thread
// brings a Scratch of its own.
class Matcher {
 public:
  // What one thread needs while it scans, and the hits of its last scan. Made for one matcher.
  class Scratch;

  // Detectors are numbered as they stand in the list; they are asked for their triggers here and not kept. Errors:
  // configuration, naming the detector and trigger whose pattern is refused.
  static Result<std::shared_ptr<const Matcher>> make(std::span<const Detector* const> detectors);
  virtual ~Matcher() = default;

  virtual std::unique_ptr<Scratch> make_scratch() const = 0;
  // Hits of `text` by detector, of the triggers that matter in the setting, in `scratch` until its next scan. False:
  // the library failed, or there were more hits than kMostHits; then nothing may be called clean.
  virtual bool scan(std::string_view text, Scratch& scratch, Setting setting = Setting::any) const = 0;

  static constexpr std::size_t kMostHits = std::size_t{1} << 20;  // in one text
};

class Matcher::Scratch {
 public:
  virtual ~Scratch() = default;
  std::span<const Hit> hits(std::size_t detector) const { return hits_[detector]; }

 protected:
  std::vector<std::vector<Hit>> hits_;
};

}  // namespace gatehouse::guard
