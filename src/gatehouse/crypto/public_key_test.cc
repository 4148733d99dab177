#include "gatehouse/crypto/public_key.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"

namespace gatehouse::crypto {
namespace {

using testing::Signer;
using enum SignatureAlgorithm;

constexpr SignatureAlgorithm kAll[] = {rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, eddsa};
const std::string kMessage = "header.payload";

TEST(PublicKey, KnowsAlgorithmsByTheirNames) {
  for (const auto algorithm : kAll) EXPECT_EQ(signature_algorithm_from_name(name(algorithm)), algorithm);
  for (const auto* other : {"", "none", "None", "HS256", "HS512", "rs256", "ES512", "ES256K", "RSA1_5", "EDDSA"}) {
    EXPECT_FALSE(signature_algorithm_from_name(other)) << other;
  }
}

TEST(PublicKey, VerifiesWhatWasSignedAndNothingElse) {
  for (const auto algorithm : kAll) {
    SCOPED_TRACE(name(algorithm));
    const Signer signer = Signer::of(algorithm);
    const auto key = signer.public_key();
    ASSERT_TRUE(key) << key.error().detail;
    const std::string signature = signer.sign(algorithm, kMessage);
    EXPECT_TRUE(key->verify(algorithm, kMessage, signature));
    EXPECT_FALSE(key->verify(algorithm, kMessage + ".", signature));
    EXPECT_FALSE(key->verify(algorithm, kMessage, ""));
    EXPECT_FALSE(key->verify(algorithm, kMessage, signature + '\0'));
    EXPECT_FALSE(key->verify(algorithm, kMessage, std::string_view(signature).substr(1)));
    EXPECT_FALSE(key->verify(algorithm, kMessage, std::string(signature.size(), '\0')));
    for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
      std::string other = signature;
      other[at] = static_cast<char>(other[at] ^ 1);
      EXPECT_FALSE(key->verify(algorithm, kMessage, other)) << at;
    }
    EXPECT_FALSE(Signer::of(algorithm).public_key()->verify(algorithm, kMessage, signature));
    for (const auto other : kAll) {
      if (other != algorithm) EXPECT_FALSE(key->verify(other, kMessage, signature)) << name(other);
    }
  }
}

TEST(PublicKey, TakesNoDerSignatureOfACurve) {
  // Of 64 bytes by chance or not: only R and S side by side.
  const Signer signer = Signer::ec(KeyType::p256);
  const auto key = signer.public_key();
  std::string der = signer.sign(es256, kMessage);
  der.insert(0, "\x30\x44\x02\x20");
  EXPECT_FALSE(key->verify(es256, kMessage, der));
}

TEST(PublicKey, RefusesWeakAndImpossibleRsaKeys) {
  const Signer small = Signer::rsa(1024);
  EXPECT_EQ(PublicKey::rsa(small.modulus(), small.exponent()).error().detail, "the RSA key has less than 2048 bits");
  const Signer good = Signer::rsa();
  const std::string n = good.modulus();
  EXPECT_TRUE(PublicKey::rsa(std::string(1, '\0') + n, good.exponent()));
  for (const std::string& exponent : {std::string(), std::string("\0", 1), std::string("\x01"), std::string("\x04"),
                                      std::string("\x01\x00\x00\x00\x01", 5)}) {
    EXPECT_FALSE(PublicKey::rsa(n, exponent)) << to_hex(exponent);
  }
  std::string even = n;
  even.back() = static_cast<char>(even.back() & ~1);
  EXPECT_FALSE(PublicKey::rsa(even, good.exponent()));
  EXPECT_FALSE(PublicKey::rsa("", good.exponent()));
  EXPECT_FALSE(PublicKey::rsa(std::string(1025, '\xff'), good.exponent()));
}

TEST(PublicKey, RefusesPointsThatAreNotOnTheCurve) {
  const Signer signer = Signer::ec(KeyType::p256);
  const std::string x = signer.x();
  std::string y = signer.y();
  EXPECT_TRUE(PublicKey::ec(KeyType::p256, x, y));
  EXPECT_FALSE(PublicKey::ec(KeyType::p384, x, y));
  EXPECT_FALSE(PublicKey::ec(KeyType::rsa, x, y));
  EXPECT_FALSE(PublicKey::ec(KeyType::p256, x.substr(1), y));
  y.back() = static_cast<char>(y.back() ^ 1);
  EXPECT_FALSE(PublicKey::ec(KeyType::p256, x, y));
  const std::string zero(32, '\0');
  EXPECT_FALSE(PublicKey::ec(KeyType::p256, zero, zero));
  EXPECT_FALSE(PublicKey::ed25519(x.substr(1)));
}

}  // namespace
}  // namespace gatehouse::crypto
