#include "gatehouse/crypto/hmac.h"

#include <stdexcept>
#include <string>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace gatehouse::crypto {
namespace {

[[noreturn]] void refuse(const char* what) {
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  throw std::runtime_error(std::string(what) + ": " + (reason == nullptr ? "no reason given" : reason));
}

const unsigned char* bytes(std::string_view text) {
  // OpenSSL takes a null key as "the one from before"; an empty view may be null.
  return text.empty() ? reinterpret_cast<const unsigned char*>("")
                      : reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

struct HmacSha256::State {
  EVP_MAC_CTX* context = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MAC_CTX_free(context); }
};

HmacSha256::HmacSha256(std::string_view key) : state_(std::make_unique<State>()) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (mac == nullptr) refuse("HMAC");
  state_->context = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);  // the context holds its own reference
  if (state_->context == nullptr) refuse("HMAC");
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (EVP_MAC_init(state_->context, bytes(key), key.size(), parameters) != 1) refuse("HMAC key");
}

HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

Digest HmacSha256::operator()(std::string_view message) {
  Digest digest;
  std::size_t size = 0;
  // A null key starts the next message under the key that was set.
  if (EVP_MAC_init(state_->context, nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(state_->context, bytes(message), message.size()) != 1 ||
      EVP_MAC_final(state_->context, digest.data(), &size, digest.size()) != 1 || size != digest.size()) {
    refuse("HMAC");
  }
  return digest;
}

Digest sha256(std::string_view message) {
  Digest digest;
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 ||
      size != digest.size()) {
    refuse("SHA-256");
  }
  return digest;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(bytes(a), bytes(b), a.size()) == 0;
}

bool equal_constant_time(const Digest& a, const Digest& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace gatehouse::crypto
