#include "gatehouse/govern/jwks.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"

namespace gatehouse::govern {
namespace {

using crypto::KeyType;
using crypto::testing::Signer;
using enum crypto::SignatureAlgorithm;

std::string set_of(std::initializer_list<std::string> keys) {
  std::string out = R"({"keys":[)";
  for (const auto& key : keys) {
    if (!out.ends_with('[')) out += ',';
    out += key;
  }
  return out + "]}";
}

TEST(Jwks, ReadsEveryTypeAndFindsByIdAndAlgorithm) {
  const Signer rsa = Signer::rsa();
  const Signer p256 = Signer::ec(KeyType::p256);
  const Signer p384 = Signer::ec(KeyType::p384);
  const Signer ed = Signer::ed25519();
  const auto set = JwkSet::parse(set_of({rsa.jwk(R"(,"kid":"a","alg":"RS256","use":"sig")"), p256.jwk(R"(,"kid":"a")"),
                                         p384.jwk(R"(,"kid":"c","key_ops":["verify"])"), ed.jwk(R"(,"kid":"d")")}));
  ASSERT_TRUE(set) << set.error().detail;
  EXPECT_EQ(set->keys().size(), 4U);
  EXPECT_EQ(set->left_out(), 0U);
  EXPECT_EQ(set->find("a", rs256), &set->keys()[0].key);
  EXPECT_EQ(set->find("a", rs512), nullptr);  // bound to RS256
  EXPECT_EQ(set->find("a", es256), &set->keys()[1].key);
  EXPECT_EQ(set->find("a", es384), nullptr);
  EXPECT_EQ(set->find("c", es384), &set->keys()[2].key);
  EXPECT_EQ(set->find("d", eddsa), &set->keys()[3].key);
  EXPECT_EQ(set->find("D", eddsa), nullptr);
  EXPECT_EQ(set->find("", eddsa), &set->keys()[3].key);
}

TEST(Jwks, WithoutAnIdOnlyTheOneKeyThatFits) {
  const auto set =
      JwkSet::parse(set_of({Signer::ed25519().jwk(), Signer::ed25519().jwk(), Signer::ec(KeyType::p256).jwk()}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->find("", eddsa), nullptr);
  EXPECT_NE(set->find("", es256), nullptr);
}

TEST(Jwks, LeavesOutWhatIsOfNoUse) {
  const Signer ed = Signer::ed25519();
  const Signer p256 = Signer::ec(KeyType::p256);
  const auto set =
      JwkSet::parse(set_of({ed.jwk(R"(,"kid":"good")"), ed.jwk(R"(,"kid":"good")"), ed.jwk(R"(,"use":"enc")"),
                            ed.jwk(R"(,"key_ops":["sign"])"), ed.jwk(R"(,"key_ops":[])"), ed.jwk(R"(,"alg":"RS256")"),
                            ed.jwk(R"(,"alg":"HS256")"), ed.jwk(R"(,"alg":7)"), ed.jwk(R"(,"kid":7)"),
                            Signer::rsa(1024).jwk(), R"({"kty":"oct","k":"c2VjcmV0"})", R"({"kty":"EC","crv":"P-521"})",
                            R"({"kty":"EC","crv":"P-384","x":")" + crypto::to_base64url(p256.x()) + R"(","y":")" +
                                crypto::to_base64url(p256.y()) + "\"}",
                            R"({"kty":"RSA","n":"!","e":"AQAB"})", R"({})", R"(7)"}));
  ASSERT_TRUE(set) << set.error().detail;
  EXPECT_EQ(set->keys().size(), 1U);
  EXPECT_EQ(set->left_out(), 15U);
}

TEST(Jwks, RefusesSets) {
  const std::string key = Signer::ed25519().jwk();
  for (const std::string& document :
       {std::string(), std::string("{}"), std::string("[]"), std::string(R"({"keys":{}})"), set_of({}), set_of({"{}"}),
        set_of({key}) + "x", R"({"keys":[],"keys":[)" + key + "]}", set_of({key, R"({"kty":"RSA","d":"AA"})"}),
        set_of({R"({"kty":"OKP","kty":"OKP"})", key})}) {
    EXPECT_FALSE(JwkSet::parse(document)) << document;
  }
}

TEST(Jwks, HasBounds) {
  const std::string key = Signer::ed25519().jwk();
  std::string many = R"({"keys":[)" + key;
  for (std::size_t i = 1; i < kMaxJwksKeys; ++i) many += "," + key;
  EXPECT_TRUE(JwkSet::parse(many + "]}"));
  EXPECT_FALSE(JwkSet::parse(many + "," + key + "]}"));
  EXPECT_FALSE(JwkSet::parse(set_of({key}) + std::string(kMaxJwksSize, ' ')));
}

TEST(Jwks, FingerprintFollowsTheText) {
  const std::string one = set_of({Signer::ed25519().jwk()});
  EXPECT_EQ(JwkSet::parse(one)->fingerprint(), JwkSet::parse(one)->fingerprint());
  EXPECT_NE(JwkSet::parse(one)->fingerprint(), JwkSet::parse(set_of({Signer::ed25519().jwk()}))->fingerprint());
}

}  // namespace
}  // namespace gatehouse::govern
