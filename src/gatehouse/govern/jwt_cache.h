#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/jwt.h"

namespace gatehouse::govern {

// Remembers whom a verified token stands for, so that a signature is checked once and not with every request. One a
// worker, no locks; holds keyed hashes of tokens and no token. Fixed in size: kWays places for each of `capacity` /
// kWays hashes, where the one used longest ago makes room. Nobody can fill it with tokens that are not good.
class JwtCache {
 public:
  static constexpr std::size_t kWays = 4;

  // `capacity` is rounded up to a power of two, 4 at the least.
  explicit JwtCache(std::size_t capacity = 4096);

  // Null: not here, expired (`now` past the token's exp), or put in under another generation. A generation stands for
  // the rules, the issuers' keys (IssuerKeys::generation) and whatever else a principal was made from: a key that an
  // issuer has withdrawn ends what was verified with it.
  std::shared_ptr<const JwtCaller> find(const crypto::Digest& token, std::uint64_t generation, base::WallTime now);
  void put(const crypto::Digest& token, std::uint64_t generation, std::shared_ptr<const JwtCaller> caller);
  std::size_t size() const;

 private:
  struct Slot {
    crypto::Digest digest{};
    std::uint64_t generation = 0;
    std::uint64_t used = 0;
    std::shared_ptr<const JwtCaller> caller;
  };
  Slot* set_of(const crypto::Digest& token);

  std::vector<Slot> slots_;
  std::uint64_t clock_ = 0;
};

}  // namespace gatehouse::govern
