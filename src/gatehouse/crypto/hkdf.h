#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::crypto {

// HKDF-SHA256 (RFC 5869): keys for several purposes from one secret that is hard to guess (32 random bytes or more; it
// is no help against a short password). Fills `out`, at most kMostHkdf bytes. `info` names the purpose: different
// texts give keys that tell nothing of each other. Pure. Throws std::runtime_error if OpenSSL refuses.
inline constexpr std::size_t kMostHkdf = 255UL * 32;
void hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info, std::span<std::uint8_t> out);

}  // namespace gatehouse::crypto
