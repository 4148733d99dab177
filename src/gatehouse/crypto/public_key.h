#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "gatehouse/base/error.h"

// OpenSSL's own name, so that its headers stay in the .cc file.
struct evp_pkey_st;

namespace gatehouse::crypto {

// The asymmetric signatures of JOSE by their registered names (RFC 7518 section 3.1, RFC 8037): RS256, PS384, ES256,
// EdDSA ... There is no symmetric algorithm and no `none` here, so neither can be asked for by mistake. ES512 and Ed448
// are left out: nobody who issues tokens for callers needs them.
enum class SignatureAlgorithm : std::uint8_t { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, eddsa };
std::string_view name(SignatureAlgorithm algorithm);
// Case-sensitive, as the registry is.
std::optional<SignatureAlgorithm> signature_algorithm_from_name(std::string_view name);

enum class KeyType : std::uint8_t { rsa, p256, p384, ed25519 };
// The only type of key that an algorithm may be used with.
KeyType key_type_of(SignatureAlgorithm algorithm);

// A public key for checking signatures. Immutable and cheap to copy (shared); any thread may verify with it. Numbers
// are big-endian bytes, as JOSE has them. Errors of the makers: invalid_request, with what is wrong and none of the
// key.
class PublicKey {
 public:
  // Less can be broken (NIST SP 800-131A); more costs more than a caller's request should.
  static constexpr unsigned kMinRsaBits = 2048;
  static constexpr unsigned kMaxRsaBits = 8192;

  // The exponent is odd, from 3 to 2^32 - 1: larger ones only serve to make verifying slow.
  static Result<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
  // `x` and `y` have the curve's full length (RFC 7518 section 6.2.1.2); a point that is not on the curve is refused.
  static Result<PublicKey> ec(KeyType curve, std::string_view x, std::string_view y);
  static Result<PublicKey> ed25519(std::string_view x);

  KeyType type() const { return type_; }
  // Whether `signature` is this key's over `message`. False for an algorithm that is not of the key's type and for a
  // signature of any other length than the algorithm's. ES256 and ES384 as JOSE has them: R and S side by side.
  bool verify(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const;

 private:
  PublicKey(KeyType type, std::shared_ptr<evp_pkey_st> key) : type_(type), key_(std::move(key)) {}
  KeyType type_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace gatehouse::crypto
