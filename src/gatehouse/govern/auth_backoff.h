#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "gatehouse/base/address.h"
#include "gatehouse/base/clock.h"

namespace gatehouse::govern {

// Slows down whoever tries keys. For each client address (IPv4 whole, IPv6 by its /64, which is what one customer is
// given) it counts failed authentications; after `free` of them the next failure is answered "not before T", and T
// moves away exponentially. The count decays by half every `half_life`.
//
// What it must not do is lock out a company behind one address because one machine in it guesses keys. So it never
// stands before the key check: a request is authenticated first, and one with a good key passes whatever its address
// has done. Only the answer to a failure changes: 401 becomes 429 with `retry-after`, and the integrator may close the
// connection. An attacker wins nothing by this: guessing 178 random bits is hopeless at any rate, and what the delay is
// against is the cost of guesses (logs, alerts, checks of signatures). A credential whose check is dear (a JWT with an
// unknown signature: some 50 us) may be refused before the check when `refused_until` says so, unless it is already
// known to be good (JwtCache): a good token that was seen once keeps passing, and a new one from a noisy address waits.
//
// One table for all workers (an attacker who opens many connections meets them all): `capacity` places of 16 bytes, in
// sets of 4, each an atomic pair; no lock, no allocation, constant work. A place is taken from the address that has the
// least count left. Updates may be lost when two threads fail the same address in the same instant: then one failure
// counts less. Addresses are held as keyed 48-bit hashes, so a table full of chosen collisions cannot be prepared.
class AuthBackoff {
 public:
  struct Policy {
    std::uint32_t free = 10;  // failures that cost nothing, 1 to 1000
    base::Duration first = std::chrono::seconds(1);
    base::Duration longest = std::chrono::minutes(5);
    base::Duration half_life = std::chrono::minutes(2);
  };
  // `capacity` is rounded up to a power of two; `seed` is random.
  AuthBackoff(const Policy& policy, std::size_t capacity, std::uint64_t seed, base::SteadyTime start);

  // Counts a failure. Nothing: answer as usual. Else: refuse this and further failures until then.
  std::optional<base::SteadyTime> failed(const base::Address& client, base::SteadyTime now);
  // Without counting: until when failures of this address are refused. Nothing: they are not.
  std::optional<base::SteadyTime> refused_until(const base::Address& client, base::SteadyTime now) const;

 private:
  struct Place;
  Policy policy_;
  std::uint64_t seed_;
  base::SteadyTime start_;
  std::size_t mask_;
  std::unique_ptr<Place[]> places_;
};

}  // namespace gatehouse::govern
