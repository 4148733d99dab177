#include "gatehouse/govern/auth_backoff.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace gatehouse::govern {
namespace {

// A word: 24 bits of the address's hash, 12 of the count in eighths, 28 of time in tenths of a second (310 days; what
// is older and was never touched again may look young once more, and delays one failure).
constexpr unsigned kCountBits = 12;
constexpr unsigned kTimeBits = 28;
constexpr std::uint64_t kTimeMask = (1ULL << kTimeBits) - 1;
constexpr double kCountUnit = 1.0 / 8;
constexpr std::chrono::milliseconds kTick{100};

// The finaliser of MurmurHash3 (Appleby, public domain): every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 33U)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33U);
}

}  // namespace

AuthBackoff::AuthBackoff(const Policy& policy, std::size_t capacity, std::uint64_t seed, base::SteadyTime start)
    : policy_(policy), seed_(seed), start_(start), sets_(std::bit_ceil(std::max(capacity, kWays)) / kWays) {
  policy_.free = std::clamp(policy_.free, 1U, 100U);
  policy_.first = std::max(policy_.first, std::chrono::seconds(1));
  policy_.longest = std::clamp(policy_.longest, policy_.first, std::chrono::seconds(86'400));
  policy_.half_life = std::max(policy_.half_life, std::chrono::seconds(1));
  most_ =
      policy_.free + 2 +
      std::ceil(std::log2(static_cast<double>(policy_.longest.count()) / static_cast<double>(policy_.first.count())));
  places_ = std::make_unique<std::atomic<std::uint64_t>[]>(sets_ * kWays);
}

AuthBackoff::Entry AuthBackoff::unpack(std::uint64_t word) {
  return {.tag = word >> (kCountBits + kTimeBits),
          .count = static_cast<double>(word >> kTimeBits & ((1U << kCountBits) - 1)) * kCountUnit,
          .written = word & kTimeMask};
}

std::uint64_t AuthBackoff::pack(const Entry& entry) {
  const auto count = static_cast<std::uint64_t>(entry.count / kCountUnit);
  return entry.tag << (kCountBits + kTimeBits) | count << kTimeBits | (entry.written & kTimeMask);
}

AuthBackoff::Key AuthBackoff::key_of(const base::Address& client) const {
  std::uint64_t number = 0;
  std::memcpy(&number, client.bytes().data(), client.is_v6() ? 8 : 4);
  // Of one family an address is never mistaken for one of the other: 2000::/3 and zero bytes differ, and so do seeds.
  const std::uint64_t hash = mix(mix(number ^ seed_) + (client.is_v6() ? seed_ : ~seed_));
  return {.set = static_cast<std::size_t>(hash & (sets_ - 1)), .tag = hash >> (kCountBits + kTimeBits)};
}

std::uint64_t AuthBackoff::ticks(base::SteadyTime now) const {
  return now < start_ ? 0 : static_cast<std::uint64_t>((now - start_) / kTick);
}

double AuthBackoff::left(const Entry& entry, std::uint64_t now) const {
  const auto age = static_cast<double>((now - entry.written) & kTimeMask) / 10;
  return entry.count * std::exp2(-age / static_cast<double>(policy_.half_life.count()));
}

std::optional<base::SteadyTime> AuthBackoff::until(const Entry& entry) const {
  if (entry.count <= policy_.free) return std::nullopt;
  const double seconds =
      std::min(static_cast<double>(policy_.first.count()) * std::exp2(entry.count - policy_.free - 1),
               static_cast<double>(policy_.longest.count()));
  return start_ + entry.written * kTick + std::chrono::milliseconds(std::lround(seconds * 1000));
}

std::optional<base::SteadyTime> AuthBackoff::failed(const base::Address& client, base::SteadyTime now) {
  const Key key = key_of(client);
  const std::uint64_t at = ticks(now);
  // Twice: when another thread was quicker, once more with what it wrote.
  Entry next{.tag = key.tag, .count = 1, .written = at};
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::atomic<std::uint64_t>* place = nullptr;
    std::uint64_t seen = 0;
    double least = 0;
    next.count = 1;
    for (std::size_t way = 0; way < kWays; ++way) {
      std::atomic<std::uint64_t>& candidate = places_[key.set * kWays + way];
      const std::uint64_t word = candidate.load(std::memory_order_relaxed);
      const Entry entry = unpack(word);
      const double count = left(entry, at);
      const bool own = entry.tag == key.tag && entry.count > 0;
      if (own || place == nullptr || count < least) {
        place = &candidate;
        seen = word;
        least = count;
      }
      if (own) {
        next.count = std::min(std::round(count / kCountUnit) * kCountUnit + 1, most_);
        break;
      }
    }
    if (place->compare_exchange_strong(seen, pack(next), std::memory_order_relaxed)) break;
  }
  return until(next);
}

std::optional<base::SteadyTime> AuthBackoff::refused_until(const base::Address& client, base::SteadyTime now) const {
  const Key key = key_of(client);
  const std::uint64_t at = ticks(now);
  for (std::size_t way = 0; way < kWays; ++way) {
    Entry entry = unpack(places_[key.set * kWays + way].load(std::memory_order_relaxed));
    if (entry.tag != key.tag || entry.count == 0) continue;
    entry.written = at - ((at - entry.written) & kTimeMask);
    const auto when = until(entry);
    return when && *when > now ? when : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace gatehouse::govern
