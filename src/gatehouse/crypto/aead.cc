#include "gatehouse/crypto/aead.h"

#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "gatehouse/base/ids.h"

namespace gatehouse::crypto {
namespace {

// OpenSSL counts in int.
constexpr std::size_t kMostBytes = std::numeric_limits<int>::max() - 64;

[[noreturn]] void refuse(const char* what) {
  ERR_clear_error();
  throw std::runtime_error(std::string("AES-256-GCM: ") + what);
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

class Context {
 public:
  Context() : context_(EVP_CIPHER_CTX_new()) {
    if (context_ == nullptr) refuse("no memory");
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_CIPHER_CTX_free(context_); }
  EVP_CIPHER_CTX* get() { return context_; }

 private:
  EVP_CIPHER_CTX* context_;
};

}  // namespace

struct AeadKey::State {
  EVP_CIPHER* cipher = nullptr;
  std::array<unsigned char, kKeySize> key{};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    EVP_CIPHER_free(cipher);
    OPENSSL_cleanse(key.data(), key.size());
  }
};

AeadKey::AeadKey(std::span<const std::uint8_t, kKeySize> key) {
  auto state = std::make_shared<State>();
  // Fetched once: looking an algorithm up costs more than sealing a short message.
  state->cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  if (state->cipher == nullptr) refuse("the library has none");
  std::memcpy(state->key.data(), key.data(), key.size());
  state_ = std::move(state);
}

AeadKey::Nonce AeadKey::random_nonce() {
  Nonce nonce;
  base::random_bytes(nonce.data(), nonce.size());
  return nonce;
}

void AeadKey::seal(const Nonce& nonce, std::string_view associated, std::string_view plain, std::string& out) const {
  if (associated.size() > kMostBytes || plain.size() > kMostBytes) refuse("too long");
  Context context;
  if (EVP_EncryptInit_ex2(context.get(), state_->cipher, state_->key.data(), nonce.data(), nullptr) != 1) {
    refuse("the key");
  }
  int size = 0;
  if (!associated.empty() &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(associated), static_cast<int>(associated.size())) != 1) {
    refuse("the associated data");
  }
  const std::size_t before = out.size();
  out.resize(before + plain.size() + kTagSize);
  auto* at = reinterpret_cast<unsigned char*>(out.data()) + before;
  if (!plain.empty() &&
      EVP_EncryptUpdate(context.get(), at, &size, bytes(plain), static_cast<int>(plain.size())) != 1) {
    refuse("the message");
  }
  at += plain.size();
  if (EVP_EncryptFinal_ex(context.get(), at, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize), at) != 1) {
    refuse("the tag");
  }
}

bool AeadKey::open(const Nonce& nonce, std::string_view associated, std::string_view sealed, std::string& out) const {
  if (sealed.size() < kTagSize || sealed.size() > kMostBytes || associated.size() > kMostBytes) return false;
  Context context;
  if (EVP_DecryptInit_ex2(context.get(), state_->cipher, state_->key.data(), nonce.data(), nullptr) != 1) {
    refuse("the key");
  }
  const std::string_view body = sealed.substr(0, sealed.size() - kTagSize);
  std::array<unsigned char, kTagSize> tag{};
  std::memcpy(tag.data(), sealed.data() + body.size(), tag.size());
  int size = 0;
  if (!associated.empty() &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes(associated), static_cast<int>(associated.size())) != 1) {
    refuse("the associated data");
  }
  const std::size_t before = out.size();
  out.resize(before + body.size());
  auto* at = reinterpret_cast<unsigned char*>(out.data()) + before;
  unsigned char none = 0;
  const bool good =
      (body.empty() || EVP_DecryptUpdate(context.get(), at, &size, bytes(body), static_cast<int>(body.size())) == 1) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), body.empty() ? &none : at + body.size(), &size) == 1;
  if (!good) {
    // What was decrypted before the tag was seen to be wrong is not for anybody.
    OPENSSL_cleanse(out.data() + before, body.size());
    out.resize(before);
    ERR_clear_error();
  }
  return good;
}

}  // namespace gatehouse::crypto
