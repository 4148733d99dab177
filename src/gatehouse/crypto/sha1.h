#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::crypto {

// SHA-1 (FIPS 180-4), for the handshakes of old protocols that are defined by it (RFC 6455, section 4.2.2). It protects
// nothing: use hmac.h for what has to hold.
std::array<std::uint8_t, 20> sha1(std::string_view text);

}  // namespace gatehouse::crypto
