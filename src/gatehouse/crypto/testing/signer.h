#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/public_key.h"

// For tests only: an issuer's private key, made anew in each run.
namespace gatehouse::crypto::testing {

class Signer {
 public:
  static Signer rsa(unsigned bits = 2048) { return Signer(KeyType::rsa, EVP_RSA_gen(bits)); }
  static Signer ec(KeyType curve) { return Signer(curve, EVP_EC_gen(curve == KeyType::p256 ? "P-256" : "P-384")); }
  static Signer ed25519() { return Signer(KeyType::ed25519, EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }
  static Signer of(SignatureAlgorithm algorithm) {
    switch (key_type_of(algorithm)) {
      case KeyType::rsa:
        return rsa();
      case KeyType::ed25519:
        return ed25519();
      default:
        return ec(key_type_of(algorithm));
    }
  }

  std::string modulus() const { return number(OSSL_PKEY_PARAM_RSA_N, 0); }
  std::string exponent() const { return number(OSSL_PKEY_PARAM_RSA_E, 0); }
  std::string x() const {
    if (type_ != KeyType::ed25519) return number(OSSL_PKEY_PARAM_EC_PUB_X, size());
    std::string raw(32, '\0');
    std::size_t length = raw.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()), &length);
    return raw;
  }
  std::string y() const { return number(OSSL_PKEY_PARAM_EC_PUB_Y, size()); }

  Result<PublicKey> public_key() const {
    if (type_ == KeyType::rsa) return PublicKey::rsa(modulus(), exponent());
    if (type_ == KeyType::ed25519) return PublicKey::ed25519(x());
    return PublicKey::ec(type_, x(), y());
  }

  // The private key, as PKCS #8 or in the older form.
  std::string pem(bool traditional = false) const {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new(BIO_s_mem()), BIO_free_all);
    require((traditional
                 ? PEM_write_bio_PrivateKey_traditional(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr)
                 : PEM_write_bio_PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr)) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
  }

  // `further` goes in as it stands: R"(,"kid":"a")".
  std::string jwk(std::string_view further = {}) const {
    std::string out = "{";
    if (type_ == KeyType::rsa) {
      out += R"("kty":"RSA","n":")" + to_base64url(modulus()) + R"(","e":")" + to_base64url(exponent()) + '"';
    } else if (type_ == KeyType::ed25519) {
      out += R"("kty":"OKP","crv":"Ed25519","x":")" + to_base64url(x()) + '"';
    } else {
      out += R"("kty":"EC","crv":")" + std::string(type_ == KeyType::p256 ? "P-256" : "P-384") + R"(","x":")" +
             to_base64url(x()) + R"(","y":")" + to_base64url(y()) + '"';
    }
    return out + std::string(further) + "}";
  }

  std::string sign(SignatureAlgorithm algorithm, std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    const std::string spelt(name(algorithm));
    const std::string bits = spelt.substr(2);
    const EVP_MD* digest = bits == "256"   ? EVP_sha256()
                           : bits == "384" ? EVP_sha384()
                           : bits == "512" ? EVP_sha512()
                                           : nullptr;
    require(EVP_DigestSignInit(context.get(), &options, digest, nullptr, key_.get()) == 1);
    if (spelt.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    const auto* data = reinterpret_cast<const unsigned char*>(message.data());
    std::size_t length = 0;
    require(EVP_DigestSign(context.get(), nullptr, &length, data, message.size()) == 1);
    std::string signature(length, '\0');
    require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, data,
                           message.size()) == 1);
    signature.resize(length);
    return spelt.starts_with("ES") ? side_by_side(signature) : signature;
  }

  // A compact JWS. The header must say the algorithm that it is signed with, unless a test wants otherwise.
  std::string token(SignatureAlgorithm algorithm, std::string_view header, std::string_view payload) const {
    std::string input = to_base64url(header) + '.' + to_base64url(payload);
    const std::string signature = sign(algorithm, input);
    return input + '.' + to_base64url(signature);
  }

 private:
  Signer(KeyType type, EVP_PKEY* key) : type_(type), key_(key, EVP_PKEY_free) { require(key != nullptr); }
  static void require(bool good) {
    if (!good) throw std::runtime_error("OpenSSL");
  }
  std::size_t size() const { return type_ == KeyType::p256 ? 32 : 48; }

  std::string number(const char* what, std::size_t size) const {
    BIGNUM* found = nullptr;
    require(EVP_PKEY_get_bn_param(key_.get(), what, &found) == 1);
    std::string out(size == 0 ? static_cast<std::size_t>(BN_num_bytes(found)) : size, '\0');
    BN_bn2binpad(found, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(found);
    return out;
  }

  std::string side_by_side(const std::string& der) const {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    require(signature != nullptr);
    std::string out(2 * size(), '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), to, static_cast<int>(size()));
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), to + size(), static_cast<int>(size()));
    ECDSA_SIG_free(signature);
    return out;
  }

  KeyType type_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace gatehouse::crypto::testing
