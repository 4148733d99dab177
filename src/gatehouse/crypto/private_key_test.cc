#include "gatehouse/crypto/private_key.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"

namespace gatehouse::crypto {
namespace {

TEST(PrivateKey, SignsWhatThePublicKeyVerifies) {
  const auto signer = testing::Signer::rsa();
  for (const bool traditional : {false, true}) {
    const auto key = PrivateKey::rsa_from_pem(signer.pem(traditional));
    ASSERT_TRUE(key) << key.error().detail;
    const auto signature = key->sign_rs256("message");
    ASSERT_TRUE(signature);
    EXPECT_TRUE(signer.public_key()->verify(SignatureAlgorithm::rs256, "message", *signature));
    EXPECT_FALSE(signer.public_key()->verify(SignatureAlgorithm::rs256, "other", *signature));
  }
}

TEST(PrivateKey, WhatIsNone) {
  EXPECT_EQ(PrivateKey::rsa_from_pem("").error().code, Code::configuration);
  EXPECT_EQ(PrivateKey::rsa_from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").error().code,
            Code::configuration);
  EXPECT_EQ(PrivateKey::rsa_from_pem(std::string(64 * 1024, 'x')).error().detail, "the private key is too large");
  EXPECT_EQ(PrivateKey::rsa_from_pem(testing::Signer::ec(KeyType::p256).pem()).error().detail,
            "the private key is not an RSA key");
  EXPECT_EQ(PrivateKey::rsa_from_pem(testing::Signer::rsa(1024).pem()).error().detail,
            "the private key has not 2048 to 8192 bits");
}

}  // namespace
}  // namespace gatehouse::crypto
