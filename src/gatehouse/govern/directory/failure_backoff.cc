#include "gatehouse/govern/directory/failure_backoff.h"

#include <algorithm>
#include <array>

namespace gatehouse::govern {
namespace {

base::Address counted_as(const base::Address& from) {
  if (!from.is_v6()) return from;
  std::array<std::uint8_t, 16> bytes{};
  const auto network = from.bytes().substr(0, 8);
  std::ranges::copy(network, bytes.begin());
  return base::Address::v6(bytes);
}

}  // namespace

base::Duration FailureBackoff::wait(const base::Address& from, base::SteadyTime now) const {
  const auto at = index_.find(counted_as(from));
  if (at == index_.end() || now >= at->second->until) return base::Duration::zero();
  return at->second->until - now;
}

void FailureBackoff::failed(const base::Address& from, base::SteadyTime now) {
  const base::Address address = counted_as(from);
  const auto at = index_.find(address);
  if (at == index_.end()) {
    if (entries_.size() >= options_.most) {
      index_.erase(entries_.back().from);
      entries_.pop_back();
    }
    entries_.push_front({.from = address});
    index_.emplace(address, entries_.begin());
  } else {
    entries_.splice(entries_.begin(), entries_, at->second);
  }
  Entry& entry = entries_.front();
  if (now - entry.last > options_.forget_after) entry.failures = 0;
  entry.last = now;
  ++entry.failures;
  if (entry.failures <= options_.free_failures) return;
  const unsigned doublings = std::min(entry.failures - options_.free_failures - 1, 20U);
  const auto wait = std::min<base::Duration>(options_.first * (std::uint64_t{1} << doublings), options_.longest);
  entry.until = now + wait;
}

void FailureBackoff::succeeded(const base::Address& from) {
  const auto at = index_.find(counted_as(from));
  if (at == index_.end()) return;
  entries_.erase(at->second);
  index_.erase(at);
}

}  // namespace gatehouse::govern
