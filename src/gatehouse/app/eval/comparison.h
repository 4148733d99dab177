#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "gatehouse/app/eval/tally.h"

namespace gatehouse::app {

// The parts of the detection beside each other: the same rows, the same threshold.
enum class Variant : std::uint8_t {
  patterns,    // detectors that are asked no model
  linear,      // the linear model alone: the floor
  encoder,     // the encoder alone, without linear model and patterns
  all,         // as it ships
  all_strict,  // as it ships, from the higher score of those who would rather miss than refuse
};
inline constexpr std::size_t kVariants = 5;
std::string_view name(Variant variant);

class Comparison {
 public:
  void count(Variant variant, const std::string& group, bool expected, bool found);
  // What is counted from here on are spans (Tally::of_spans).
  void of_spans() { of_spans_ = true; }
  bool empty() const;
  const Tally& all(Variant variant) const { return all_[static_cast<std::size_t>(variant)]; }

  // Members of an object: one for each variant that was counted, with its groups in `by`.
  void write(json::Writer& writer, std::string_view by) const;
  // A table with a line a group and a column a variant: found, and false alarms where there could be any.
  std::string to_text(std::string_view title) const;

 private:
  std::array<Tally, kVariants> all_{};
  std::map<std::string, std::array<Tally, kVariants>> groups_;
  bool of_spans_ = false;
};

}  // namespace gatehouse::app
