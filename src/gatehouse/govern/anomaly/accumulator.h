#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gatehouse/govern/anomaly/signal.h"

namespace gatehouse::govern::anomaly {

// What the principals of one worker did since somebody last asked: an open-addressed table by the principal's number.
// An addition is a hash and a few adds; no lock and no allocation. Bounded: with `capacity` principals in it, further
// ones are put together under the number 0 and counted as dropped. One thread: the worker adds, and on its own thread
// hands the content over (`take` swaps two tables) for the control thread to fold.
class Accumulator {
 public:
  struct Entry {
    std::uint64_t principal = 0;
    Amounts amounts{};
  };

  // `capacity` is rounded up to a power of two.
  explicit Accumulator(std::size_t capacity = 4096);

  // `principal` is a stable number, not 0 (e.g. a 64-bit hash of key id or user).
  void add(std::uint64_t principal, Signal signal, std::int64_t amount);
  void add(std::uint64_t principal, const Amounts& amounts);
  // What was added since the last time; the accumulator is empty then. `into` is cleared first; its memory is reused.
  void take(std::vector<Entry>& into);
  std::uint64_t dropped() const { return dropped_; }

 private:
  Entry* place(std::uint64_t principal);

  std::vector<Entry> slots_;
  Entry rest_;  // of all that did not fit, as number 0
  std::size_t used_ = 0;
  std::size_t limit_;
  std::uint64_t dropped_ = 0;
};

}  // namespace gatehouse::govern::anomaly
