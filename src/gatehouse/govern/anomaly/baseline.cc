#include "gatehouse/govern/anomaly/baseline.h"

#include <algorithm>
#include <cmath>

namespace gatehouse::govern::anomaly {
namespace {

constexpr double kCentreUnit = 1.0 / 1000;   // up to ln(1 + x) = 65
constexpr double kSpreadUnit = 1.0 / 8000;   // up to 8
constexpr double kClip = 2;                  // deviations
constexpr double kFirstSpread = 0.7;         // of a cell that has seen one value: a factor of two
constexpr double kMeanToDeviation = 1.2533;  // of a normal distribution: standard deviation by mean distance
constexpr std::uint16_t kEnough = 2;

std::uint16_t fixed(double value, double unit) {
  return static_cast<std::uint16_t>(std::clamp(std::lround(value / unit), 0L, 65535L));
}

std::size_t day_cell(std::size_t hour) {
  const bool weekend = hour >= 5 * std::size_t{24};
  return hour % 24 + (weekend ? 24 : 0);
}

}  // namespace

Baseline::Usual Baseline::usual(const Cell& cell) {
  return {.centre = cell.centre * kCentreUnit, .spread = std::max(cell.spread * kSpreadUnit, kMinSpread)};
}

void Baseline::move(Cell& cell, double value, double least_weight) {
  if (cell.seen == 0) {
    cell = {.centre = fixed(value, kCentreUnit), .spread = fixed(kFirstSpread, kSpreadUnit), .seen = 1};
    return;
  }
  const Usual before = usual(cell);
  const double weight = std::max(1.0 / (cell.seen + 1), least_weight);
  const double distance = std::clamp(value - before.centre, -kClip * before.spread, kClip * before.spread);
  cell.centre = fixed(before.centre + weight * distance, kCentreUnit);
  const double spread = cell.spread * kSpreadUnit;
  cell.spread = fixed(spread + weight * (std::abs(distance) * kMeanToDeviation - spread), kSpreadUnit);
  if (cell.seen < 65535) ++cell.seen;
}

void Baseline::learn(std::size_t hour, double value) {
  move(week_[hour % kHoursOfWeek], value, 0.4);
  move(day_[day_cell(hour % kHoursOfWeek)], value, 0.15);
  move(all_, value, 0.02);
}

Baseline::Usual Baseline::at(std::size_t hour) const {
  // The centre of the busiest hour around; the spread of all of them together, which one cell has seen too little for.
  Usual found;
  double spreads = 0;
  int cells = 0;
  const auto take = [&](const Cell& cell) {
    if (cell.seen < kEnough) return;
    const Usual one = usual(cell);
    found.centre = std::max(found.centre, one.centre);
    spreads += one.spread;
    ++cells;
  };
  hour %= kHoursOfWeek;
  const std::array<std::size_t, 3> around{hour, (hour + 1) % kHoursOfWeek, (hour + kHoursOfWeek - 1) % kHoursOfWeek};
  if (week_[hour].seen >= kEnough) {
    for (const auto near : around) take(week_[near]);
  } else {
    // On the first weekend what is done every night is done that night too.
    const bool own = day_[day_cell(hour)].seen >= kEnough;
    for (const auto near : around) take(day_[own ? day_cell(near) : near % 24]);
  }
  if (cells == 0) return usual(all_);
  found.spread = spreads / cells;
  return found;
}

}  // namespace gatehouse::govern::anomaly
