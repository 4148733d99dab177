#include "gatehouse/crypto/public_key.h"

#include <array>
#include <string>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace gatehouse::crypto {
namespace {

struct Row {
  std::string_view name;
  KeyType type;
  const EVP_MD* (*digest)();  // null: the algorithm has its own
  bool pss;
};

// In the order of SignatureAlgorithm.
constexpr std::array<Row, 9> kRows{{{"RS256", KeyType::rsa, EVP_sha256, false},
                                    {"RS384", KeyType::rsa, EVP_sha384, false},
                                    {"RS512", KeyType::rsa, EVP_sha512, false},
                                    {"PS256", KeyType::rsa, EVP_sha256, true},
                                    {"PS384", KeyType::rsa, EVP_sha384, true},
                                    {"PS512", KeyType::rsa, EVP_sha512, true},
                                    {"ES256", KeyType::p256, EVP_sha256, false},
                                    {"ES384", KeyType::p384, EVP_sha384, false},
                                    {"EdDSA", KeyType::ed25519, nullptr, false}}};

const Row& row(SignatureAlgorithm algorithm) { return kRows.at(static_cast<std::size_t>(algorithm)); }

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

template <class T, void (*Free)(T*)>
struct Freeing {
  void operator()(T* object) const { Free(object); }
};
using Number = std::unique_ptr<BIGNUM, Freeing<BIGNUM, BN_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freeing<OSSL_PARAM, OSSL_PARAM_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freeing<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freeing<ECDSA_SIG, ECDSA_SIG_free>>;

// OpenSSL's reasons stay out of the answer; its queue must not be left for whoever looks at it next.
struct ClearErrors {
  ClearErrors() = default;
  ClearErrors(const ClearErrors&) = delete;
  ClearErrors& operator=(const ClearErrors&) = delete;
  ~ClearErrors() { ERR_clear_error(); }
};

Number number(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> from_data(const char* type, OSSL_PARAM* parameters) {
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    EVP_PKEY_free(key);
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

// R and S side by side, each of the curve's size, as OpenSSL wants them (DER). Empty if they are none.
std::string to_der(std::string_view raw) {
  const std::size_t half = raw.size() / 2;
  Number r = number(raw.substr(0, half));
  Number s = number(raw.substr(half));
  const Signature signature(ECDSA_SIG_new());
  if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();  // the signature's now
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::string out;
  if (size > 0) out.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::size_t coordinate_size(KeyType curve) { return curve == KeyType::p256 ? 32 : 48; }

}  // namespace

std::string_view name(SignatureAlgorithm algorithm) { return row(algorithm).name; }

std::optional<SignatureAlgorithm> signature_algorithm_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<SignatureAlgorithm>(i);
  }
  return std::nullopt;
}

KeyType key_type_of(SignatureAlgorithm algorithm) { return row(algorithm).type; }

Result<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
  const ClearErrors at_end;
  // Before OpenSSL computes anything with them. A leading zero byte is not the number's one spelling, but some write
  // it.
  while (!modulus.empty() && modulus.front() == '\0') modulus.remove_prefix(1);
  while (!exponent.empty() && exponent.front() == '\0') exponent.remove_prefix(1);
  if (modulus.size() > kMaxRsaBits / 8) return fail(Code::invalid_request, "the RSA key is too large");
  if (exponent.empty() || exponent.size() > 4) return fail(Code::invalid_request, "the RSA exponent is out of range");
  const Number n = number(modulus);
  const Number e = number(exponent);
  if (!n || !e) return fail(Code::internal, "no memory for a key");
  if (static_cast<unsigned>(BN_num_bits(n.get())) < kMinRsaBits) {
    return fail(Code::invalid_request, "the RSA key has less than 2048 bits");
  }
  if (BN_is_odd(n.get()) == 0) return fail(Code::invalid_request, "the RSA modulus is even");
  if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1) {
    return fail(Code::invalid_request, "the RSA exponent is out of range");
  }
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return fail(Code::internal, "no memory for a key");
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  auto key = parameters ? from_data("RSA", parameters.get()) : nullptr;
  if (!key) return fail(Code::invalid_request, "the RSA key is not valid");
  return PublicKey(KeyType::rsa, std::move(key));
}

Result<PublicKey> PublicKey::ec(KeyType curve, std::string_view x, std::string_view y) {
  const ClearErrors at_end;
  if (curve != KeyType::p256 && curve != KeyType::p384) return fail(Code::internal, "not a curve");
  const std::size_t size = coordinate_size(curve);
  if (x.size() != size || y.size() != size) {
    return fail(Code::invalid_request, "a coordinate has not the curve's length");
  }
  std::string point = "\x04";  // uncompressed
  point.append(x).append(y);
  std::string group = curve == KeyType::p256 ? "P-256" : "P-384";
  std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  auto key = from_data("EC", parameters.data());
  if (key) {
    const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!context || EVP_PKEY_public_check(context.get()) != 1) key.reset();
  }
  if (!key) return fail(Code::invalid_request, "the point is not on the curve");
  return PublicKey(curve, std::move(key));
}

Result<PublicKey> PublicKey::ed25519(std::string_view x) {
  const ClearErrors at_end;
  if (x.size() != 32) return fail(Code::invalid_request, "an Ed25519 key has 32 bytes");
  std::shared_ptr<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(x), x.size()),
                                EVP_PKEY_free);
  if (!key) return fail(Code::invalid_request, "the Ed25519 key is not valid");
  return PublicKey(KeyType::ed25519, std::move(key));
}

bool PublicKey::verify(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const {
  const ClearErrors at_end;
  const Row& how = row(algorithm);
  if (how.type != type_) return false;
  std::string der;
  switch (type_) {
    case KeyType::rsa:
      if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()))) return false;
      break;
    case KeyType::p256:
    case KeyType::p384:
      if (signature.size() != 2 * coordinate_size(type_)) return false;
      der = to_der(signature);
      if (der.empty()) return false;
      signature = der;
      break;
    case KeyType::ed25519:
      if (signature.size() != 64) return false;
      break;
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // the digest context's
  const EVP_MD* digest = how.digest == nullptr ? nullptr : how.digest();
  if (!context || EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key_.get()) != 1) return false;
  // RFC 7518 section 3.5: the salt is as long as the hash, and MGF1 uses the same hash (OpenSSL's default).
  if (how.pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message), message.size()) == 1;
}

}  // namespace gatehouse::crypto
