#pragma once

#include <chrono>

namespace gatehouse::base {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// Time is passed in, so that a test turns it by hand. Thread-safe where the implementation says so.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime now() const = 0;  // for durations and deadlines
  virtual WallTime wall() const = 0;   // for records
};

// The machine's clocks. Thread-safe.
class SystemClock final : public Clock {
 public:
  SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// Stands still until it is moved. Not thread-safe.
class ManualClock final : public Clock {
 public:
  SteadyTime now() const override { return now_; }
  WallTime wall() const override { return wall_; }
  void advance(Duration by) {
    now_ += by;
    wall_ += std::chrono::duration_cast<WallTime::duration>(by);
  }

 private:
  SteadyTime now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
};

}  // namespace gatehouse::base
