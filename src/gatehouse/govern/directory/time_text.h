#pragma once

#include <cstdint>
#include <string>

#include "gatehouse/base/clock.h"

namespace gatehouse::govern {

// RFC 3339 in UTC, to the second: "2026-03-01T09:30:00Z".
std::string to_rfc3339(base::WallTime time);

// Milliseconds since 1970, as the store keeps times.
inline std::int64_t to_millis(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
inline base::WallTime from_millis(std::int64_t millis) {
  return base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(std::chrono::milliseconds(millis)));
}

}  // namespace gatehouse::govern
