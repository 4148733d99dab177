#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gatehouse::govern::anomaly {

inline constexpr std::size_t kHoursOfWeek = 168;

// What is usual for one signal of one principal at one hour of the week. For each hour a running median and a running
// median of the distances from it, moved by a step towards each new value (stochastic approximation of the median), so
// that a single wild hour moves it little; beside them one pair for all hours, for weeks in which an hour has not been
// seen often enough. Values are taken on a logarithmic scale (ln(1 + x)), where a doubling is the same distance at
// night and at noon. 1.4 KiB. A plain value; one thread.
class Baseline {
 public:
  struct Usual {
    double centre = 0;  // ln(1 + amount a minute)
    double spread =
        0;  // of ln(1 + amount a minute), as a standard deviation would be (1.4826 MAD), never below kMinSpread
    bool warm = false;  // enough was seen to judge by
  };
  // Less than this no signal of people varies; keeps a machine's constant rate from alarming at 1%.
  static constexpr double kMinSpread = 0.25;

  // `hour` of the week from 0 to 167; `value` on the logarithmic scale.
  void learn(std::size_t hour, double value);
  // Neighbouring hours count too: what happens at ten may happen at nine next week.
  Usual at(std::size_t hour) const;
  // Hours seen in all.
  std::uint32_t hours() const { return hours_; }

 private:
  struct Cell {
    float centre = 0;
    float spread = 0;
    std::uint16_t seen = 0;
  };
  static void move(Cell& cell, double value, double floor);

  std::array<Cell, kHoursOfWeek> cells_{};
  Cell all_{};
  std::uint32_t hours_ = 0;
};

}  // namespace gatehouse::govern::anomaly
