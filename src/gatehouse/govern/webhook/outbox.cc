#include "gatehouse/govern/webhook/outbox.h"

#include <algorithm>
#include <utility>

namespace gatehouse::govern::webhook {

Outbox::Outbox() : Outbox(Policy{}) {}
Outbox::Outbox(Policy policy) : policy_(policy) {}

bool Outbox::push(std::string body) {
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() >= policy_.events || bytes_ + body.size() > policy_.bytes) {
    ++counts_.dropped_full;
    return false;
  }
  bytes_ += body.size();
  waiting_.push_back(std::move(body));
  return true;
}

std::optional<Outbox::Message> Outbox::next(base::SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  if (in_flight_ || waiting_.empty() || now < not_before_) return std::nullopt;
  in_flight_ = true;
  ++attempts_;
  return Message{.ticket = ++ticket_, .body = waiting_.front(), .attempt = attempts_};
}

void Outbox::done(std::uint64_t ticket, int status, base::SteadyTime now, base::Random& random) {
  const std::scoped_lock lock(mutex_);
  if (!in_flight_ || ticket != ticket_) return;
  in_flight_ = false;
  const bool sent = status >= 200 && status < 300;
  // RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4: the request was not wrong, only its time. What else a receiver refuses
  // it will refuse again.
  const bool again = status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
  if (!sent) ++counts_.failed_tries;
  if (!sent && again && attempts_ < policy_.tries) {
    base::Duration pause = policy_.first_pause;
    for (std::uint32_t i = 1; i < attempts_ && pause < policy_.longest_pause; ++i) pause *= 2;
    pause = std::min(pause, policy_.longest_pause);
    const auto half = static_cast<std::uint64_t>(std::max<std::int64_t>(pause.count() / 2, 1));
    not_before_ = now + pause + base::Duration(static_cast<std::int64_t>(random.below(half)));
    return;
  }
  ++(sent ? counts_.sent : counts_.dropped_tried);
  bytes_ -= waiting_.front().size();
  waiting_.pop_front();
  attempts_ = 0;
}

Outbox::Counts Outbox::counts() const {
  const std::scoped_lock lock(mutex_);
  Counts counts = counts_;
  counts.waiting = waiting_.size();
  return counts;
}

}  // namespace gatehouse::govern::webhook
