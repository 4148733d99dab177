#include "gatehouse/govern/jwks.h"

#include <algorithm>
#include <cstring>
#include <expected>
#include <utility>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/jws.h"
#include "gatehouse/json/unique.h"
#include "gatehouse/json/value.h"

namespace gatehouse::govern {
namespace {

using crypto::KeyType;
using crypto::PublicKey;

std::optional<std::string> bytes_of(const json::Value& jwk, std::string_view member) {
  const auto text = jwk[member].string();
  return text ? crypto::from_base64url(*text) : std::nullopt;
}

// Whether the issuer means it for checking signatures (RFC 7517 sections 4.2 and 4.3).
bool for_signatures(const json::Value& jwk) {
  if (const auto use = jwk["use"]; use.exists() && use.string() != "sig") return false;
  const auto operations = jwk["key_ops"];
  if (!operations.exists()) return true;
  bool verify = false;
  operations.elements([&](json::Value operation) { verify = verify || operation.string() == "verify"; });
  return verify;
}

std::optional<PublicKey> read_key(const json::Value& jwk) {
  const std::string type = jwk["kty"].string_or("");
  const std::string curve = jwk["crv"].string_or("");
  if (type == "RSA") {
    const auto n = bytes_of(jwk, "n");
    const auto e = bytes_of(jwk, "e");
    if (!n || !e) return std::nullopt;
    auto key = PublicKey::rsa(*n, *e);
    return key ? std::optional(*std::move(key)) : std::nullopt;
  }
  if (type == "EC" && (curve == "P-256" || curve == "P-384")) {
    const auto x = bytes_of(jwk, "x");
    const auto y = bytes_of(jwk, "y");
    if (!x || !y) return std::nullopt;
    auto key = PublicKey::ec(curve == "P-256" ? KeyType::p256 : KeyType::p384, *x, *y);
    return key ? std::optional(*std::move(key)) : std::nullopt;
  }
  if (type == "OKP" && curve == "Ed25519") {
    const auto x = bytes_of(jwk, "x");
    if (!x) return std::nullopt;
    auto key = PublicKey::ed25519(*x);
    return key ? std::optional(*std::move(key)) : std::nullopt;
  }
  return std::nullopt;
}

// Nothing: left out.
std::optional<JwkSet::Key> read_jwk(const json::Value& jwk) {
  if (!for_signatures(jwk)) return std::nullopt;
  std::optional<crypto::SignatureAlgorithm> algorithm;
  if (const auto named = jwk["alg"]; named.exists()) {
    algorithm = crypto::signature_algorithm_from_name(named.string_or(""));
    if (!algorithm) return std::nullopt;
  }
  std::string kid;
  if (const auto named = jwk["kid"]; named.exists()) {
    const auto text = named.string();
    if (!text || text->empty() || text->size() > kMaxKidSize) return std::nullopt;
    kid = *text;
  }
  auto key = read_key(jwk);
  if (!key || (algorithm && crypto::key_type_of(*algorithm) != key->type())) return std::nullopt;
  return JwkSet::Key{.kid = std::move(kid), .algorithm = algorithm, .key = *std::move(key)};
}

}  // namespace

Result<JwkSet> JwkSet::parse(std::string_view document) {
  if (document.size() > kMaxJwksSize) return fail(Code::invalid_request, "the key set is too large");
  const json::UniqueLimits limits{.depth = 8, .members = kMaxJwksKeys * 32};
  if (auto unique = json::require_unique_members(document, limits); !unique) {
    return std::unexpected(std::move(unique.error()));
  }
  const json::Value keys = json::Value(document)["keys"];
  if (!keys.is(json::Kind::array)) return fail(Code::invalid_request, "the key set has no `keys`");
  if (keys.size() > kMaxJwksKeys) return fail(Code::invalid_request, "the key set has too many keys");
  JwkSet set;
  bool private_key = false;
  keys.elements([&](json::Value jwk) {
    // `d` is the private number of every asymmetric type (RFC 7518 sections 6.2.2 and 6.3.2, RFC 8037 section 2).
    private_key = private_key || jwk["d"].exists();
    auto key = private_key ? std::nullopt : read_jwk(jwk);
    const bool twice = key && std::ranges::any_of(set.keys_, [&](const Key& other) {
                         return !key->kid.empty() && other.kid == key->kid && other.key.type() == key->key.type();
                       });
    if (!key || twice) {
      ++set.left_out_;
    } else {
      set.keys_.push_back(*std::move(key));
    }
  });
  if (private_key) return fail(Code::invalid_request, "the key set holds a private key");
  if (set.keys_.empty()) return fail(Code::invalid_request, "the key set has no key that can be used");
  const crypto::Digest digest = crypto::sha256(document);
  std::memcpy(&set.fingerprint_, digest.data(), sizeof(set.fingerprint_));
  return set;
}

const PublicKey* JwkSet::find(std::string_view kid, crypto::SignatureAlgorithm algorithm) const {
  const PublicKey* found = nullptr;
  for (const Key& key : keys_) {
    if (key.key.type() != crypto::key_type_of(algorithm)) continue;
    if (key.algorithm && *key.algorithm != algorithm) continue;
    if (!kid.empty()) {
      if (key.kid == kid) return &key.key;
      continue;
    }
    if (found != nullptr) return nullptr;  // more than one
    found = &key.key;
  }
  return found;
}

}  // namespace gatehouse::govern
