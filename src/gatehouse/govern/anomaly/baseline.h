#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gatehouse::govern::anomaly {

inline constexpr std::size_t kHoursOfWeek = 168;  // from Monday 00:00

// What is usual for one signal of one principal at one hour of the week. An hour's value is its busiest five minutes,
// as ln(1 + amount a minute): on that scale a doubling is the same distance at night and at noon. Each cell holds an
// exponentially weighted Huber estimate of location and scale: what a value is farther away than two deviations does
// not count, so one wild hour moves a cell by a fraction of its usual spread, and a change that stays is followed
// within about three weeks. Three kinds of cells, the most particular one that has been seen twice decides: the hour of
// the week; the hour of the day on working days and at the weekend; all hours. Fixed-point numbers: 1.3 KiB. A plain
// value; one thread.
class Baseline {
 public:
  struct Usual {
    double centre = 0;  // ln(1 + amount a minute)
    double spread = 0;  // a standard deviation of it, never below kMinSpread
  };
  // Nothing that people do varies less from week to week; keeps a constant rate from alarming at 1% more.
  static constexpr double kMinSpread = 0.25;

  // `hour` of the week; `value` of at least 0.
  void learn(std::size_t hour, double value);
  // The hours before and after count too: what is done at ten may be done at nine next week.
  Usual at(std::size_t hour) const;

 private:
  struct Cell {
    std::uint16_t centre = 0;
    std::uint16_t spread = 0;
    std::uint16_t seen = 0;
  };
  static void move(Cell& cell, double value, double least_weight);
  static Usual usual(const Cell& cell);

  std::array<Cell, kHoursOfWeek> week_{};
  std::array<Cell, 48> day_{};
  Cell all_{};
};

}  // namespace gatehouse::govern::anomaly
