#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::crypto {

// The keys that the gateway gives to its callers: `gh-`, 30 base62 characters from the operating system (178 bits),
// and 6 base62 characters of the CRC-32 (IEEE 802.3) of those 30. The checksum is no secret and protects nothing: it
// tells a typo from a revoked key, and lets scanners find leaked keys without false alarms.
inline constexpr std::string_view kVirtualKeyPrefix = "gh-";
inline constexpr std::size_t kVirtualKeyBody = 30;
inline constexpr std::size_t kVirtualKeyCheck = 6;
inline constexpr std::size_t kVirtualKeySize = kVirtualKeyPrefix.size() + kVirtualKeyBody + kVirtualKeyCheck;

// A new key. Throws std::system_error if the kernel gives no randomness. Thread-safe.
std::string make_virtual_key();

enum class KeyForm : std::uint8_t {
  ours,     // the right length, alphabet and checksum; says nothing about whether it was ever given out
  damaged,  // begins like one of ours and is none: cut off or mistyped
  foreign,  // anything else, e.g. a key of the operator's own choosing
};

KeyForm key_form(std::string_view key);

// The same for the admin API: `gha-` in front, so that one kind is never taken for the other.
inline constexpr std::string_view kAdminKeyPrefix = "gha-";
inline constexpr std::size_t kAdminKeySize = kAdminKeyPrefix.size() + kVirtualKeyBody + kVirtualKeyCheck;
std::string make_admin_key();
KeyForm admin_key_form(std::string_view key);

}  // namespace gatehouse::crypto
