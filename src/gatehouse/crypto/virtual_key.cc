#include "gatehouse/crypto/virtual_key.h"

#include <array>

#include <zlib.h>

#include "gatehouse/base/ids.h"

namespace gatehouse::crypto {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_base62(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Six digits hold any 32 bits: 62^6 is about 5.7e10. Most significant first.
std::array<char, kVirtualKeyCheck> checksum(std::string_view body) {
  auto crc =
      static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
  std::array<char, kVirtualKeyCheck> digits;
  for (std::size_t i = digits.size(); i > 0; --i) {
    digits[i - 1] = kBase62[crc % kBase62.size()];
    crc /= kBase62.size();
  }
  return digits;
}

}  // namespace

std::string make_virtual_key() {
  // The largest multiple of 62 that a byte holds: what is above it would favour the first digits.
  constexpr unsigned kFair = 256 / 62 * 62;
  std::string key(kVirtualKeyPrefix);
  key.reserve(kVirtualKeySize);
  std::array<std::uint8_t, 40> random{};
  while (key.size() < kVirtualKeyPrefix.size() + kVirtualKeyBody) {
    base::random_bytes(random.data(), random.size());
    for (const std::uint8_t byte : random) {
      if (byte >= kFair) continue;
      key += kBase62[byte % kBase62.size()];
      if (key.size() == kVirtualKeyPrefix.size() + kVirtualKeyBody) break;
    }
  }
  const auto check = checksum(std::string_view(key).substr(kVirtualKeyPrefix.size()));
  key.append(check.data(), check.size());
  return key;
}

KeyForm key_form(std::string_view key) {
  if (!key.starts_with(kVirtualKeyPrefix)) return KeyForm::foreign;
  if (key.size() != kVirtualKeySize) return KeyForm::damaged;
  const std::string_view digits = key.substr(kVirtualKeyPrefix.size());
  for (const char c : digits) {
    if (!is_base62(c)) return KeyForm::damaged;
  }
  const auto check = checksum(digits.substr(0, kVirtualKeyBody));
  return digits.substr(kVirtualKeyBody) == std::string_view(check.data(), check.size()) ? KeyForm::ours
                                                                                        : KeyForm::damaged;
}

}  // namespace gatehouse::crypto
