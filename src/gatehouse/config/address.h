#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

// Addresses and base URLs as values, and the strict readers for them. No name is looked up here. Errors have
// Code::configuration and a detail that never quotes the input (a URL may hold a password).
namespace gatehouse::config {

// An IP address in network byte order: 4 bytes used for IPv4, 16 for IPv6.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;

  bool operator==(const IpAddress&) const = default;
  bool is_loopback() const;  // 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104
  std::string to_string() const;
};
std::optional<IpAddress> parse_ip(std::string_view text);  // no brackets, no zone

// A block of addresses. Bits after the prefix are zero. An IPv4 block also holds the IPv4-mapped IPv6 form of its
// addresses (a dual-stack socket shows peers so).
struct Cidr {
  IpAddress base;
  std::uint8_t prefix = 0;  // bits

  bool operator==(const Cidr&) const = default;
  bool contains(const IpAddress& address) const;
  std::string to_string() const;
};
// `10.0.0.0/8`, or an address alone for a block of one.
Result<Cidr> parse_cidr(std::string_view text);

// Where to listen. Port 0 lets the system choose.
struct ListenAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
  std::string to_string() const;  // 127.0.0.1:8080, [::1]:8080
};
// An IP address (or `localhost`, read as 127.0.0.1), a colon and a port; IPv6 in brackets.
Result<ListenAddress> parse_listen(std::string_view text);

// A base URL in its parts. Request paths are appended to `path`.
struct BaseUrl {
  bool tls = false;
  std::string host;  // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string path;  // "" or "/v1": begins with a slash, does not end with one

  bool operator==(const BaseUrl&) const = default;
  bool empty() const { return host.empty(); }
  // True for `localhost` and for loopback addresses.
  bool is_loopback() const;
  // For the Host header and for connection pools: host, and the port unless it is the scheme's own.
  std::string authority() const;
  std::string to_string() const;  // "" when empty
};
// http or https (RFC 3986 section 3) without user, query, fragment, and without dot segments in the path.
Result<BaseUrl> parse_base_url(std::string_view text);

}  // namespace gatehouse::config
