#include "gatehouse/ml/tokenizer/charsmap.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string unit(std::uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

TEST(Charsmap, RefusesWhatIsCutOff) {
  EXPECT_FALSE(Charsmap::parse(""));
  EXPECT_FALSE(Charsmap::parse("AAA"));
  EXPECT_FALSE(Charsmap::parse("A*AA"));
  EXPECT_FALSE(Charsmap::parse(base64(unit(8) + unit(0))));
  EXPECT_FALSE(Charsmap::parse(base64(unit(0xFFFFFFFF))));
  EXPECT_FALSE(Charsmap::parse(base64(unit(0) + "\xff")));
  EXPECT_TRUE(Charsmap::parse(base64(unit(0) + "ok")));
  EXPECT_FALSE(Charsmap::parse(base64(unit(0)))->find("a"));
}

// Whatever the units say, a step stays inside, and what is found is text. The sanitizers watch.
TEST(Charsmap, HostileUnitsLeadNowhere) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    const std::uint32_t count = 1 + random() % 400;
    std::string bytes = unit(4 * count);
    for (std::uint32_t i = 0; i < count; ++i) {
      // Small offsets and likely labels, so that steps are taken.
      bytes += unit((random() % 512) << 10 | (random() % 2) << 8 | (random() % 4 == 0 ? random() : 'a' + random() % 4));
    }
    bytes += "one\0\xc3\xa9\0two";
    const auto map = Charsmap::parse(base64(bytes));
    ASSERT_TRUE(map);
    std::vector<Change> changes;
    if (!map->normalise("abcd dcba \xc3\xa9 aabbccdd", changes)) continue;
    Aligned text;
    Aligned made;
    text.read("abcd dcba \xc3\xa9 aabbccdd");
    made.rewrite(text, changes);
    EXPECT_TRUE(text::valid_utf8(made.text()));
  }
}

}  // namespace
}  // namespace gatehouse::ml::tokenizer
