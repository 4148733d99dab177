#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "gatehouse/json/writer.h"

namespace gatehouse::app {

// How long things took, by how long their texts were: at most 32, 128, 512 tokens, and more. Times in milliseconds.
class Lengths {
 public:
  static constexpr std::array<std::size_t, 3> kBounds = {32, 128, 512};

  void add(std::size_t tokens, double milliseconds);
  bool empty() const;
  // An array: {"tokens": 32, "n", "p50_ms", "p95_ms"}; without `tokens`: longer than the last bound.
  void write(json::Writer& writer) const;
  std::string to_text() const;

 private:
  std::array<std::vector<double>, kBounds.size() + 1> times_;
};

// The value below which `share` (0 to 1) of them lie; 0 of none.
double percentile(std::vector<double> values, double share);

}  // namespace gatehouse::app
