#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common.h"

namespace gatehouse::bench {

// Counts nanoseconds in buckets of under 1% width up to about 1000 s.
class Histogram {
 public:
  void add(Nanos value) {
    const auto v = static_cast<std::uint64_t>(value < 0 ? 0 : value);
    ++buckets_[index(v)];
    ++count_;
    if (value > max_) max_ = value;
  }
  std::uint64_t count() const { return count_; }
  // Microseconds; `share` in (0, 1]; -1 when nothing was counted.
  double quantile_us(double share) const {
    if (count_ == 0) return -1;
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= wanted && seen > 0) return static_cast<double>(middle(i)) / 1000.0;
    }
    return static_cast<double>(max_) / 1000.0;
  }
  double max_us() const { return static_cast<double>(max_) / 1000.0; }

 private:
  static constexpr unsigned kBits = 7;
  static std::size_t index(std::uint64_t v) {
    if (v < (1U << kBits)) return v;
    const unsigned shift = static_cast<unsigned>(std::bit_width(v)) - 1 - kBits;
    const std::size_t at = (static_cast<std::size_t>(shift + 1) << kBits) + ((v >> shift) & ((1U << kBits) - 1));
    return at < kBuckets ? at : kBuckets - 1;
  }
  static std::uint64_t middle(std::size_t i) {
    if (i < (1U << kBits)) return i;
    const unsigned shift = static_cast<unsigned>(i >> kBits) - 1;
    const std::uint64_t low = ((1ULL << kBits) | (i & ((1U << kBits) - 1))) << shift;
    return low + ((1ULL << shift) >> 1);
  }
  static constexpr std::size_t kBuckets = 34U << kBits;
  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(kBuckets);
  std::uint64_t count_ = 0;
  Nanos max_ = 0;
};

}  // namespace gatehouse::bench
