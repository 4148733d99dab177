#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/crypto/public_key.h"

namespace gatehouse::govern {

inline constexpr std::size_t kMaxJwksSize = 256UL * 1024;
inline constexpr std::size_t kMaxJwksKeys = 64;

// The public keys of an issuer (RFC 7517). Immutable; any thread may read it.
class JwkSet {
 public:
  struct Key {
    std::string kid;                                      // empty: none
    std::optional<crypto::SignatureAlgorithm> algorithm;  // `alg`: good for this one only
    crypto::PublicKey key;
  };

  JwkSet() = default;
  // Errors (invalid_request): larger than kMaxJwksSize, more than kMaxJwksKeys keys, not an object with `keys`, a
  // member twice, no key that can be used, or a private key among them: such a set has been published by mistake and
  // nobody should trust it. A key of a type or curve that we do not have, that is not for signatures (`use`,
  // `key_ops`), that is too weak, or whose `kid` another one of its type has, is left out and counted (RFC 7517 section
  // 5 wants unknown types ignored).
  static Result<JwkSet> parse(std::string_view document);

  // The key to check a signature with: of the algorithm's type, and not bound to another algorithm. With a `kid` the
  // one of that name; without, the only one that fits, for a token that names none must not be tried against many.
  const crypto::PublicKey* find(std::string_view kid, crypto::SignatureAlgorithm algorithm) const;

  const std::vector<Key>& keys() const { return keys_; }
  std::size_t left_out() const { return left_out_; }
  // Changes when the document does.
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  std::vector<Key> keys_;
  std::size_t left_out_ = 0;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace gatehouse::govern
