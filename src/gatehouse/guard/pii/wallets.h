#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/guard/pii/scene.h"

namespace gatehouse::guard::pii {

// Addresses of crypto currencies, each proven by its own checksum:
//   base58check (Bitcoin, Litecoin, Dogecoin, Dash, Zcash, Tron; XRP in its own alphabet): double SHA-256
//   bech32 and bech32m (BIP 173, BIP 350; Bitcoin, Litecoin, Cardano, Cosmos): a BCH code
//   Ethereum: 0x and 40 hex digits; where letters are of both cases they are the checksum (EIP-55, Keccak-256)

// How sure: 0 it is none, 1 its checksum holds, 0.5 it has the form and no checksum.
float wallet(std::string_view word);

// `digit` is a digit in the word. Returns where the word ends.
std::size_t find_wallet(Scene& scene, std::size_t digit, std::uint16_t kind);

// FIPS 202 has another padding: this is the Keccak of the competition, as Ethereum uses it. At most 135 bytes.
std::array<std::uint8_t, 32> keccak256(std::string_view message);

}  // namespace gatehouse::guard::pii
