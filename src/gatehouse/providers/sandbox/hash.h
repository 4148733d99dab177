#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::providers::sandbox {

// FNV-1a, mixed at the end (the finaliser of MurmurHash3): the same on every machine, not for secrets.
constexpr std::uint64_t hash(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t value = 0xCBF29CE484222325 ^ (seed * 0x9E3779B97F4A7C15);
  for (const char c : text) {
    value ^= static_cast<unsigned char>(c);
    value *= 0x100000001B3;
  }
  value ^= value >> 33;
  value *= 0xFF51AFD7ED558CCD;
  value ^= value >> 33;
  value *= 0xC4CEB9FE1A85EC53;
  value ^= value >> 33;
  return value;
}

}  // namespace gatehouse::providers::sandbox
