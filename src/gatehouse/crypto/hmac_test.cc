#include "gatehouse/crypto/hmac.h"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "gatehouse/crypto/encoding.h"

namespace gatehouse::crypto {
namespace {

// RFC 4231, test cases 1 to 4, 6 and 7; last an empty key and message.
struct Vector {
  std::string key;
  std::string message;
  std::string_view digest;
};
const Vector kVectors[] = {
    {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19",
     std::string(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
     "before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    // Keys at the size of a block, by another implementation (Python's hmac).
    {std::string(64, 'k'), "at the block", "95814f2b2d30c9341b30edc740cd9e9ef38e42b7820a6cbc301814eb81925c86"},
    {std::string(65, 'k'), "at the block", "972e1279ea687fcaa399e818efe1e852b68c158f2cf8f41872126276b31dd005"},
    {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

TEST(HmacSha256, GivesThePublishedDigests) {
  for (const auto& vector : kVectors) {
    HmacSha256 mac(vector.key);
    EXPECT_EQ(to_hex(mac(vector.message)), vector.digest);
  }
}

TEST(HmacSha256, ForgetsTheMessageBeforeButNotTheKey) {
  HmacSha256 mac(std::string(131, '\xaa'));
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(to_hex(mac(kVectors[4].message)), kVectors[4].digest);
    mac(std::string(1000, static_cast<char>(round)));
    EXPECT_EQ(to_hex(mac(kVectors[5].message)), kVectors[5].digest);
  }
  HmacSha256 moved = std::move(mac);
  EXPECT_EQ(to_hex(moved(kVectors[4].message)), kVectors[4].digest);
}

TEST(HmacSha256, TakesNullViews) {
  HmacSha256 mac{std::string_view()};
  EXPECT_EQ(to_hex(mac(std::string_view())), kVectors[8].digest);
  // Not the digest of another object's key: the null key must not mean "as before".
  HmacSha256 other("Jefe");
  EXPECT_EQ(to_hex(mac(std::string_view())), kVectors[8].digest);
  EXPECT_NE(other(""), mac(""));
}

TEST(Sha256, GivesThePublishedDigests) {  // FIPS 180-4 examples
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(EqualConstantTime, ComparesEveryByte) {
  const std::string a(40, 'a');
  EXPECT_TRUE(equal_constant_time(a, a));
  EXPECT_TRUE(equal_constant_time("", std::string_view()));
  EXPECT_FALSE(equal_constant_time(a, a.substr(1)));
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::string b = a;
    b[i] ^= 1;
    EXPECT_FALSE(equal_constant_time(a, b)) << i;
  }
  Digest x = sha256("x");
  const Digest y = x;
  EXPECT_TRUE(equal_constant_time(x, y));
  for (auto& byte : x) {
    byte ^= 0x80;
    EXPECT_FALSE(equal_constant_time(x, y));
    byte ^= 0x80;
  }
}

}  // namespace
}  // namespace gatehouse::crypto
