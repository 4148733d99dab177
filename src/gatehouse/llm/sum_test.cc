#include "gatehouse/llm/sum.h"

#include <array>
#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

// A count that is added to the structure and forgotten in the sum is found here.
TEST(SumTest, EveryCountIsInTheSum) {
  constexpr std::size_t kCounts = sizeof(Usage) / sizeof(std::uint64_t);  // one of them the flag
  std::array<std::uint64_t, kCounts> ones;
  ones.fill(1);
  Usage one;
  std::memcpy(static_cast<void*>(&one), ones.data(), sizeof one);
  one.known = false;
  Usage sum;
  add(sum, one);
  EXPECT_FALSE(sum.known);
  one.known = true;
  add(sum, one);
  EXPECT_TRUE(sum.known);
  sum.known = false;
  std::array<std::uint64_t, kCounts> raw;
  std::memcpy(raw.data(), &sum, sizeof sum);
  std::size_t twos = 0;
  for (const auto count : raw) twos += count == 2 ? 1 : 0;
  EXPECT_EQ(twos, kCounts - 1);
}

TEST(SumTest, TooMuchIsTheMost) {
  Usage sum{.prompt_tokens = UINT64_MAX};
  add(sum, Usage{.prompt_tokens = 2, .completion_tokens = 3});
  EXPECT_EQ(sum.prompt_tokens, UINT64_MAX);
  EXPECT_EQ(sum.completion_tokens, 3U);
}

TEST(SumTest, EveryPartOfACostIsInTheSum) {
  const auto one = base::Money::usd(1);
  const Cost each{one, one, one, one, one, one, one};
  Cost sum;
  add(sum, each);
  add(sum, each);
  EXPECT_EQ(sum.total(), base::Money::usd(14));
  EXPECT_EQ(sizeof(Cost), 7 * sizeof(base::Money));
}

}  // namespace
}  // namespace gatehouse::llm
