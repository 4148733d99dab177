#include "gatehouse/base/money.h"

#include <limits>

#include <gtest/gtest.h>

namespace gatehouse::base {
namespace {

TEST(Money, ReadsDecimals) {
  EXPECT_EQ(Money::parse("12")->nanos(), 12'000'000'000);
  EXPECT_EQ(Money::parse("0.000000001")->nanos(), 1);
  EXPECT_EQ(Money::parse("500.25")->nanos(), 500'250'000'000);
  EXPECT_EQ(Money::parse("9223372036.854775807"), Money::max());
  for (const auto* wrong :
       {"", ".", "1.", ".5", "1e3", "-1", "+1", "1,5", "0.0000000001", "9223372036.854775808", "1 "}) {
    EXPECT_FALSE(Money::parse(wrong)) << wrong;
  }
}

TEST(Money, WritesTheShortestDecimal) {
  EXPECT_EQ(Money::nanos(0).to_string(), "0");
  EXPECT_EQ(Money::nanos(1'250'000).to_string(), "0.00125");
  EXPECT_EQ(Money::usd(12).to_string(), "12");
  EXPECT_EQ(Money::nanos(-3'500'000'000).to_string(), "-3.5");
  EXPECT_EQ(Money::nanos(std::numeric_limits<std::int64_t>::min()).to_string(), "-9223372036.854775808");
}

TEST(Money, SaturatesInsteadOfWrapping) {
  EXPECT_EQ(Money::max() + Money::nanos(1), Money::max());
  EXPECT_EQ(Money::max() * 2, Money::max());
  EXPECT_EQ(Money::usd(-2) * std::numeric_limits<std::int64_t>::max(),
            Money::nanos(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(Money::nanos(-5) - Money::max() - Money::max(), Money::nanos(std::numeric_limits<std::int64_t>::min()));
}

TEST(Money, FromDouble) {
  EXPECT_EQ(Money::from_double(0.1)->nanos(), 100'000'000);
  EXPECT_FALSE(Money::from_double(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(Money::from_double(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(Money::from_double(1e10));
}

}  // namespace
}  // namespace gatehouse::base
