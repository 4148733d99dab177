#include "gatehouse/crypto/aead.h"

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hkdf.h"

namespace gatehouse::crypto {
namespace {

std::string bytes(std::string_view hex) { return from_hex(hex).value(); }

AeadKey key_of(std::string_view hex) {
  const std::string raw = bytes(hex);
  return AeadKey(std::span<const std::uint8_t, AeadKey::kKeySize>(bytes_of(raw).first<AeadKey::kKeySize>()));
}
AeadKey::Nonce nonce_of(std::string_view hex) {
  AeadKey::Nonce nonce;
  std::memcpy(nonce.data(), bytes(hex).data(), nonce.size());
  return nonce;
}

// Test cases 13 to 16 of the GCM submission to NIST (McGrew and Viega, appendix B): AES-256, 96-bit nonces.
struct Vector {
  std::string_view key, nonce, associated, plain, sealed;
};
constexpr std::string_view kZeroKey = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr Vector kVectors[] = {
    {kZeroKey, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {kZeroKey, "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {kKey, "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f662898015adb094dac5d93471bdec1a502270e3cc6c"},
    {kKey, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(AeadKey, SealsAsPublished) {
  for (const auto& vector : kVectors) {
    const AeadKey key = key_of(vector.key);
    std::string sealed = "before";
    key.seal(nonce_of(vector.nonce), bytes(vector.associated), bytes(vector.plain), sealed);
    EXPECT_EQ(to_hex(std::string_view(sealed).substr(6)), vector.sealed);
    std::string plain = "kept";
    ASSERT_TRUE(key.open(nonce_of(vector.nonce), bytes(vector.associated), bytes(vector.sealed), plain));
    EXPECT_EQ(plain, "kept" + bytes(vector.plain));
  }
}

TEST(AeadKey, OpensNothingThatWasChanged) {
  const auto& vector = kVectors[3];
  const AeadKey key = key_of(vector.key);
  const auto nonce = nonce_of(vector.nonce);
  const std::string good = bytes(vector.sealed);
  const std::string associated = bytes(vector.associated);
  std::string out = "kept";
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(key.open(nonce, associated, bad, out)) << i;
    EXPECT_FALSE(key.open(nonce, associated, good.substr(0, i), out)) << i;
  }
  EXPECT_FALSE(key.open(nonce, associated, good + '\0', out));
  EXPECT_FALSE(key.open(nonce, associated.substr(1), good, out));
  EXPECT_FALSE(key.open(nonce, "", good, out));
  EXPECT_FALSE(key.open(nonce_of("cafebabefacedbaddecaf889"), associated, good, out));
  EXPECT_FALSE(key_of(kZeroKey).open(nonce, associated, good, out));
  EXPECT_EQ(out, "kept");
  const AeadKey copy = key;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_TRUE(copy.open(nonce, associated, good, out));
}

TEST(AeadKey, NoncesDiffer) { EXPECT_NE(AeadKey::random_nonce(), AeadKey::random_nonce()); }

TEST(Hkdf, GivesThePublishedKeys) {  // RFC 5869, appendix A.1 to A.3
  std::string long_secret, long_salt, long_info;
  for (int i = 0; i < 80; ++i) {
    long_secret.push_back(static_cast<char>(i));
    long_salt.push_back(static_cast<char>(0x60 + i));
    long_info.push_back(static_cast<char>(0xb0 + i));
  }
  struct Case {
    std::string secret, salt, info;
    std::string_view expected;
  };
  const std::vector<Case> cases = {
      {std::string(22, '\x0b'), bytes("000102030405060708090a0b0c"), bytes("f0f1f2f3f4f5f6f7f8f9"),
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {long_secret, long_salt, long_info,
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b"
       "8"
       "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {std::string(22, '\x0b'), "", "",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const auto& test : cases) {
    std::vector<std::uint8_t> out(test.expected.size() / 2);
    hkdf_sha256(test.secret, test.salt, test.info, out);
    EXPECT_EQ(to_hex(out), test.expected);
  }
  std::vector<std::uint8_t> too_long(kMostHkdf + 1);
  EXPECT_THROW(hkdf_sha256("secret", {}, {}, too_long), std::runtime_error);
}

}  // namespace
}  // namespace gatehouse::crypto
