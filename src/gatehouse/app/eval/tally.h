#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "gatehouse/json/writer.h"

namespace gatehouse::app {

// Right and wrong answers, and what they come to. What cannot be computed is absent.
struct Tally {
  std::uint64_t true_positive = 0, false_positive = 0, true_negative = 0, false_negative = 0;
  // Of spans nobody knows how many might have been found wrongly: what asks for that is absent.
  bool of_spans = false;

  void count(bool expected, bool found) {
    (expected ? (found ? true_positive : false_negative) : (found ? false_positive : true_negative))++;
  }
  std::uint64_t positives() const { return true_positive + false_negative; }
  std::uint64_t negatives() const { return true_negative + false_positive; }
  std::uint64_t all() const { return positives() + negatives(); }
  // The F measure, recall weighing `beta` times as much as precision; 0 where nothing was found.
  double f(double beta) const;
  // Writes the members of an object: n, accuracy, precision, recall, false_positive_rate, f1, f2, with Wilson intervals
  // of 95% of recall and false_positive_rate.
  void write(json::Writer& writer) const;
};

// The 95% interval of a share (Wilson's score).
struct Interval {
  double low = 0, high = 1;
};
Interval wilson(std::uint64_t hits, std::uint64_t of);

}  // namespace gatehouse::app
