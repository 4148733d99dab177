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

std::string make_key(std::string_view prefix) {
  // The largest multiple of 62 that a byte holds: what is above it would favour the first digits.
  constexpr unsigned kFair = 256 / 62 * 62;
  std::string key(prefix);
  key.reserve(prefix.size() + kVirtualKeyBody + kVirtualKeyCheck);
  std::array<std::uint8_t, 40> random{};
  while (key.size() < prefix.size() + kVirtualKeyBody) {
    base::random_bytes(random.data(), random.size());
    for (const std::uint8_t byte : random) {
      if (byte >= kFair) continue;
      key += kBase62[byte % kBase62.size()];
      if (key.size() == prefix.size() + kVirtualKeyBody) break;
    }
  }
  const auto check = checksum(std::string_view(key).substr(prefix.size()));
  key.append(check.data(), check.size());
  return key;
}

KeyForm form_of(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return KeyForm::foreign;
  if (key.size() != prefix.size() + kVirtualKeyBody + kVirtualKeyCheck) return KeyForm::damaged;
  const std::string_view digits = key.substr(prefix.size());
  for (const char c : digits) {
    if (!is_base62(c)) return KeyForm::damaged;
  }
  const auto check = checksum(digits.substr(0, kVirtualKeyBody));
  return digits.substr(kVirtualKeyBody) == std::string_view(check.data(), check.size()) ? KeyForm::ours
                                                                                        : KeyForm::damaged;
}

}  // namespace

std::string make_virtual_key() { return make_key(kVirtualKeyPrefix); }
KeyForm key_form(std::string_view key) { return form_of(key, kVirtualKeyPrefix); }
std::string make_admin_key() { return make_key(kAdminKeyPrefix); }
KeyForm admin_key_form(std::string_view key) { return form_of(key, kAdminKeyPrefix); }

}  // namespace gatehouse::crypto
