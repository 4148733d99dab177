#include "gatehouse/guard/pii/wallets.h"

#include <algorithm>
#include <bit>
#include <span>

#include "gatehouse/crypto/hmac.h"
#include "gatehouse/guard/pii/characters.h"

namespace gatehouse::guard::pii {
namespace {

constexpr std::size_t kShortest = 25;
constexpr std::size_t kLongest = 110;  // Cardano's have 103

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kRipple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

constexpr std::array<std::int8_t, 128> values_of(std::string_view alphabet) {
  std::array<std::int8_t, 128> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::size_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto kBase58Values = values_of(kBase58);
constexpr auto kRippleValues = values_of(kRipple);
constexpr auto kBech32Values = values_of("qpzry9x8gf2tvdw0s3jn54khce6mua7l");

// 26 bytes at most: a version of one or two, 20 of the hash, 4 of the checksum.
bool base58check(std::string_view word, const std::array<std::int8_t, 128>& values, std::span<const int> versions,
                 std::size_t version_bytes) {
  std::array<std::uint32_t, 8> limbs{};  // little end first
  const std::size_t bytes = version_bytes + 24;
  for (std::size_t i = 0; i < word.size();) {
    // Five characters at once: 58^5 fits in 30 bits.
    std::uint32_t factor = 1;
    std::uint32_t value = 0;
    for (std::size_t n = 0; n < 5 && i < word.size(); ++n, ++i) {
      const int v = values[static_cast<unsigned char>(word[i]) & 0x7F];
      if (v < 0) return false;
      factor *= 58;
      value = value * 58 + static_cast<std::uint32_t>(v);
    }
    std::uint64_t carry = value;
    for (std::uint32_t& limb : limbs) {
      carry += std::uint64_t{limb} * factor;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) return false;
  }
  std::array<char, 32> raw{};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    raw[raw.size() - 1 - i] = static_cast<char>(limbs[i / 4] >> (8 * (i % 4)));
  }
  const std::string_view all(raw.data(), raw.size());
  if (all.substr(0, 32 - bytes).find_first_not_of('\0') != std::string_view::npos) return false;
  const std::string_view payload = all.substr(32 - bytes);
  int version = 0;
  for (std::size_t i = 0; i < version_bytes; ++i) version = version << 8 | static_cast<unsigned char>(payload[i]);
  if (std::ranges::find(versions, version) == versions.end()) return false;
  const auto text = [](const crypto::Digest& digest) {
    return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
  };
  const crypto::Digest once = crypto::sha256(payload.substr(0, bytes - 4));
  const crypto::Digest twice = crypto::sha256(text(once));
  return text(twice).substr(0, 4) == payload.substr(bytes - 4);
}

bool bech32(std::string_view word, std::string_view prefix) {
  if (word.size() < prefix.size() + 7) return false;
  bool lower = false;
  bool upper = false;
  std::uint32_t check = 1;
  const auto feed = [&](unsigned value) {
    constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = check >> 25;
    check = (check & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; ++i) check ^= ((top >> i) & 1U) != 0 ? kGenerator[i] : 0;
  };
  for (const char c : prefix) feed(static_cast<unsigned>(c) >> 5);
  feed(0);
  for (const char c : prefix) feed(static_cast<unsigned>(c) & 31U);
  for (std::size_t i = 0; i < word.size(); ++i) {
    lower |= byte(word[i]) == Byte::lower;
    upper |= byte(word[i]) == Byte::upper;
    if (i <= prefix.size()) continue;
    const int v = kBech32Values[static_cast<unsigned char>(to_lower(word[i])) & 0x7F];
    if (v < 0) return false;
    feed(static_cast<unsigned>(v));
  }
  return !(lower && upper) && (check == 1 || check == 0x2bc830a3);
}

bool starts_caseless(std::string_view word, std::string_view prefix) {
  return word.size() > prefix.size() && std::ranges::equal(word.substr(0, prefix.size()), prefix, {}, to_lower);
}

float ethereum(std::string_view hex) {
  bool lower = false;
  bool upper = false;
  std::array<char, 40> text{};
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (!is_hex(hex[i])) return 0;
    lower |= byte(hex[i]) == Byte::lower;
    upper |= byte(hex[i]) == Byte::upper;
    text[i] = to_lower(hex[i]);
  }
  if (!lower || !upper) return 0.5F;
  const auto hash = keccak256({text.data(), text.size()});
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (!is_letter(hex[i])) continue;
    const unsigned nibble = (hash[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15U;
    if ((nibble >= 8) != (byte(hex[i]) == Byte::upper)) return 0;
  }
  return 1;
}

}  // namespace

std::array<std::uint8_t, 32> keccak256(std::string_view message) {
  constexpr std::size_t kRate = 136;
  std::array<std::uint64_t, 25> a{};
  std::array<std::uint8_t, kRate> block{};
  for (std::size_t i = 0; i < message.size() && i < kRate - 1; ++i) block[i] = static_cast<std::uint8_t>(message[i]);
  block[std::min(message.size(), kRate - 1)] ^= 0x01;
  block[kRate - 1] ^= 0x80;
  for (std::size_t i = 0; i < kRate; ++i) a[i / 8] ^= std::uint64_t{block[i]} << (8 * (i % 8));

  std::uint8_t shift = 1;  // the linear feedback register that the round constants come from
  for (int round = 0; round < 24; ++round) {
    std::array<std::uint64_t, 5> column{};
    for (std::size_t x = 0; x < 5; ++x) column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t x = 0; x < 5; ++x) {
      const std::uint64_t mix = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
      for (std::size_t y = 0; y < 25; y += 5) a[x + y] ^= mix;
    }
    std::size_t x = 1;
    std::size_t y = 0;
    std::uint64_t moved = a[1];
    for (int t = 0; t < 24; ++t) {
      const std::size_t next = (2 * x + 3 * y) % 5;
      x = y;
      y = next;
      const std::uint64_t turned = std::rotl(moved, (t + 1) * (t + 2) / 2 % 64);
      moved = a[x + 5 * y];
      a[x + 5 * y] = turned;
    }
    for (std::size_t row = 0; row < 25; row += 5) {
      const std::array<std::uint64_t, 5> old = {a[row], a[row + 1], a[row + 2], a[row + 3], a[row + 4]};
      for (std::size_t i = 0; i < 5; ++i) a[row + i] = old[i] ^ (~old[(i + 1) % 5] & old[(i + 2) % 5]);
    }
    for (unsigned j = 0; j < 7; ++j) {
      if ((shift & 1U) != 0) a[0] ^= std::uint64_t{1} << ((1U << j) - 1);
      shift = static_cast<std::uint8_t>(shift << 1 ^ ((shift & 0x80U) != 0 ? 0x71 : 0));
    }
  }
  std::array<std::uint8_t, 32> hash{};
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<std::uint8_t>(a[i / 8] >> (8 * (i % 8)));
  return hash;
}

