#include "gatehouse/net/proxy_protocol.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/net/forwarded.h"
#include "gatehouse/net/test_support.h"

namespace gatehouse::net {
namespace {

using namespace std::string_literals;
using testing::read;
using testing::run;
using testing::tcp_pair;
using testing::write;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string header(int version_and_command, int family, const std::string& body) {
  return kSignature + static_cast<char>(version_and_command) + static_cast<char>(family) +
         static_cast<char>(body.size() >> 8) + static_cast<char>(body.size()) + body;
}

// 203.0.113.7:51000 to 10.0.0.1:443; 51000 is 0xc738, 443 0x01bb.
const std::string kBody4 = "\xcb\x00\x71\x07\x0a\x00\x00\x01\xc7\x38\x01\xbb"s;
const std::string kBody6 =
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xc7\x38\x01\xbb"s;
const std::string kTlv = "\x04\x00\x03\x00\x00\x00\x02\x00\x02hi"s;

TEST(ProxyProtocol, ReadsAddressesAndSkipsTlvs) {
  ProxyHeader out;
  const std::string four = header(0x21, 0x11, kBody4 + kTlv);
  auto parsed = parse_proxy_header(four + "GET /", out);
  ASSERT_EQ(parsed.status, ProxyStatus::done);
  EXPECT_EQ(parsed.size, four.size());
  EXPECT_TRUE(out.has_addresses);
  EXPECT_EQ(out.source.to_string(), "203.0.113.7:51000");
  EXPECT_EQ(out.destination.to_string(), "10.0.0.1:443");

  parsed = parse_proxy_header(header(0x21, 0x21, kBody6), out);
  ASSERT_EQ(parsed.status, ProxyStatus::done);
  EXPECT_EQ(out.source.to_string(), "[2001:db8::7]:51000");
  EXPECT_EQ(out.destination.to_string(), "[2001:db8::1]:443");
}

TEST(ProxyProtocol, LocalAndUnspecifiedHaveNoAddresses) {
  for (const auto& bytes : {header(0x20, 0x00, ""), header(0x20, 0x11, kBody4 + "junk"), header(0x21, 0x00, "junk")}) {
    ProxyHeader out{.has_addresses = true, .source = {}, .destination = {}};
    const auto parsed = parse_proxy_header(bytes, out);
    EXPECT_EQ(parsed.status, ProxyStatus::done);
    EXPECT_EQ(parsed.size, bytes.size());
    EXPECT_FALSE(out.has_addresses);
  }
}

TEST(ProxyProtocol, AsksForExactlyWhatIsMissing) {
  const std::string bytes = header(0x21, 0x11, kBody4 + kTlv);
  for (std::size_t have = 0; have < bytes.size(); ++have) {
    ProxyHeader out;
    const auto parsed = parse_proxy_header(std::string_view(bytes).substr(0, have), out);
    ASSERT_EQ(parsed.status, ProxyStatus::need_more) << have;
    EXPECT_EQ(parsed.size, have < kProxyFixedSize ? kProxyFixedSize : bytes.size()) << have;
  }
}

TEST(ProxyProtocol, RefusesWithAReason) {
  const struct {
    std::string bytes;
    std::string_view reason;
  } cases[] = {
      {"PROXY TCP4 1.2.3.4", "PROXY protocol version 1; version 2 is needed"},
      {"P", "PROXY protocol version 1; version 2 is needed"},
      {"GET / HTTP/1.1\r\n", "no PROXY protocol header"},
      {"G", "no PROXY protocol header"},
      {"\r\n\r\n\r", "no PROXY protocol header"},
      {kSignature + "\x11", "unknown PROXY protocol version"},
      {kSignature + "\x22", "unknown PROXY protocol command"},
      {header(0x21, 0x12, kBody4), "PROXY protocol header of another family than TCP over IPv4 or IPv6"},
      {header(0x21, 0x31, std::string(216, 'x')), "PROXY protocol header of another family than TCP over IPv4 or IPv6"},
      {header(0x21, 0x21, kBody4), "PROXY protocol header too short for its addresses"},
      {kSignature + "\x21\x11\x10\x01", "PROXY protocol header too long"},
      {header(0x21, 0x11, kBody4 + "\x04\x00"s), "PROXY protocol TLVs do not add up"},
      {header(0x21, 0x11, kBody4 + "\x04\x00\x02x"s), "PROXY protocol TLVs do not add up"},
  };
  for (const auto& c : cases) {
    ProxyHeader out;
    const auto parsed = parse_proxy_header(c.bytes, out);
    EXPECT_EQ(parsed.status, ProxyStatus::bad) << c.reason;
    EXPECT_EQ(parsed.reason, c.reason);
  }
  ProxyHeader out;
  EXPECT_EQ(parse_proxy_header(header(0x20, 0x00, std::string(4096, 'x')), out).status, ProxyStatus::done);
}

Task<void> reads_no_further(async::Loop& loop) {
  auto pair = co_await tcp_pair(loop);
  EXPECT_TRUE((co_await write(*pair.client, header(0x21, 0x11, kBody4 + kTlv) + "GET / HTTP/1.1")).has_value());
  auto got = co_await read_proxy_header(*pair.server, std::chrono::seconds(5));
  EXPECT_TRUE(got.has_value() && got->has_addresses);
  EXPECT_EQ(pair.server->peer().to_string(), "203.0.113.7:51000");
  EXPECT_EQ(pair.server->local().to_string(), "10.0.0.1:443");
  EXPECT_EQ(*co_await read(*pair.server, 14), "GET / HTTP/1.1");

  pair = co_await tcp_pair(loop);
  const Endpoint peer = pair.server->peer();
  EXPECT_TRUE((co_await write(*pair.client, header(0x20, 0x00, "") + "x")).has_value());
  got = co_await read_proxy_header(*pair.server, std::chrono::seconds(5));
  EXPECT_TRUE(got.has_value() && !got->has_addresses);
  EXPECT_EQ(pair.server->peer(), peer);
  EXPECT_EQ(*co_await read(*pair.server, 1), "x");
}
TEST(ProxyProtocol, ReadsTheHeaderAndNothingBehindIt) { run(reads_no_further); }

Task<void> bad_senders(async::Loop& loop) {
  auto pair = co_await tcp_pair(loop);
  // Fewer bytes than a header has: refused without waiting for more.
  EXPECT_TRUE((co_await write(*pair.client, "GET /")).has_value());
  auto got = co_await read_proxy_header(*pair.server, std::chrono::seconds(60));
  EXPECT_EQ(got.error().code, Code::invalid_request);
  EXPECT_EQ(got.error().detail, "no PROXY protocol header");

  pair = co_await tcp_pair(loop);
  EXPECT_TRUE((co_await write(*pair.client, kSignature)).has_value());
  got = co_await read_proxy_header(*pair.server, std::chrono::milliseconds(20));
  EXPECT_EQ(got.error().code, Code::timed_out);

  pair = co_await tcp_pair(loop);
  EXPECT_TRUE((co_await write(*pair.client, kSignature)).has_value());
  pair.client.reset();
  got = co_await read_proxy_header(*pair.server, std::chrono::seconds(5));
  EXPECT_EQ(got.error().code, Code::closed);
}
TEST(ProxyProtocol, RefusesOrTimesOutOrSeesTheEnd) { run(bad_senders); }

TEST(Forwarded, WalksFromTheRightOverTrustedHopsOnly) {
  const std::vector<Cidr> trusted = {*Cidr::parse("10.0.0.0/8"), *Cidr::parse("2001:db8::/32")};
  const auto client = [&](const char* peer, std::string_view field) {
    return client_address(*Address::parse(peer), field, trusted).to_string();
  };
  // Nobody trusted says so.
  EXPECT_EQ(client("198.51.100.9", "1.1.1.1"), "198.51.100.9");
  EXPECT_EQ(client("10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", "1.1.1.1"), "1.1.1.1");
  // What the client wrote itself stands left of what the first trusted hop saw.
  EXPECT_EQ(client("10.0.0.1", "6.6.6.6, 1.1.1.1"), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2,2001:db8::5"), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
  EXPECT_EQ(client("10.0.0.1", "1.1.1.1:4711"), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", "[2001:dead::1]:80"), "2001:dead::1");
  EXPECT_EQ(client("10.0.0.1", " [2001:dead::1] "), "2001:dead::1");
  // Garbage ends the walk at the last hop known.
  for (const char* bad : {"6.6.6.6, unknown", "6.6.6.6, ", "6.6.6.6,localhost:80", "6.6.6.6, 1.1.1.1:99999",
                          "6.6.6.6, [1.1.1.1]:80", "6.6.6.6, [::1", "6.6.6.6, ::1]", "6.6.6.6, 1.1.1.1:"}) {
    EXPECT_EQ(client("10.0.0.1", bad), "10.0.0.1") << bad;
  }
  EXPECT_EQ(client("10.0.0.1", "6.6.6.6, junk, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", "::ffff:1.1.1.1"), "1.1.1.1");
}

}  // namespace
}  // namespace gatehouse::net
