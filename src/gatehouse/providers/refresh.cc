#include "gatehouse/providers/refresh.h"

#include <algorithm>

namespace gatehouse::providers {

void RefreshSchedule::succeeded(base::SteadyTime now, std::optional<base::Duration> life,
                                std::optional<base::Duration> again, base::Random& random) {
  running_ = false;
  failures_ = 0;
  next_.reset();
  if (life) {
    // Five minutes ahead, or half of a short life; up to a tenth of that earlier still.
    const auto ahead = std::min(kMostAhead, *life / 2);
    const auto tenth = static_cast<std::uint64_t>(std::max<base::Duration::rep>(1, (ahead / 10).count()));
    const auto early = base::Duration(static_cast<base::Duration::rep>(random.below(tenth)));
    next_ = now + std::max(*life - ahead - early, kFirstPause);
  }
  if (again && (!next_ || now + *again < *next_)) next_ = now + *again;
}

void RefreshSchedule::failed(base::SteadyTime now, base::Random& random) {
  running_ = false;
  const unsigned doublings = std::min(failures_, 6U);
  ++failures_;
  const auto pause = std::min(kFirstPause * (1U << doublings), kLongestPause);
  // Between half of the pause and the whole.
  const auto half = static_cast<std::uint64_t>((pause / 2).count());
  next_ = now + pause / 2 + base::Duration(static_cast<base::Duration::rep>(random.below(half)));
}

}  // namespace gatehouse::providers
