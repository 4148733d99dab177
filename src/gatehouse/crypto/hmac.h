#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace gatehouse::crypto {

// What SHA-256 and HMAC-SHA256 give (FIPS 180-4, RFC 2104).
using Digest = std::array<std::uint8_t, 32>;

// HMAC-SHA256 under one key, made once and used for many messages: the key schedule is computed in the constructor
// and only copied afterwards. Not thread-safe: one object per thread (the owner is the worker). The key need not
// outlive the constructor; it may have any length, also none. The constructor and the call throw std::runtime_error
// if OpenSSL refuses, which means a broken installation or no memory, never a bad message.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  ~HmacSha256();

  Digest operator()(std::string_view message);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Throws as HmacSha256 does.
Digest sha256(std::string_view message);

// Whether two byte strings are equal, in a time that depends on their lengths only. Different lengths are unequal at
// once: a length is no secret here.
bool equal_constant_time(std::string_view a, std::string_view b);
bool equal_constant_time(const Digest& a, const Digest& b);

}  // namespace gatehouse::crypto
