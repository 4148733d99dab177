#include "gatehouse/crypto/encoding.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::crypto {
namespace {

TEST(Hex, GoesThereAndBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(to_hex(std::string_view("\x00\x0f\xf0\xff", 4)), "000ff0ff");
  EXPECT_EQ(from_hex(to_hex(all)), all);
  EXPECT_EQ(from_hex("AbCd"), "\xab\xcd");
  EXPECT_EQ(from_hex(""), "");
  for (const char* bad : {"a", "0g", "g0", "0x12", " 12", "1 "}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Base64Url, GivesThePublishedText) {  // RFC 4648 section 10, without the padding
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : cases) {
    EXPECT_EQ(to_base64url(plain), text);
    EXPECT_EQ(from_base64url(text), plain);
  }
  EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
}

TEST(Base64Url, EveryByteAtEveryPlaceComesBack) {
  for (std::size_t size = 1; size <= 4; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int value = 0; value < 256; ++value) {
        std::string bytes(size, '\x5a');
        bytes[place] = static_cast<char>(value);
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
      }
    }
  }
}

TEST(Base64Url, HasOneSpellingForAValue) {
  // Padding, the other alphabet, white space, an impossible length, unused bits that are set.
  for (const char* bad : {"Zg==", "Zm8=", "+/+/", "Zm9v\n", " Zm9v", "Z", "Zm9vY", "Zh", "Zm9"}) {
    EXPECT_FALSE(from_base64url(bad)) << bad;
  }
}

}  // namespace
}  // namespace gatehouse::crypto
