#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "gatehouse/base/address.h"
#include "gatehouse/base/clock.h"

namespace gatehouse::govern {

// Slows down whoever tries keys. For each client address (IPv4 whole, IPv6 by its /64, which is what one customer is
// given) it counts failed authentications; from the one after `free` on, failures are answered "not before T", and T
// moves away exponentially. The count decays by half every `half_life`.
//
// What it must not do is lock out a company behind one address because one machine in it guesses keys. So it never
// stands before the key check: a request is authenticated first, and one with a good key passes whatever its address
// has done. Only the answer to a failure changes: 401 becomes 429 with `retry-after`. An attacker loses nothing that
// matters by that and gains nothing: guessing 178 random bits is hopeless at any rate, and what the delay is against is
// what guesses cost us (logs, alerts, audit rows, checks of signatures), which a caller may skip for a refusal that
// `refused_until` announced. A credential whose check is dear (a token with a signature: some 50 us to 200 us) may be
// refused before the check when `refused_until` says so, unless it is known to be good already (JwtCache): a token that
// was seen once keeps passing, and a new one from a noisy address waits, at most `longest`.
//
// One table for all threads (who opens many connections meets all workers): places of 8 bytes in sets of 4, each one
// atomic word; no lock, no allocation, constant work. A set that is full gives the place of the address that has the
// least left to forget. When threads fail in the same place in the same instant some failures may go uncounted.
// Addresses are kept as 24 bits of a keyed hash: two that share them share their delay, once in 16 million pairs of a
// set.
class AuthBackoff {
 public:
  struct Policy {
    std::uint32_t free = 10;  // failures that cost nothing, 1 to 100
    std::chrono::seconds first{1};
    std::chrono::seconds longest{300};  // at most a day
    std::chrono::seconds half_life{120};
  };
  // `capacity` (addresses) is rounded up to a power of two; `seed` is random. `start`: not after the first use.
  AuthBackoff(const Policy& policy, std::size_t capacity, std::uint64_t seed, base::SteadyTime start);

  // Counts a failure. Nothing: answer as usual. Else: this and further failures are refused until then.
  std::optional<base::SteadyTime> failed(const base::Address& client, base::SteadyTime now);
  // Without counting: until when failures of this address are refused. Nothing: they are not.
  std::optional<base::SteadyTime> refused_until(const base::Address& client, base::SteadyTime now) const;

 private:
  static constexpr std::size_t kWays = 4;
  struct Entry {
    std::uint64_t tag = 0;
    double count = 0;           // when it was written
    std::uint64_t written = 0;  // ticks since start_
  };
  struct Key {
    std::size_t set;
    std::uint64_t tag;
  };
  static Entry unpack(std::uint64_t word);
  static std::uint64_t pack(const Entry& entry);
  Key key_of(const base::Address& client) const;
  std::uint64_t ticks(base::SteadyTime now) const;
  double left(const Entry& entry, std::uint64_t now) const;
  std::optional<base::SteadyTime> until(const Entry& entry) const;

  Policy policy_;
  std::uint64_t seed_;
  base::SteadyTime start_;
  double most_;  // no count goes beyond what the longest delay needs
  std::size_t sets_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> places_;
};

}  // namespace gatehouse::govern
