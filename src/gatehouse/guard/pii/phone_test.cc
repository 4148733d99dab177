#include "gatehouse/guard/pii/phone.h"

#include <gtest/gtest.h>

#include "gatehouse/guard/pii/dates.h"
#include "gatehouse/guard/pii/network.h"

namespace gatehouse::guard::pii {
namespace {

TEST(Phone, CountryCodes) {
  std::string_view national;
  EXPECT_EQ(country_code("14155550132", national), 1);
  EXPECT_EQ(national, "4155550132");
  EXPECT_EQ(country_code("4402079460000", national), 44);
  EXPECT_EQ(country_code("35316790000", national), 353);
  EXPECT_EQ(national, "16790000");
  EXPECT_EQ(country_code("1415555013", national), 0) << "too short";
  EXPECT_EQ(country_code("2101234567", national), 0) << "not assigned";
  EXPECT_EQ(country_code("4", national), 0);
}

TEST(Months, InSeveralLanguages) {
  EXPECT_EQ(month_named("March"), 3);
  EXPECT_EQ(month_named("M\xC3\x84RZ"), 3);
  EXPECT_EQ(month_named("d\xC3\xA9"
                        "cembre"),
            12);
  EXPECT_EQ(month_named("fevereiro"), 2);
  EXPECT_EQ(month_named("ma"), 0);
  EXPECT_EQ(month_named("marchioness"), 0);
  EXPECT_EQ(month_before("on March 5", 9, 0), 3U);
  EXPECT_EQ(month_before("on march-5", 9, 0), 3U);
  EXPECT_EQ(month_before("on Sunday 5", 10, 0), 10U);
}

TEST(Addresses, Ipv4) {
  EXPECT_EQ(ipv4_length("203.0.113.7"), 11U);
  EXPECT_EQ(ipv4_length("203.0.113.7:80"), 11U);
  EXPECT_EQ(ipv4_length("203.0.113.256"), 0U);
  EXPECT_EQ(ipv4_length("203.0.113"), 0U);
  EXPECT_EQ(ipv4_length("203.0.113.07"), 0U);
}

TEST(Addresses, Ipv6) {
  for (const std::string_view good : {"::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8",
                                      "1:2:3:4:5:6:7::", "::ffff:203.0.113.7", "1:2:3:4:5:6:203.0.113.7"}) {
    EXPECT_TRUE(is_ipv6(good)) << good;
  }
  for (const std::string_view bad : {"", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                                     "12345::", "1:", ":1", "::ffff:203.0.113", "1:2:3:4:5:6:7:203.0.113.7", "g::1"}) {
    EXPECT_FALSE(is_ipv6(bad)) << bad;
  }
}

TEST(Addresses, TopLevelDomains) {
  EXPECT_TRUE(is_top_level_domain("COM"));
  EXPECT_TRUE(is_top_level_domain("de"));
  EXPECT_TRUE(is_top_level_domain("academy"));
  EXPECT_TRUE(is_top_level_domain("xyz"));
  EXPECT_FALSE(is_top_level_domain("txt"));
  EXPECT_FALSE(is_top_level_domain("zq"));
  EXPECT_FALSE(is_top_level_domain("c"));
}

}  // namespace
}  // namespace gatehouse::guard::pii
