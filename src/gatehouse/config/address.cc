#include "gatehouse/config/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"

namespace gatehouse::config {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped_v4(const IpAddress& address) {
  return address.v6 && std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
}

bool same_prefix(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (std::memcmp(a, b, whole) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

void clear_after(IpAddress& address, unsigned prefix) {
  for (unsigned i = 0; i < address.bytes.size(); ++i) {
    if (i * 8 >= prefix) {
      address.bytes[i] = 0;
    } else if (prefix - i * 8 < 8) {
      address.bytes[i] &= static_cast<std::uint8_t>(0xff00u >> (prefix - i * 8));
    }
  }
}

Result<std::uint16_t> parse_port(std::string_view text, unsigned least) {
  const auto port = base::parse_u64(text);
  if (!port || *port > 65535 || *port < least) {
    return fail(Code::configuration, fmt::format("has a wrong port; a port is {} to 65535", least));
  }
  return static_cast<std::uint16_t>(*port);
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;  // null data: none given
  bool bracketed = false;
};

Result<HostAndPort> split_host(std::string_view text) {
  HostAndPort result;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return fail(Code::configuration, "has a `[` without its `]`");
    result.host = text.substr(1, close - 1);
    result.bracketed = true;
    const auto rest = text.substr(close + 1);
    if (rest.empty()) return result;
    if (rest.front() != ':') return fail(Code::configuration, "has something other than a port after `]`");
    result.port = rest.substr(1);
    return result;
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
    return fail(Code::configuration, "has more than one colon; write an IPv6 address in brackets, as in [::1]:8080");
  }
  result.host = text.substr(0, colon);
  if (colon != std::string_view::npos) result.port = text.substr(colon + 1);
  return result;
}

bool is_alnum(char c) { return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z'); }

// A host name as DNS and certificates have it (RFC 1123 section 2.1), the underscore that some networks use, and
// IPv4 literals. A name whose last label is a number would be read as an address by some resolvers: refused.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  if (parse_ip(host)) return true;
  std::string_view rest = host;
  std::string_view label;
  while (true) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::ranges::all_of(label, [](char c) { return is_alnum(c) || c == '-' || c == '_'; })) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return !std::ranges::all_of(label, base::is_digit);
}

// pchar of RFC 3986 section 3.3 and the slash.
bool is_path(std::string_view path) {
  constexpr std::string_view kMarks = "/-._~!$&'()*+,;=:@%";
  if (!std::ranges::all_of(path, [&](char c) { return is_alnum(c) || kMarks.find(c) != kMarks.npos; })) return false;
  const auto is_hex = [](char c) { return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'f'); };
  for (auto at = path.find('%'); at != path.npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size() || !is_hex(path[at + 1]) || !is_hex(path[at + 2])) return false;
  }
  return true;
}

bool has_odd_segment(std::string_view path) {  // path begins with a slash and does not end with one
  for (std::size_t at = 0; at < path.size();) {
    const auto next = std::min(path.find('/', at + 1), path.size());
    const auto segment = path.substr(at + 1, next - at - 1);
    if (segment.empty() || segment == "." || segment == "..") return true;
    at = next;
  }
  return false;
}

std::string bracketed(std::string_view host) {
  return host.find(':') == std::string_view::npos ? std::string(host) : fmt::format("[{}]", host);
}

}  // namespace

