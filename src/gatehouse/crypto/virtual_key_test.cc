#include "gatehouse/crypto/virtual_key.h"

#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::crypto {
namespace {

TEST(VirtualKey, NewOnesAreWholeAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = make_virtual_key();
    EXPECT_EQ(key.size(), 39U);
    EXPECT_TRUE(key.starts_with("gh-"));
    EXPECT_EQ(key_form(key), KeyForm::ours);
    EXPECT_TRUE(seen.insert(key).second);
  }
}

TEST(VirtualKey, DigitsAreEven) {
  std::array<int, 256> count{};
  constexpr int kKeys = 10000;
  for (int i = 0; i < kKeys; ++i) {
    for (const char c : make_virtual_key().substr(3, kVirtualKeyBody)) ++count[static_cast<unsigned char>(c)];
  }
  // 300,000 digits, 4,839 expected of each with a deviation of 69: six deviations are a false alarm in 10^7 runs, and
  // the plain remainder of a byte (5 of 256 for some digits, 4 for others) would be off by 15.
  for (const char c : std::string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) {
    EXPECT_NEAR(count[static_cast<unsigned char>(c)], 30.0 * kKeys / 62, 6 * 69) << c;
  }
}

TEST(VirtualKey, AKnownOneKeepsItsChecksum) {
  // Computed with Python: zlib.crc32(b"0123456789ABCDEFGHIJKLMNOPQRST"), written in base 62.
  EXPECT_EQ(key_form("gh-0123456789ABCDEFGHIJKLMNOPQRST4PMbyp"), KeyForm::ours);
}

TEST(VirtualKey, EveryTypoIsSeen) {
  const std::string key = make_virtual_key();
  for (std::size_t i = 3; i < key.size(); ++i) {
    for (const char c : {'0', 'z', 'Q', '-', ' ', '\0', '\xff'}) {
      std::string typo = key;
      if (typo[i] == c) continue;
      typo[i] = c;
      EXPECT_EQ(key_form(typo), KeyForm::damaged) << i;
    }
    if (i + 1 < key.size() && key[i] != key[i + 1]) {
      std::string swapped = key;
      std::swap(swapped[i], swapped[i + 1]);
      EXPECT_EQ(key_form(swapped), KeyForm::damaged) << i;
    }
    EXPECT_EQ(key_form(key.substr(0, i)), KeyForm::damaged) << i;
  }
  EXPECT_EQ(key_form(key + "0"), KeyForm::damaged);
}

TEST(VirtualKey, OthersAreForeign) {
  const std::string key = make_virtual_key();
  for (const std::string& foreign : {std::string(), std::string("gh"), std::string("sk-proj-abcdefghijkl"),
                                     "GH-" + key.substr(3), " " + key, key.substr(3)}) {
    EXPECT_EQ(key_form(foreign), KeyForm::foreign) << foreign;
  }
}

TEST(AdminKey, IsNoVirtualKey) {
  const std::string key = make_admin_key();
  EXPECT_EQ(key.size(), kAdminKeySize);
  EXPECT_EQ(admin_key_form(key), KeyForm::ours);
  EXPECT_EQ(key_form(key), KeyForm::foreign);
  EXPECT_EQ(admin_key_form(make_virtual_key()), KeyForm::foreign);
  std::string mistyped = key;
  mistyped[10] = mistyped[10] == 'a' ? 'b' : 'a';
  EXPECT_EQ(admin_key_form(mistyped), KeyForm::damaged);
  EXPECT_EQ(admin_key_form(key + "x"), KeyForm::damaged);
}

}  // namespace
}  // namespace gatehouse::crypto
