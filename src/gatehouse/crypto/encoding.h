#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::crypto {

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);
inline std::string to_hex(std::string_view bytes) { return to_hex(bytes_of(bytes)); }
// Either case; nothing for an odd length or another character.
std::optional<std::string> from_hex(std::string_view hex);

// base64url without padding (RFC 4648 section 5, RFC 7515 section 2).
std::string to_base64url(std::span<const std::uint8_t> bytes);
inline std::string to_base64url(std::string_view bytes) { return to_base64url(bytes_of(bytes)); }
// Strict, so that a value has one spelling: no padding, no `+` or `/`, no white space, and the unused bits of the
// last character are zero (RFC 4648 section 3.5); nothing otherwise.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace gatehouse::crypto
