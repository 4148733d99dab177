#include "gatehouse/base/address.h"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::base {
namespace {

using namespace std::string_view_literals;

TEST(Address, ParsesAndPrints) {
  EXPECT_EQ(Address::parse("10.1.2.3")->to_string(), "10.1.2.3");
  EXPECT_EQ(Address::parse("::ffff:10.1.2.3")->to_string(), "10.1.2.3");
  EXPECT_EQ(Address::parse("2001:DB8:0::1")->to_string(), "2001:db8::1");
  EXPECT_EQ(Address::parse("::ffff:10.1.2.3"), Address::v4({10, 1, 2, 3}));
  for (const auto bad : {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "256.1.1.1"sv, "010.1.1.1"sv, "example.com"sv, "::1%lo"sv,
                         "1.2.3.4 "sv, "[::1]"sv, "1.2.3.4\0"sv, "::1\0x"sv}) {
    EXPECT_FALSE(Address::parse(bad)) << bad;
  }
}

TEST(Address, Loopback) {
  for (const auto* text : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(Address::parse(text).value().is_loopback()) << text;
  }
  for (const auto* text : {"0.0.0.0", "128.0.0.1", "::", "::2", "1::1", "::ffff:128.0.0.1"}) {
    EXPECT_FALSE(Address::parse(text).value().is_loopback()) << text;
  }
}

TEST(Endpoint, ParsesAndPrints) {
  EXPECT_EQ(Endpoint::parse("192.0.2.1:8080")->to_string(), "192.0.2.1:8080");
  EXPECT_EQ(Endpoint::parse("[::1]:8080")->to_string(), "[::1]:8080");
  EXPECT_EQ(Endpoint::parse("[::ffff:127.0.0.1]:80")->to_string(), "127.0.0.1:80");
  EXPECT_EQ(Endpoint::parse("localhost:0")->to_string(), "127.0.0.1:0");
  for (const char* bad : {"", ":", "::1:80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "[1.2.3.4]:80",
                          ":80", "[]:80", "[::1", "[::1]", "[::1]80", "[localhost]:80", "example.com:80"}) {
    const auto endpoint = Endpoint::parse(bad);
    ASSERT_FALSE(endpoint) << bad;
    EXPECT_EQ(endpoint.error().code, Code::configuration);
    EXPECT_FALSE(endpoint.error().detail.empty());
  }
}

TEST(Cidr, Contains) {
  const auto contains = [](std::string_view block, std::string_view address) {
    return Cidr::parse(block).value().contains(Address::parse(address).value());
  };
  for (const auto& [block, address] : {std::pair{"10.0.0.0/8", "10.255.0.1"},
                                       {"192.0.2.128/25", "192.0.2.200"},
                                       {"0.0.0.0/0", "1.2.3.4"},
                                       {"10.0.0.0/8", "::ffff:10.1.2.3"},
                                       {"::ffff:10.0.0.0/104", "10.1.2.3"},
                                       {"fd00::/8", "fdff::1"},
                                       {"2001:db8::/33", "2001:db8:7fff::1"},
                                       {"::1", "::1"},
                                       {"::/0", "fd00::1"}}) {
    EXPECT_TRUE(contains(block, address)) << block << " " << address;
  }
  for (const auto& [block, address] : {std::pair{"10.0.0.0/8", "11.0.0.1"},
                                       {"192.0.2.128/25", "192.0.2.127"},
                                       {"0.0.0.0/0", "::1"},
                                       {"10.0.0.0/8", "::ffff:11.1.2.3"},
                                       {"::ffff:10.0.0.0/104", "11.1.2.3"},
                                       {"fd00::/8", "fe00::1"},
                                       {"2001:db8::/33", "2001:db8:8000::1"},
                                       {"::1", "::2"},
                                       {"::/0", "1.2.3.4"}}) {
    EXPECT_FALSE(contains(block, address)) << block << " " << address;
  }
}

TEST(Cidr, Prints) {
  EXPECT_EQ(Cidr::parse("192.0.2.7")->to_string(), "192.0.2.7/32");
  EXPECT_EQ(Cidr::parse("fd00::/8")->to_string(), "fd00::/8");
  EXPECT_EQ(Cidr::parse("::ffff:10.0.0.0/104")->to_string(), "10.0.0.0/8");
}

TEST(Cidr, Refused) {
  for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08x", "10.0.0.1/8", "::1/127",
                           "010.0.0.0/8", "10.0.0/8", "fd00::/129", "[::1]/128", "a", "::ffff:10.0.0.0/95",
                           "::ffff:10.0.0.1/104", "::ffff:10.0.0.0/129"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
  EXPECT_EQ(Cidr::parse("10.0.0.1/8").error().detail, "has bits set after its prefix; the block is 10.0.0.0/8");
}

}  // namespace
}  // namespace gatehouse::base
