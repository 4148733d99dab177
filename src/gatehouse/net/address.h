#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::net {

// An IPv4 or IPv6 address as a value. IPv4-mapped IPv6 addresses are turned into IPv4, so that one peer has one form.
class Address {
 public:
  Address() = default;  // 0.0.0.0
  static Address v4(std::array<std::uint8_t, 4> bytes);
  static Address v6(std::array<std::uint8_t, 16> bytes);
  // Literals only ("127.0.0.1", "::1", no scope ids, no names).
  static std::optional<Address> parse(std::string_view text);

  bool is_v6() const { return v6_; }
  bool is_loopback() const;
  // 4 or 16 bytes.
  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), v6_ ? 16U : 4U}; }
  std::string to_string() const;
  auto operator<=>(const Address&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool v6_ = false;
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;

  // "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (as 127.0.0.1).
  static std::optional<Endpoint> parse(std::string_view text);
  static Endpoint from_sockaddr(const sockaddr_storage& from);
  // Returns the length used.
  socklen_t to_sockaddr(sockaddr_storage& to) const;
  std::string to_string() const;
  auto operator<=>(const Endpoint&) const = default;
};

struct Cidr {
  Address network;
  unsigned bits = 0;

  // "10.0.0.0/8", "::1/128", or a bare address.
  static std::optional<Cidr> parse(std::string_view text);
  bool contains(const Address& address) const;
};

}  // namespace gatehouse::net
