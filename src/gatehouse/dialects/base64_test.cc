#include "gatehouse/dialects/base64.h"

#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::dialects {
namespace {

TEST(Base64, ThereAndBack) {
  // RFC 4648 section 10.
  for (const auto& [text, encoded] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"", ""},
                                                                            {"f", "Zg=="},
                                                                            {"fo", "Zm8="},
                                                                            {"foo", "Zm9v"},
                                                                            {"foob", "Zm9vYg=="},
                                                                            {"fooba", "Zm9vYmE="},
                                                                            {"foobar", "Zm9vYmFy"}}) {
    std::string out;
    append_base64(text, out);
    EXPECT_EQ(out, encoded);
    EXPECT_EQ(read_base64(encoded), text);
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  std::string out;
  append_base64(all, out);
  EXPECT_EQ(read_base64(out), all);
}

TEST(Base64, ReadsBothAlphabetsAndNothingElse) {
  EXPECT_EQ(read_base64("_-8"), "\xff\xef");
  EXPECT_EQ(read_base64("/+8="), "\xff\xef");
  for (const char* bad : {"A", "AAAAA", "AA A", "AA\n", "====", "Ä"}) EXPECT_FALSE(read_base64(bad)) << bad;
}

}  // namespace
}  // namespace gatehouse::dialects
