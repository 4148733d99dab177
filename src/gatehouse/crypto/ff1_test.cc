#include "gatehouse/crypto/ff1.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/encoding.h"

namespace gatehouse::crypto {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";

Ff1 make() {
  const std::string key = from_hex("2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94").value();
  return Ff1(std::span<const std::uint8_t, 32>(bytes_of(key).first<32>()));
}
std::vector<std::uint8_t> numerals(std::string_view text) {
  std::vector<std::uint8_t> out;
  for (const char c : text) out.push_back(static_cast<std::uint8_t>(kDigits.find(c)));
  return out;
}
std::string written(const std::vector<std::uint8_t>& from) {
  std::string out;
  for (const auto numeral : from) out.push_back(kDigits[numeral]);
  return out;
}

TEST(Ff1, GivesThePublishedStrings) {  // NIST's FF1 samples 7 to 9 (AES-256)
  struct Sample {
    unsigned radix;
    std::string_view tweak, plain, cipher;
  };
  const Sample samples[] = {
      {10, "", "0123456789", "6657667009"},
      {10, "39383736353433323130", "0123456789", "1001623463"},
      {36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
  };
  Ff1 ff1 = make();
  for (const auto& sample : samples) {
    auto text = numerals(sample.plain);
    ff1.encrypt(text, sample.radix, from_hex(sample.tweak).value());
    EXPECT_EQ(written(text), sample.cipher);
    ff1.decrypt(text, sample.radix, from_hex(sample.tweak).value());
    EXPECT_EQ(written(text), sample.plain);
  }
}

TEST(Ff1, IsAPermutationAlsoOfAFewStrings) {
  Ff1 ff1 = make();
  std::set<std::string> seen;
  for (unsigned i = 0; i < 1000; ++i) {
    std::vector<std::uint8_t> text = {static_cast<std::uint8_t>(i / 100), static_cast<std::uint8_t>(i / 10 % 10),
                                      static_cast<std::uint8_t>(i % 10)};
    ff1.encrypt(text, 10, "tweak");
    seen.insert(written(text));
  }
  EXPECT_EQ(seen.size(), 1000);
}

TEST(Ff1, EveryLengthAndRadixComesBack) {
  Ff1 ff1 = make();
  for (const unsigned radix : {2U, 3U, 10U, 26U, 36U, 255U, 256U}) {
    for (std::size_t size = Ff1::kLeast; size <= Ff1::kMost; ++size) {
      std::vector<std::uint8_t> text;
      for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<std::uint8_t>((i * 7 + size) % radix));
      const auto before = text;
      ff1.encrypt(text, radix, std::string(size, 't'));
      if (size > 40) EXPECT_NE(text, before);
      ff1.decrypt(text, radix, std::string(size, 't'));
      ASSERT_EQ(text, before) << radix << ' ' << size;
    }
  }
}

TEST(Ff1, TheTweakMatters) {
  Ff1 ff1 = make();
  auto a = numerals("0123456789");
  auto b = a;
  ff1.encrypt(a, 10, "a");
  ff1.encrypt(b, 10, "b");
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace gatehouse::crypto
