#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"

// Sizes, durations and times as the configuration writes them. Errors have Code::configuration and a detail that goes
// on after the value, as in "`10x` DETAIL".
namespace gatehouse::config {

// `64KiB`, `32MiB`, `1GiB`: bytes. A number without a unit is not for this function.
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);  // the largest unit that divides it: "32MiB", "1000"

// `250ms`, `10s`, `5m`, `1h`.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::milliseconds duration);

// A date (its first instant in UTC) or a date-time of RFC 3339, from 1970 to 2200.
Result<base::WallTime> parse_time(std::string_view text);

}  // namespace gatehouse::config
