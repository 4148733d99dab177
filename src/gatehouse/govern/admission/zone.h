#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/limit.h"

namespace gatehouse::govern {

// A half-open stretch of time.
struct Span {
  base::WallTime start;
  base::WallTime end;
  bool operator==(const Span&) const = default;
};

// A time zone of the system's IANA database, by its rules of daylight saving. A small value that shares what it knows;
// any thread. Default-constructed: UTC.
class Zone {
 public:
  // Code::configuration: the database has no such zone. Empty: UTC. Reads a file the first time.
  static Result<Zone> load(const std::string& name);

  // The calendar's minute, hour, day, week from Monday or month around `time`, by local clocks; a day whose midnight
  // does not exist begins when it first exists. Minutes and hours are those of UTC. `lifetime` has no ends.
  Span around(Period period, base::WallTime time) const;

  struct Local {
    std::uint8_t weekday;  // 0 is Monday
    std::uint16_t minute;  // of the day
  };
  Local local(base::WallTime time) const;

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace gatehouse::govern
