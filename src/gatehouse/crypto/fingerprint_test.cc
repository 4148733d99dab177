#include "gatehouse/crypto/fingerprint.h"

#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::crypto {
namespace {

TEST(Fingerprint, TellsTextsApart) {
  Fingerprinter name("one key");
  std::set<Fingerprint> seen;
  std::string text;
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(seen.insert(name(text)).second) << i;
    text += '\0';
  }
  for (int bit = 0; bit < 8; ++bit) {
    std::string other = text;
    other[17] = static_cast<char>(1 << bit);
    EXPECT_TRUE(seen.insert(name(other)).second) << bit;
  }
}

TEST(Fingerprint, IsTheSameUnderOneKeyOnly) {
  Fingerprinter one("one key");
  Fingerprinter again("one key");
  Fingerprinter other("another key");
  const auto before = one("a text");
  one("something else between");
  EXPECT_EQ(one("a text"), before);
  EXPECT_EQ(again("a text"), before);
  EXPECT_NE(other("a text"), before);
  EXPECT_NE(other("a text").low, before.low);
  EXPECT_NE(other("a text").high, before.high);
}

TEST(Fingerprint, MovesWithItsKey) {
  Fingerprinter one("one key");
  const auto before = one("a text");
  Fingerprinter moved(std::move(one));
  EXPECT_EQ(moved("a text"), before);
}

}  // namespace
}  // namespace gatehouse::crypto