bool IpAddress::is_loopback() const {
  if (!v6) return bytes[0] == 127;
  if (is_mapped_v4(*this)) return bytes[12] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes[15] == 1;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return text;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  address.v6 = text.find(':') != text.npos;
  if (inet_pton(address.v6 ? AF_INET6 : AF_INET, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

bool Cidr::contains(const IpAddress& address) const {
  if (address.v6 == base.v6) return same_prefix(base.bytes.data(), address.bytes.data(), prefix);
  if (!base.v6 && is_mapped_v4(address)) return same_prefix(base.bytes.data(), address.bytes.data() + 12, prefix);
  return false;
}

std::string Cidr::to_string() const { return fmt::format("{}/{}", base.to_string(), prefix); }

Result<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return fail(Code::configuration, "is not an address block; write one like 10.0.0.0/8 or fd00::/8");
  const unsigned most = address->v6 ? 128 : 32;
  Cidr result{.base = *address, .prefix = static_cast<std::uint8_t>(most)};
  if (slash != text.npos) {
    const auto prefix = base::parse_u64(text.substr(slash + 1));
    if (!prefix || *prefix > most) {
      return fail(Code::configuration, fmt::format("has a wrong prefix length; it is 0 to {}", most));
    }
    result.prefix = static_cast<std::uint8_t>(*prefix);
  }
  clear_after(result.base, result.prefix);
  if (result.base != *address) {
    return fail(Code::configuration, fmt::format("has bits set after its prefix; the block is {}", result.to_string()));
  }
  return result;
}

std::string ListenAddress::to_string() const { return fmt::format("{}:{}", bracketed(ip.to_string()), port); }

Result<ListenAddress> parse_listen(std::string_view text) {
  const auto parts = split_host(text);
  if (!parts) return std::unexpected(parts.error());
  if (parts->port.data() == nullptr) return fail(Code::configuration, "has no port; write it as in 127.0.0.1:8080");
  if (parts->host.empty()) {
    return fail(Code::configuration, "has no address; write 0.0.0.0 (or [::]) before the port for every interface");
  }
  const auto ip = parse_ip(parts->host == "localhost" ? std::string_view("127.0.0.1") : parts->host);
  if (!ip || ip->v6 != parts->bracketed) {
    return fail(Code::configuration, "is not an IP address and port; write it as in 127.0.0.1:8080 or [::1]:8080");
  }
  const auto port = parse_port(parts->port, 0);
  if (!port) return std::unexpected(port.error());
  return ListenAddress{.ip = *ip, .port = *port};
}

bool BaseUrl::is_loopback() const {
  if (host == "localhost" || host.ends_with(".localhost")) return true;  // RFC 6761 section 6.3
  const auto ip = parse_ip(host);
  return ip && ip->is_loopback();
}

std::string BaseUrl::authority() const {
  if (port == (tls ? 443 : 80)) return bracketed(host);
  return fmt::format("{}:{}", bracketed(host), port);
}

std::string BaseUrl::to_string() const {
  return empty() ? std::string() : fmt::format("{}://{}{}", tls ? "https" : "http", authority(), path);
}

Result<BaseUrl> parse_base_url(std::string_view text) {
  BaseUrl url;
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end == text.npos ? 0 : scheme_end);
  if (base::equals_ignore_case(scheme, "https")) {
    url.tls = true;
  } else if (!base::equals_ignore_case(scheme, "http")) {
    return fail(Code::configuration, "must begin with https:// or http://");
  }
  const auto rest = text.substr(scheme_end + 3);
  if (rest.find('?') != rest.npos || rest.find('#') != rest.npos) {
    return fail(Code::configuration, "must end with its path: no query (`?`) and no fragment (`#`)");
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  if (authority.find('@') != authority.npos) {
    return fail(Code::configuration, "must not carry a user or a password; give `api_key` or `headers` instead");
  }
  const auto parts = split_host(authority);
  if (!parts) return std::unexpected(parts.error());
  if (parts->bracketed) {
    const auto ip = parse_ip(parts->host);
    if (!ip || !ip->v6) return fail(Code::configuration, "has something other than an IPv6 address in its brackets");
    url.host = ip->to_string();
  } else {
    if (!is_host_name(parts->host)) return fail(Code::configuration, "has no valid host name or address");
    url.host = base::to_lower(parts->host);
  }
  url.port = url.tls ? 443 : 80;
  if (parts->port.data() != nullptr) {
    const auto port = parse_port(parts->port, 1);
    if (!port) return std::unexpected(port.error());
    url.port = *port;
  }
  auto path = rest.substr(slash);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (!is_path(path)) return fail(Code::configuration, "has a character in its path that a URL may not hold");
  if (has_odd_segment(path)) return fail(Code::configuration, "has an empty, `.` or `..` segment in its path");
  url.path = path;
  return url;
}

}  // namespace gatehouse::config
