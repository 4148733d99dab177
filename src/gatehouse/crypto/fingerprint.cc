#include "gatehouse/crypto/fingerprint.h"

#include <cstring>
#include <stdexcept>
#include <string>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "gatehouse/crypto/hmac.h"

namespace gatehouse::crypto {
namespace {

[[noreturn]] void refuse(const char* what) {
  ERR_clear_error();
  throw std::runtime_error(std::string("Poly1305: ") + what);
}

}  // namespace

struct Fingerprinter::State {
  EVP_MAC_CTX* context = nullptr;
  Digest key{};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    EVP_MAC_CTX_free(context);
    OPENSSL_cleanse(key.data(), key.size());
  }
};

Fingerprinter::Fingerprinter(std::string_view key) : state_(std::make_unique<State>()) {
  state_->key = HmacSha256(key)("gatehouse fingerprint of texts");
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "POLY1305", nullptr);
  if (mac == nullptr) refuse("the library has none");
  state_->context = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);  // the context holds its own reference
  if (state_->context == nullptr) refuse("no memory");
}

Fingerprinter::Fingerprinter(Fingerprinter&&) noexcept = default;
Fingerprinter& Fingerprinter::operator=(Fingerprinter&&) noexcept = default;
Fingerprinter::~Fingerprinter() = default;

Fingerprint Fingerprinter::operator()(std::string_view text) {
  std::array<unsigned char, 16> tag{};
  std::size_t size = 0;
  const auto* bytes =
      text.empty() ? reinterpret_cast<const unsigned char*>("") : reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_MAC_init(state_->context, state_->key.data(), state_->key.size(), nullptr) != 1 ||
      EVP_MAC_update(state_->context, bytes, text.size()) != 1 ||
      EVP_MAC_final(state_->context, tag.data(), &size, tag.size()) != 1 || size != tag.size()) {
    refuse("the text");
  }
  Fingerprint out;
  std::memcpy(&out.low, tag.data(), sizeof out.low);
  std::memcpy(&out.high, tag.data() + sizeof out.low, sizeof out.high);
  return out;
}

}  // namespace gatehouse::crypto
