#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"

namespace gatehouse::govern::anomaly {

// What is watched of a principal. The names are part of events and metrics.
enum class Signal : std::uint8_t { tokens, spend, refusals, auth_failures };
inline constexpr std::size_t kSignalCount = 4;
std::string_view name(Signal signal);

// What one principal did, by signal: tokens, nanodollars, refused requests, failed authentications.
using Amounts = std::array<std::int64_t, kSignalCount>;

// A signal left the principal's own pattern.
struct Alert {
  std::string principal;
  Signal signal{};
  double observed = 0;  // a minute, over the window that decided
  double expected = 0;  // a minute, by the baseline
  double score = 0;     // how many of its usual deviations it is away
  base::WallTime since{};
  bool over = false;      // it came back: the alert that began at `since` has ended
  bool throttle = false;  // the policy wants the principal throttled until it is over
};

}  // namespace gatehouse::govern::anomaly
