#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "gatehouse/guard/detector_set.h"

namespace gatehouse::guard {

// Shows a text to detectors in all the readings that they ask for, and brings their findings back to the text as it
// stands. Owner: a worker, one for each configuration; one thread's. Keeps no text.
class Inspector {
 public:
  explicit Inspector(std::shared_ptr<const DetectorSet> detectors);

  const DetectorSet& detectors() const { return *detectors_; }

  // Fills `out` with findings in bytes of `look.text`, ascending in `begin`; of several readings that show the same,
  // one. Those that begin before `look.from` are left out. Returns the frontier as Detector::look does, of all `wanted`
  // together: the size of the text where it is complete. What could not be judged is told by `out.failure()`; that a
  // model of `look.meaning` has not answered yet by `out.waiting()`: then the frontier is before what is not answered,
  // complete or not, and the look is to be repeated.
  std::size_t look(const Look& look, DetectorMask wanted, Findings& out);

  // Of a text's readings other than as it is written, a model is shown so many at most, the longest.
  static constexpr std::size_t kMostAsks = 8;

 private:
  std::size_t look_at(const Look& look, DetectorMask wanted, Findings& out);
  static void join(std::vector<Finding>& list);

  std::shared_ptr<const DetectorSet> detectors_;
  std::unique_ptr<Matcher::Scratch> scratch_;
  text::Views views_;
  std::vector<const text::View*> order_;
  Findings seen_;  // in one view
};

}  // namespace gatehouse::guard
