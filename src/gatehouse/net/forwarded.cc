#include "gatehouse/net/forwarded.h"

#include <algorithm>
#include <optional>

#include "gatehouse/base/strings.h"

namespace gatehouse::net {
namespace {

// An address as proxies write it: bare, in brackets, or with the port it came from.
std::optional<Address> parse_hop(std::string_view text) {
  text = base::trim(text);
  if (const auto bare = Address::parse(text)) return bare;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    port = text.substr(end + 1);
    text = text.substr(1, end - 1);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  } else {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    port = text.substr(colon);
    text = text.substr(0, colon);
  }
  if (!port.empty()) {
    const auto number = base::parse_u64(port.substr(1));
    if (port.front() != ':' || !number || *number > 65535) return std::nullopt;
  }
  return Address::parse(text);
}

bool among(const Address& address, std::span<const Cidr> trusted) {
  return std::ranges::any_of(trusted, [&](const Cidr& range) { return range.contains(address); });
}

}  // namespace

Address client_address(const Address& peer, std::string_view x_forwarded_for, std::span<const Cidr> trusted) {
  Address client = peer;
  while (!x_forwarded_for.empty() && among(client, trusted)) {
    const auto comma = x_forwarded_for.rfind(',');
    const auto hop = parse_hop(x_forwarded_for.substr(comma == std::string_view::npos ? 0 : comma + 1));
    if (!hop) break;
    client = *hop;
    x_forwarded_for = x_forwarded_for.substr(0, comma == std::string_view::npos ? 0 : comma);
  }
  return client;
}

}  // namespace gatehouse::net
