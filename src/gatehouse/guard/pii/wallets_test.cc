#include "gatehouse/guard/pii/wallets.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gatehouse::guard::pii {
namespace {

std::string hex(std::string_view message) {
  std::string out;
  for (const std::uint8_t b : keccak256(message)) out += fmt::format("{:02x}", b);
  return out;
}

TEST(Wallets, Keccak) {
  EXPECT_EQ(hex(""), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(hex("abc"), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

// Addresses that their projects publish as examples.
TEST(Wallets, KnownAddresses) {
  for (const std::string_view address :
       {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1",
        "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"}) {
    EXPECT_EQ(wallet(address), 1) << address;
    std::string wrong(address);
    wrong[wrong.size() / 2] = wrong[wrong.size() / 2] == 'a' ? 'c' : 'a';
    EXPECT_EQ(wallet(wrong), 0) << wrong;
    EXPECT_EQ(wallet(std::string(address) + "2"), 0) << address;
  }
}

TEST(Wallets, EthereumWithoutChecksum) {
  EXPECT_EQ(wallet("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), 0.5F);
  EXPECT_EQ(wallet("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"), 0.5F);
  EXPECT_EQ(wallet("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg"), 0);
}

TEST(Wallets, MixedCaseBech32IsNone) { EXPECT_EQ(wallet("bc1QW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), 0); }

}  // namespace
}  // namespace gatehouse::guard::pii
