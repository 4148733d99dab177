#include "gatehouse/base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"

namespace gatehouse::base {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

// The bits after the prefix, set to zero.
Address cleared(const Address& address, unsigned prefix) {
  std::array<std::uint8_t, 16> bytes{};
  const auto from = address.bytes();
  for (unsigned i = 0; i < from.size() && i * 8 < prefix; ++i) {
    const unsigned kept = std::min(prefix - i * 8, 8U);
    bytes[i] = static_cast<std::uint8_t>(static_cast<unsigned char>(from[i]) & (0xff00U >> kept));
  }
  return address.is_v6() ? Address::v6(bytes) : Address::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
}

}  // namespace

Address Address::v6(std::array<std::uint8_t, 16> bytes) {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin()))
    return v4({bytes[12], bytes[13], bytes[14], bytes[15]});
  Address address;
  address.v6_ = true;
  address.bytes_ = bytes;
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
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

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto parts = split_host(text);
  if (!parts) return std::unexpected(parts.error());
  if (!parts->port) return fail(Code::configuration, "has no port; write it as in 127.0.0.1:8080");
  if (parts->host.empty()) {
    return fail(Code::configuration, "has no address; write 0.0.0.0 (or [::]) before the port for every interface");
  }
  const bool has_colon = parts->host.find(':') != std::string_view::npos;
  const bool named = !parts->bracketed && parts->host == "localhost";
  const auto address = Address::parse(named ? std::string_view("127.0.0.1") : parts->host);
  if (!address || has_colon != parts->bracketed) {
    return fail(Code::configuration, "is not an IP address and port; write it as in 127.0.0.1:8080 or [::1]:8080");
  }
  const auto port = parse_port(*parts->port, 0);
  if (!port) return std::unexpected(port.error());
  return Endpoint{.address = *address, .port = *port};
}

std::string Endpoint::to_string() const {
  const std::string_view form = address.is_v6() ? "[{}]:{}" : "{}:{}";
  return fmt::format(fmt::runtime(form), address.to_string(), port);
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  const auto address = Address::parse(host);
  if (!address) return fail(Code::configuration, "is not an address block; write one like 10.0.0.0/8 or fd00::/8");
  if (slash == text.npos) return Cidr{.network = *address, .bits = address->is_v6() ? 128U : 32U};
  const bool is_mapped = !address->is_v6() && host.find(':') != host.npos;
  const unsigned most = address->is_v6() || is_mapped ? 128 : 32;
  const auto prefix = parse_u64(text.substr(slash + 1));
  if (!prefix || *prefix > most) {
    return fail(Code::configuration, fmt::format("has a wrong prefix length; it is 0 to {}", most));
  }
  if (is_mapped && *prefix < kMappedBits) return fail(Code::configuration, "has bits set after its prefix");
  const Cidr given{.network = *address, .bits = static_cast<unsigned>(*prefix) - (is_mapped ? kMappedBits : 0)};
  const Cidr block{.network = cleared(given.network, given.bits), .bits = given.bits};
  if (block != given) {
    return fail(Code::configuration, fmt::format("has bits set after its prefix; the block is {}", block.to_string()));
  }
  return block;
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

std::string Cidr::to_string() const { return fmt::format("{}/{}", network.to_string(), bits); }

Result<HostAndPort> split_host(std::string_view text) {
  HostAndPort result;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return fail(Code::configuration, "has a `[` without its `]`");
    result.host = text.substr(1, close - 1);
    result.bracketed = true;
    const auto rest = text.substr(close + 1);
    if (rest.empty()) return result;
    if (rest.front() != ':') return fail(Code::configuration, "has something other than a port after `]`");
    result.port = rest.substr(1);
    return result;
  }
  const auto colon = text.find(':');
  if (colon != text.npos && text.find(':', colon + 1) != text.npos) {
    return fail(Code::configuration, "has more than one colon; write an IPv6 address in brackets, as in [::1]:8080");
  }
  result.host = text.substr(0, colon);
  if (colon != text.npos) result.port = text.substr(colon + 1);
  return result;
}

Result<std::uint16_t> parse_port(std::string_view text, unsigned least) {
  const auto port = parse_u64(text);
  if (!port || *port > 65535 || *port < least) {
    return fail(Code::configuration, fmt::format("has a wrong port; a port is {} to 65535", least));
  }
  return static_cast<std::uint16_t>(*port);
}

}  // namespace gatehouse::base