float wallet(std::string_view word) {
  if (word.size() < kShortest || word.size() > kLongest) return 0;
  if (word.size() == 42 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) return ethereum(word.substr(2));
  for (const std::string_view prefix : {"bc", "ltc", "tb", "addr", "cosmos"}) {
    if (starts_caseless(word, prefix) && word[prefix.size()] == '1' && bech32(word, prefix)) return 1;
  }
  if (word.size() > 36) return 0;
  // Bitcoin 1, 3; Litecoin L, M; Dogecoin D, A, 9; Dash X, 7; Tron T; Zcash t1, t3.
  constexpr int kOneByte[] = {0x00, 0x05, 0x30, 0x32, 0x1e, 0x16, 0x4c, 0x10, 0x41};
  constexpr int kTwoBytes[] = {0x1cb8, 0x1cbd};
  constexpr int kRippleVersion[] = {0x00};
  switch (word.front()) {
    case '1':
    case '3':
    case 'L':
    case 'M':
    case 'D':
    case 'A':
    case '9':
    case 'X':
    case '7':
    case 'T':
      return base58check(word, kBase58Values, kOneByte, 1) ? 1.0F : 0.0F;
    case 't':
      return base58check(word, kBase58Values, kTwoBytes, 2) ? 1.0F : 0.0F;
    case 'r':
      return base58check(word, kRippleValues, kRippleVersion, 1) ? 1.0F : 0.0F;
    default:
      return 0;
  }
}

std::size_t find_wallet(Scene& scene, std::size_t digit, std::uint16_t kind) {
  const std::string_view text = scene.text;
  std::size_t begin = digit;
  while (begin > 0 && digit - begin <= kLongest && is_alnum(text[begin - 1])) --begin;
  std::size_t end = digit;
  while (end < text.size() && end - begin <= kLongest && is_alnum(text[end])) ++end;
  if (end - begin > kLongest) return end;
  if (scene.cut(end)) {
    scene.hold(begin);
    return end;
  }
  if (end - begin < kShortest || !free_before(text, begin) || !free_behind(text, end)) return end;
  const float sure = wallet(text.substr(begin, end - begin));
  if (sure == 0) return end;
  const KindFacts& facts = scene.facts(kind);
  scene.judge(kind, begin, end, sure == 1 ? facts.score : 0.45F, facts.score_near);
  return end;
}

}  // namespace gatehouse::guard::pii
