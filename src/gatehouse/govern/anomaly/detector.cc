#include "gatehouse/govern/anomaly/detector.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace gatehouse::govern::anomaly {
namespace {

constexpr std::int64_t kMinutesOfWeek = 7 * 24 * 60;
// 1 January 1970 was a Thursday.
constexpr std::int64_t kFromMonday = std::int64_t{3} * 24 * 60;
constexpr std::int64_t kMostOfAnHour = 45;  // minutes; a shorter one is not learnt
constexpr std::size_t kMaxLabel = 256;

std::size_t hour_of_week(std::int64_t minute) {
  return static_cast<std::size_t>((minute + kFromMonday) % kMinutesOfWeek / 60);
}

base::WallTime at_minute(std::int64_t minute) { return base::WallTime(std::chrono::minutes(minute)); }

}  // namespace

Detector::Detector(Policy policy) : policy_(policy) {
  policy_.principals = std::max<std::size_t>(policy_.principals, 1);
}

void Detector::add(std::uint64_t principal, std::string_view label, const Amounts& amounts) {
  if (principal == 0) return;
  const auto found = index_.find(principal);
  if (found != index_.end()) {
    order_.splice(order_.begin(), order_, found->second);
  } else {
    if (index_.size() >= policy_.principals) {
      index_.erase(order_.back().id);
      order_.pop_back();
    }
    order_.emplace_front();
    order_.front().id = principal;
    order_.front().label = label.substr(0, kMaxLabel);
    index_.emplace(principal, order_.begin());
  }
  Amounts& pending = order_.front().pending;
  for (std::size_t i = 0; i < kSignalCount; ++i) pending[i] += std::max<std::int64_t>(amounts[i], 0);
}

std::vector<Alert> Detector::tick(base::WallTime now) {
  std::vector<Alert> alerts;
  const auto ended = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count() - 1;
  if (ended == minute_) return alerts;
  const std::int64_t passed = ended - minute_;
  if (minute_ < 0 || passed < 0 || passed > kLongest) {
    // At first, or the clock was set, or the machine slept: what is pending has no time that it could belong to.
    for (Watched& watched : order_) {
      watched.pending = {};
      for (Track& track : watched.tracks) {
        track.minutes = {};
        track.busiest = 0;
        track.beyond = 0;
      }
    }
    minute_ = ended;
    minutes_in_hour_ = 0;
    return alerts;
  }
  for (std::int64_t i = 0; i < passed; ++i) {
    ++minute_;
    one_minute(at_minute(minute_ + 1), 1.0 / static_cast<double>(passed), alerts);
    ++minutes_in_hour_;
    if ((minute_ + 1) % 60 == 0) close_hour(hour_of_week(minute_));
  }
  for (Watched& watched : order_) watched.pending = {};
  if (alerts.size() > kMaxAlerts) {
    alerts_dropped_ += alerts.size() - kMaxAlerts;
    alerts.resize(kMaxAlerts);
  }
  return alerts;
}

void Detector::one_minute(base::WallTime end, double share, std::vector<Alert>& alerts) {
  const std::size_t hour = hour_of_week(minute_);
  const auto slot = static_cast<std::size_t>(minute_) % kWindow;
  for (Watched& watched : order_) {
    for (std::size_t i = 0; i < kSignalCount; ++i) {
      if (!policy_.signals[i].enabled) continue;
      Track& track = watched.tracks[i];
      track.minutes[slot] = static_cast<double>(watched.pending[i]) * share;
      const double rate = std::accumulate(track.minutes.begin(), track.minutes.end(), 0.0) / kWindow;
      track.busiest = std::max(track.busiest, rate);
      if (rate == 0 && !track.alarm) {
        track.beyond = 0;
        continue;
      }
      if (watched.hours >= policy_.warm_up_hours) {
        judge(watched, static_cast<Signal>(i), track, rate, hour, end, alerts);
      }
    }
  }
}

void Detector::judge(const Watched& watched, Signal signal, Track& track, double rate, std::size_t hour,
                     base::WallTime now, std::vector<Alert>& alerts) {
  const SignalPolicy& policy = policy_.signals[static_cast<std::size_t>(signal)];
  const Baseline::Usual usual =
      track.baseline ? track.baseline->at(hour) : Baseline::Usual{.centre = 0, .spread = Baseline::kMinSpread};
  const double expected = std::expm1(usual.centre);
  const double threshold =
      std::max({policy.least, expected * policy.factor, std::expm1(usual.centre + policy.score * usual.spread)});
  track.beyond = rate > threshold ? track.beyond + 1 : 0;
  track.below = rate < threshold / 2 ? track.below + 1 : 0;
  Alert alert{.principal = watched.label,
              .signal = signal,
              .observed = rate,
              .expected = expected,
              .score = (std::log1p(rate) - usual.centre) / usual.spread,
              .since = track.since,
              .over = false,
              .throttle = policy.throttle};
  if (!track.alarm && track.beyond >= policy_.raise_after) {
    track.alarm = true;
    track.below = 0;
    track.since = alert.since = now - std::chrono::minutes(track.beyond);
    track.reported = !track.last_alert || now - *track.last_alert >= policy_.again;
    if (track.reported) {
      track.last_alert = now;
      alerts.push_back(std::move(alert));
    }
  } else if (track.alarm && track.below >= policy_.clear_after) {
    track.alarm = false;
    track.beyond = 0;
    alert.over = true;
    alert.throttle = false;
    if (std::exchange(track.reported, false)) alerts.push_back(std::move(alert));
  }
}

void Detector::close_hour(std::size_t hour) {
  const bool whole = minutes_in_hour_ >= kMostOfAnHour;
  minutes_in_hour_ = 0;
  for (Watched& watched : order_) {
    for (Track& track : watched.tracks) {
      const double busiest = std::exchange(track.busiest, 0);
      if (!whole || (busiest == 0 && !track.baseline)) continue;
      if (!track.baseline) {
        track.baseline = std::make_unique<Baseline>();
        // The hours before were silent, and that is known.
        const std::uint32_t silent = std::min<std::uint32_t>(watched.hours, kHoursOfWeek * 2);
        for (std::uint32_t i = silent; i > 0; --i) {
          track.baseline->learn((hour + 2 * kHoursOfWeek - i) % kHoursOfWeek, 0);
        }
      }
      track.baseline->learn(hour, std::log1p(busiest));
    }
    if (whole) ++watched.hours;
  }
}

bool Detector::throttled(std::uint64_t principal) const {
  const auto found = index_.find(principal);
  if (found == index_.end()) return false;
  for (std::size_t i = 0; i < kSignalCount; ++i) {
    if (policy_.signals[i].throttle && found->second->tracks[i].alarm) return true;
  }
  return false;
}

}  // namespace gatehouse::govern::anomaly
