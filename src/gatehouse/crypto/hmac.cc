#include "gatehouse/crypto/hmac.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace gatehouse::crypto {
namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256, bytes

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

// RFC 2104 by two digests whose first block, the padded key, is digested once. OpenSSL's own HMAC does the same behind
// two more layers, which cost a short message as much again as its hashing.
struct HmacSha256::State {
  EVP_MD_CTX* inner = EVP_MD_CTX_new();
  EVP_MD_CTX* outer = EVP_MD_CTX_new();
  EVP_MD_CTX* work = EVP_MD_CTX_new();

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    EVP_MD_CTX_free(inner);
    EVP_MD_CTX_free(outer);
    EVP_MD_CTX_free(work);
  }
};

HmacSha256::HmacSha256(std::string_view key) : state_(std::make_unique<State>()) {
  if (state_->inner == nullptr || state_->outer == nullptr || state_->work == nullptr) refuse("HMAC");
  std::array<unsigned char, kBlock> block{};
  if (key.size() > block.size()) {
    Digest shorter = sha256(key);
    std::ranges::copy(shorter, block.begin());
    OPENSSL_cleanse(shorter.data(), shorter.size());
  } else {
    std::ranges::copy(key, block.begin());
  }
  // Fetched once: a digest named at every start would be looked up in the library each time.
  EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (digest == nullptr) refuse("SHA-256");
  const auto begin = [&](EVP_MD_CTX* context, unsigned char pad) {
    std::array<unsigned char, kBlock> padded = block;
    for (unsigned char& byte : padded) byte ^= pad;
    const bool begun = EVP_DigestInit_ex(context, digest, nullptr) == 1 &&
                       EVP_DigestUpdate(context, padded.data(), padded.size()) == 1;
    OPENSSL_cleanse(padded.data(), padded.size());
    return begun;
  };
  const bool begun = begin(state_->inner, 0x36) && begin(state_->outer, 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
  EVP_MD_free(digest);  // the contexts hold their own references
  if (!begun) refuse("HMAC key");
}

HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

Digest HmacSha256::operator()(std::string_view message) {
  Digest digest;
  EVP_MD_CTX* const work = state_->work;
  if (EVP_MD_CTX_copy_ex(work, state_->inner) != 1 || EVP_DigestUpdate(work, message.data(), message.size()) != 1 ||
      EVP_DigestFinal_ex(work, digest.data(), nullptr) != 1 || EVP_MD_CTX_copy_ex(work, state_->outer) != 1 ||
      EVP_DigestUpdate(work, digest.data(), digest.size()) != 1 ||
      EVP_DigestFinal_ex(work, digest.data(), nullptr) != 1) {
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
