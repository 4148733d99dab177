#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/jwt.h"
#include "gatehouse/govern/jwt_cache.h"

namespace gatehouse::govern {

// A worker's way from a shown token to its caller: the cache, and behind it the verifier. One for each configuration
// and worker, on the worker's thread; `rules` and `unknown` outlive it.
class JwtDoor {
 public:
  JwtDoor(const JwtVerifier& rules, std::shared_ptr<const IssuerKeys> keys, UnknownKids& unknown,
          std::size_t capacity = 4096);

  // When the keeper has new ones: what was verified with the old ones is verified anew.
  void set_keys(std::shared_ptr<const IssuerKeys> keys) { keys_ = std::move(keys); }

  // `hash` is keyed with the process's secret and belongs to the thread. The caller is held by whoever needs its
  // principal (a request). An unknown key id is passed on to the keeper.
  std::expected<std::shared_ptr<const JwtCaller>, JwtRefusal> find(std::string_view token, crypto::HmacSha256& hash,
                                                                   NodeLookup lookup, base::WallTime now);
  // Whether it is known to be good, without a signature being checked: such a token passes although its address is held
  // back (AuthBackoff).
  bool known(std::string_view token, crypto::HmacSha256& hash, base::WallTime now);

  // Refusals by their reason, since the beginning.
  const std::array<std::uint64_t, kJwtFaultCount>& refused() const { return refused_; }

 private:
  const JwtVerifier& rules_;
  std::shared_ptr<const IssuerKeys> keys_;  // never null
  UnknownKids& unknown_;
  JwtCache cache_;
  std::array<std::uint64_t, kJwtFaultCount> refused_{};
};

}  // namespace gatehouse::govern
