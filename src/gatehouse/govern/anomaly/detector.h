#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
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
  double factor = 3;      // times what is expected
  double score = 3;       // deviations away from what is expected
  bool throttle = false;  // an alarm asks for throttling
};

struct Policy {
  // (Against the busiest five minutes that an hour usually has: three times that is some five times its mean.)
  // Sensible for a company's gateway: 20,000 tokens, 0.50 USD, 20 refusals or 10 failed authentications a minute.
  std::array<SignalPolicy, kSignalCount> signals{SignalPolicy{.least = 20'000}, SignalPolicy{.least = 5e8},
                                                 SignalPolicy{.least = 20}, SignalPolicy{.least = 10}};
  std::uint32_t raise_after = 3;   // minutes in a row in which the mean of five is beyond the thresholds
  std::uint32_t clear_after = 15;  // minutes in a row in which it is below half of them
  std::chrono::seconds again = std::chrono::hours(6);  // no second alert of a principal and signal earlier
  std::uint32_t warm_up_hours = 48;                    // since a principal was first seen, before it is judged
  std::size_t principals = 4000;                       // watched; who was quiet longest is forgotten
};

// Watches what each principal does and says when it leaves its own pattern. Sans-IO, on the control thread: `add` what
// the workers gathered, then `tick` once a minute; alerts come out of it. Memory: 0.7 KiB a principal and 1.3 KiB for
// each signal that it ever showed. Baselines live in memory only: after a restart they warm up again.
//
// Each minute the mean of the last five is compared with what is usual at this hour of the week (UTC; see Baseline).
// Only more than usual is an alarm: a holiday is none. Not seen are a principal's first two days, what stays below
// `least`, and whoever grows by less than about the factor in a week.
class Detector {
 public:
  explicit Detector(Policy policy = {});

  // What a principal did since the last tick. `label` is kept when the principal is new and names it in alerts. Number
  // 0 (Accumulator's rest) is left out.
  void add(std::uint64_t principal, std::string_view label, const Amounts& amounts);
  // Ends the minute before `now`'s; a second call in the same minute does nothing. What was added is spread evenly over
  // the minutes since the last tick; after more than kLongest of them (a machine that slept) nothing is concluded. At
  // most kMaxAlerts come out of a tick; the rest is counted.
  static constexpr std::size_t kMaxAlerts = 100;
  static constexpr std::int64_t kLongest = 10;
  std::vector<Alert> tick(base::WallTime now);

  // Whether policy wants this principal throttled at the moment.
  bool throttled(std::uint64_t principal) const;
  std::size_t watched() const { return index_.size(); }
  std::uint64_t alerts_dropped() const { return alerts_dropped_; }

 private:
  static constexpr std::size_t kWindow = 5;  // minutes
  struct Track {
    std::unique_ptr<Baseline> baseline;  // null: always zero so far
    std::array<double, kWindow> minutes{};
    double busiest = 0;  // mean of five minutes in this hour
    std::uint32_t beyond = 0;
    std::uint32_t below = 0;
    bool alarm = false;
    bool reported = false;
    base::WallTime since{};
    std::optional<base::WallTime> last_alert;
  };
  struct Watched {
    std::uint64_t id = 0;
    std::string label;
    Amounts pending{};
    std::array<Track, kSignalCount> tracks;
    std::uint32_t hours = 0;  // learnt
  };
  using Order = std::list<Watched>;

  void one_minute(base::WallTime end, double share, std::vector<Alert>& alerts);
  void close_hour(std::size_t hour);
  void judge(const Watched& watched, Signal signal, Track& track, double rate, std::size_t hour, base::WallTime now,
             std::vector<Alert>& alerts);

  Policy policy_;
  Order order_;  // who was active last comes first
  std::unordered_map<std::uint64_t, Order::iterator> index_;
  std::int64_t minute_ = -1;  // since 1970, the last one that was ended
  std::int64_t minutes_in_hour_ = 0;
  std::uint64_t alerts_dropped_ = 0;
};

}  // namespace gatehouse::govern::anomaly
