#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/crypto/public_key.h"

namespace gatehouse::govern {

// A token longer than this is refused before any of it is looked at.
inline constexpr std::size_t kMaxTokenSize = 16UL * 1024;
inline constexpr std::size_t kMaxTokenHeaderSize = 2UL * 1024;  // decoded
inline constexpr std::size_t kMaxKidSize = 256;

// A signed token in its parts; nothing in it may be believed before `verify` said so.
struct Jws {
  crypto::SignatureAlgorithm algorithm{};
  std::string kid;                 // empty: the token names none
  std::string type;                // `typ`, in lower case without "application/"; empty: none
  std::string payload;             // decoded: a JSON object without a member twice
  std::string signature;           // decoded
  std::string_view signing_input;  // a view into the token

  bool verify(const crypto::PublicKey& key) const { return key.verify(algorithm, signing_input, signature); }
};

// Takes a JWS in compact serialisation apart (RFC 7515 section 7.1), strictly: three parts of base64url in its one
// spelling, header and payload JSON objects without a member twice. Refused besides: every algorithm that
// SignatureAlgorithm does not have (so `none` and HS256 too), `crit`, `b64` and `zip`, which change what the rest
// means, a `kid` that is no string, is empty or is longer than kMaxKidSize. `jku`, `jwk`, `x5u` and `x5c` are not
// looked at: a token does not say which key it is to be checked with (RFC 8725 section 3.10).
// Errors: Code::unauthenticated, without any of the token. The token must outlive the result. Pure; any thread.
Result<Jws> parse_jws(std::string_view token);

// Whether a presented credential has the form of a JWS (two dots, begins like a base64url object): for telling it from
// a key. Says nothing about whether it is a good one.
bool looks_like_jws(std::string_view credential);

}  // namespace gatehouse::govern
