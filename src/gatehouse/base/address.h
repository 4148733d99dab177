#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

// Addresses as values, and the strict readers for them. No name is looked up and no socket is touched here (net/ turns
// an Endpoint into a sockaddr and back). Errors have Code::configuration and a detail that goes on behind the input
// ("has no port; ...") and never quotes it.
namespace gatehouse::base {

// An IPv4 or IPv6 address. IPv4-mapped IPv6 addresses are turned into IPv4, so that one peer has one form.
class Address {
 public:
  constexpr Address() = default;  // 0.0.0.0
  static constexpr Address v4(std::array<std::uint8_t, 4> bytes) {
    Address address;
    for (std::size_t i = 0; i < bytes.size(); ++i) address.bytes_[i] = bytes[i];
    return address;
  }
  static Address v6(std::array<std::uint8_t, 16> bytes);
  // Literals only ("127.0.0.1", "::1"): no brackets, no scope ids, no names, no leading zeros.
  static std::optional<Address> parse(std::string_view text);

  bool is_v6() const { return v6_; }
  bool is_loopback() const;  // 127.0.0.0/8, ::1
  // 4 or 16 bytes, in network order.
  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), v6_ ? 16U : 4U}; }
  std::string to_string() const;
  auto operator<=>(const Address&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool v6_ = false;
};

// Where to listen or to connect. Port 0 lets the system choose.
struct Endpoint {
  Address address;
  std::uint16_t port = 0;

  // "127.0.0.1:8080", "[::1]:8080" (IPv6 only in brackets), "localhost:8080" (as 127.0.0.1).
  static Result<Endpoint> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const Endpoint&) const = default;
};

// A block of addresses of one family.
struct Cidr {
  Address network;    // zero after the prefix
  unsigned bits = 0;  // of the prefix

  // "10.0.0.0/8", "fd00::/8", or an address alone for a block of one. Refused: bits set after the prefix. A block of
  // IPv4-mapped addresses is the IPv4 block.
  static Result<Cidr> parse(std::string_view text);
  bool contains(const Address& address) const;
  std::string to_string() const;
  bool operator==(const Cidr&) const = default;
};

// A host and, behind a colon, a port, as Endpoints and URLs have them. Says nothing about what the host is.
struct HostAndPort {
  std::string_view host;                 // without its brackets
  std::optional<std::string_view> port;  // as it stands; nothing where there is no colon
  bool bracketed = false;
};
Result<HostAndPort> split_host(std::string_view text);
// Decimal, `least` to 65535.
Result<std::uint16_t> parse_port(std::string_view text, unsigned least);

}  // namespace gatehouse::base
