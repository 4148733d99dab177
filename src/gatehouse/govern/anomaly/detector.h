#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/govern/anomaly/baseline.h"
#include "gatehouse/govern/anomaly/signal.h"

namespace gatehouse::govern::anomaly {

// One signal's thresholds. An alarm needs all of them at once, so that neither a tiny caller who triples nor a big one
// who wobbles raises it.
struct SignalPolicy {
  bool enabled = true;
  double least = 0;       // a minute; less is never an alarm
  double factor = 4;      // times what is expected
  double score = 6;       // deviations away from what is expected
  bool throttle = false;  // an alarm asks for throttling
};

struct Policy {
  // Sensible for a company's gateway: 20,000 tokens, 0.50 USD, 20 refusals or 10 failed authentications a minute.
  std::array<SignalPolicy, kSignalCount> signals{SignalPolicy{.least = 20'000}, SignalPolicy{.least = 5e8},
                                                 SignalPolicy{.least = 20}, SignalPolicy{.least = 10}};
  std::uint32_t raise_after = 3;                 // minutes in a row, of a 5 minute mean, that are beyond the thresholds
  std::uint32_t clear_after = 15;                // minutes in a row below half of them
  base::Duration again = std::chrono::hours(6);  // no second alert of a principal and signal earlier
  std::uint32_t warm_up_hours = 48;              // of a principal's own traffic before it is judged
  std::size_t principals = 10'000;               // watched; who was quiet longest is forgotten (7 KiB each)
};

// Watches what each principal does and says when it leaves its own pattern. Sans-IO, on the control thread: `add` what
// the workers gathered, then `tick` once a minute; alerts come out of it. Cost of a tick: some 100 ns for each
// principal that is active. Baselines live in memory only: after a restart they warm up again (`export`/`import` is the
// integrator's choice, and not offered yet).
//
// A minute is compared with the baseline of its hour of the week, in UTC. While a signal is in alarm its hours are not
// learnt, but for one in ten: an attack does not become the pattern by lasting, a new project does, in about two weeks.
class Detector {
 public:
  explicit Detector(Policy policy = {});

  // What a principal did since the last tick. `label` is kept when the principal is new and names it in alerts.
  void add(std::uint64_t principal, std::string_view label, const Amounts& amounts);
  // Ends the minute that `now` is in; ticks that come early in the same minute are ignored, minutes without any are
  // taken as silent. At most `kMaxAlerts` a tick; the rest is counted.
  static constexpr std::size_t kMaxAlerts = 100;
  std::vector<Alert> tick(base::WallTime now);

  // Whether policy wants this principal throttled at the moment.
  bool throttled(std::uint64_t principal) const;
  std::size_t watched() const { return index_.size(); }
  std::uint64_t alerts_dropped() const { return alerts_dropped_; }

 private:
  static constexpr std::size_t kWindow = 5;  // minutes
  struct Track {
    Baseline baseline;
    std::array<double, kWindow> minutes{};
    double window = 0;
    double hour = 0;
    std::uint32_t beyond = 0;
    std::uint32_t below = 0;
    bool alarm = false;
    bool reported = false;
    bool tainted = false;  // this hour was in alarm
    std::uint32_t tainted_hours = 0;
    base::WallTime since{};
    std::optional<base::WallTime> last_alert;
  };
  struct Watched {
    std::uint64_t id = 0;
    std::string label;
    Amounts pending{};
    std::array<Track, kSignalCount> tracks;
    std::int64_t quiet_minutes = 0;
  };
  using Order = std::list<Watched>;

  void close_hour(Watched& watched, std::size_t hour, std::int64_t minutes);
  void judge(Watched& watched, Signal signal, base::WallTime now, std::size_t hour, std::vector<Alert>& alerts);

  Policy policy_;
  Order order_;  // who was active last comes first
  std::unordered_map<std::uint64_t, Order::iterator> index_;
  std::int64_t minute_ = -1;
  std::int64_t hour_ = -1;
  std::int64_t minutes_in_hour_ = 0;
  std::uint64_t alerts_dropped_ = 0;
};

}  // namespace gatehouse::govern::anomaly
