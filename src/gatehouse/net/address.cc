#include "gatehouse/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "gatehouse/base/strings.h"

namespace gatehouse::net {

Address Address::v4(std::array<std::uint8_t, 4> bytes) {
  Address address;
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

Address Address::v6(std::array<std::uint8_t, 16> bytes) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin()))
    return v4({bytes[12], bytes[13], bytes[14], bytes[15]});
  Address address;
  address.v6_ = true;
  address.bytes_ = bytes;
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  std::array<std::uint8_t, 4> four{};
  if (::inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (::inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) == 1) return v6(sixteen);
  return std::nullopt;
}

bool Address::is_loopback() const {
  if (!v6_) return bytes_[0] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes_[15] == 1;
}

std::string Address::to_string() const {
  if (!v6_) {
    std::array<char, 16> text{};
    char* end = text.data();
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) *end++ = '.';
      end = std::to_chars(end, text.data() + text.size(), bytes_[i]).ptr;
    }
    return {text.data(), end};
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = base::parse_u64(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = Address::parse(host);
  // "::1:8080" could be read two ways; IPv6 needs its brackets.
  if (!address || (host.find(':') != std::string_view::npos) != bracketed) return std::nullopt;
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

Endpoint Endpoint::from_sockaddr(const sockaddr_storage& from) {
  Endpoint endpoint;
  if (from.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &from, sizeof(in));
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &in.sin_addr, 4);
    endpoint.address = Address::v4(bytes);
    endpoint.port = ntohs(in.sin_port);
  } else if (from.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &from, sizeof(in));
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, 16);
    endpoint.address = Address::v6(bytes);
    endpoint.port = ntohs(in.sin6_port);
  }
  return endpoint;
}

socklen_t Endpoint::to_sockaddr(sockaddr_storage& to) const {
  std::memset(&to, 0, sizeof(to));
  if (address.is_v6()) {
    sockaddr_in6 out{};
    out.sin6_family = AF_INET6;
    out.sin6_port = htons(port);
    std::memcpy(&out.sin6_addr, address.bytes().data(), 16);
    std::memcpy(&to, &out, sizeof(out));
    return sizeof(out);
  }
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  std::memcpy(&out.sin_addr, address.bytes().data(), 4);
  std::memcpy(&to, &out, sizeof(out));
  return sizeof(out);
}

std::string Endpoint::to_string() const {
  if (address.is_v6()) return "[" + address.to_string() + "]:" + std::to_string(port);
  return address.to_string() + ":" + std::to_string(port);
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned width = address->is_v6() ? 128 : 32;
  if (slash == std::string_view::npos) return Cidr{*address, width};
  const auto bits = base::parse_u64(text.substr(slash + 1));
  if (!bits || *bits > width) return std::nullopt;
  return Cidr{*address, static_cast<unsigned>(*bits)};
}

bool Cidr::contains(const Address& address) const {
  if (address.is_v6() != network.is_v6()) return false;
  const auto a = address.bytes();
  const auto n = network.bytes();
  const std::size_t whole = bits / 8;
  if (a.substr(0, whole) != n.substr(0, whole)) return false;
  if (bits % 8 == 0) return true;
  const unsigned shift = 8 - bits % 8;
  return (static_cast<unsigned char>(a[whole]) >> shift) == (static_cast<unsigned char>(n[whole]) >> shift);
}

}  // namespace gatehouse::net
