#include "gatehouse/ml/tokenizer/charsmap.h"

#include <random>
#include <string>
#include <vector>

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

// A cluster of less than six bytes is looked up by its shortest beginning that is known, and what follows in it goes
// with that; of a longer one each character stands for itself.
TEST(Charsmap, ClustersAreLookedUpWholeWhenTheyAreShort) {
  // One step: U+0301 is 0xCC 0x81. The root's offset 1; label 0xCC at 1^0xCC, its offset brings it to a block of its
  // own.
  std::vector<std::uint32_t> units(1024, 0);
  units[0] = 1U << 10;
  const std::uint32_t lead = 1U ^ 0xCCU;
  units[lead] = 0xCCU | (lead ^ 512U) << 10;
  const std::uint32_t mark = 512U ^ 0x81U;
  units[mark] = 0x81U | 1U << 8 | (mark ^ 900U) << 10;
  units[900] = 0;
  std::string bytes = unit(4 * 1024);
  for (const std::uint32_t one : units) bytes += unit(one);
  const auto map = Charsmap::parse(base64(bytes + "!"));
  ASSERT_TRUE(map);
  EXPECT_EQ(map->find("\u0301"), "!");
  const auto made_of = [&](std::string_view from) {
    Aligned text;
    Aligned made;
    std::vector<Change> changes;
    text.read(from);
    if (!map->normalise(from, changes)) return std::string(from);
    made.rewrite(text, changes);
    return made.text();
  };
  EXPECT_EQ(made_of("a"), "a");
  EXPECT_EQ(made_of("e\u0301x"), "e!x");                        // no beginning of the cluster is known
  EXPECT_EQ(made_of("\u0301\u0302"), "!");                      // the beginning stands for all of it
  EXPECT_EQ(made_of("\u0301\u0302\u0303x"), "!\u0302\u0303x");  // six bytes
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
