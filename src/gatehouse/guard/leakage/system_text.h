#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::guard {

// What an answer must not repeat: the words of the request's system segments, as a set of all runs of one to four of
// them. Made once a request by its inspection, for one thread: the set is built at the first question. No text is kept.
// Of more than kMostBytes the rest is left out.
class SystemText {
 public:
  // Words of a shingle. Short, so that a copy with words left out or put in here and there still shows; what is a leak
  // is decided by how many shingles follow each other.
  static constexpr std::size_t kShingle = 4;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10;

  // One segment, in order; it must outlive the first question.
  void add(std::string_view text);
  bool empty() const { return parts_.empty(); }
  // Whether all of it was taken in.
  bool complete() const { return bytes_ <= kMostBytes; }

  // Whether a run of words with this hash (`append`, from 0 on) stands in it. Wrong once in some 2^30 questions.
  bool has(std::uint64_t run) const;
  static std::uint64_t append(std::uint64_t run, std::uint32_t word) {
    run = (run ^ word) * 0x9E3779B97F4A7C15U;
    return run ^ (run >> 29);
  }

 private:
  void build() const;
  void insert(std::uint64_t run) const;

  std::vector<std::string_view> parts_;
  std::size_t bytes_ = 0;
  mutable bool built_ = false;
  mutable std::vector<std::uint32_t> slots_;  // open addressing by the lower bits; the upper ones stand there; 0: free
  mutable std::uint64_t mask_ = 0;
};

}  // namespace gatehouse::guard
