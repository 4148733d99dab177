#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

// OpenSSL's own name, so that its headers stay in the .cc file.
struct evp_pkey_st;

namespace gatehouse::crypto {

// An RSA key that signs for the gateway (a service account's). Immutable and cheap to copy (shared); any thread.
class PrivateKey {
 public:
  // PEM, PKCS #8 or PKCS #1, without a passphrase; RSA of 2,048 to 8,192 bits. Error: configuration, with what is wrong
  // and none of the key.
  static Result<PrivateKey> rsa_from_pem(std::string_view pem);

  // RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3). Error: internal.
  Result<std::string> sign_rs256(std::string_view message) const;

 private:
  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace gatehouse::crypto
