#pragma once

#include <optional>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"

namespace gatehouse::providers {

// When a credential is to be fetched: at once, then well ahead of its end, and after failures at growing intervals that
// differ between gateways, so that they do not all come at the same moment. Values only; time is passed in.
class RefreshSchedule {
 public:
  static constexpr base::Duration kFirstPause = std::chrono::seconds(1);
  static constexpr base::Duration kLongestPause = std::chrono::minutes(1);
  static constexpr base::Duration kMostAhead = std::chrono::minutes(5);

  bool due(base::SteadyTime now) const { return !running_ && next_ && now >= *next_; }
  void started() { running_ = true; }
  // `life`: until the credential ends; nothing: it does not. `again`: the longest until it is looked for anew all the
  // same (files that change); nothing: never.
  void succeeded(base::SteadyTime now, std::optional<base::Duration> life, std::optional<base::Duration> again,
                 base::Random& random);
  void failed(base::SteadyTime now, base::Random& random);
  unsigned failures() const { return failures_; }  // in a row

 private:
  std::optional<base::SteadyTime> next_ = base::SteadyTime{};
  unsigned failures_ = 0;
  bool running_ = false;
};

}  // namespace gatehouse::providers
