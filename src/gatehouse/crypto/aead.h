#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::crypto {

// AES-256-GCM (NIST SP 800-38D): what is sealed can be neither read nor changed without the key, nor taken for another
// thing than the one it was sealed with (`associated`, which is not in it). Immutable and cheap to copy (shared); any
// thread may use it. The key is wiped with the last copy. The constructor and `seal` throw std::runtime_error if
// OpenSSL refuses, which means a broken installation or no memory.
class AeadKey {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kNonceSize = 12;
  static constexpr std::size_t kTagSize = 16;
  using Nonce = std::array<std::uint8_t, kNonceSize>;

  explicit AeadKey(std::span<const std::uint8_t, kKeySize> key);

  // From the operating system. One key seals at most 2^32 messages under random nonces (SP 800-38D section 8.3).
  static Nonce random_nonce();

  // Appends the ciphertext and the tag to `out`: `plain.size() + kTagSize` bytes. Never use a nonce twice under one
  // key: that gives the key's authentication and the difference of the two messages away.
  void seal(const Nonce& nonce, std::string_view associated, std::string_view plain, std::string& out) const;
  // Appends the plain text. False, and `out` as it was, unless all of it is what was sealed under this key with this
  // nonce and `associated`.
  [[nodiscard]] bool open(const Nonce& nonce, std::string_view associated, std::string_view sealed,
                          std::string& out) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace gatehouse::crypto
