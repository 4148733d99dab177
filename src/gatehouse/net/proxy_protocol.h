#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/net/tcp.h"

namespace gatehouse::net {

// What a PROXY protocol header, version 2, says of the connection behind it (haproxy.org, proxy-protocol.txt 2.2).
struct ProxyHeader {
  bool has_addresses = false;  // false: LOCAL (the proxy's own health check), or a family it could not name
  Endpoint source;
  Endpoint destination;

  bool operator==(const ProxyHeader&) const = default;
};

// The largest length field accepted: addresses and TLVs. The TLVs are skipped.
inline constexpr std::size_t kMaxProxyLength = 4096;
inline constexpr std::size_t kProxyFixedSize = 16;

enum class ProxyStatus : std::uint8_t { need_more, done, bad };
struct ProxyParse {
  ProxyStatus status = ProxyStatus::need_more;
  std::size_t size = 0;     // done: of the header; need_more: how many bytes it takes to tell more
  std::string_view reason;  // bad: why, for the log
};

// Pure. Refuses at the first byte that cannot belong to a header, so that a sender without one is not waited for.
ProxyParse parse_proxy_header(std::string_view bytes, ProxyHeader& out);

// Reads the header that must come first on a connection, and nothing behind it, then sets the stream's addresses.
// Errors: invalid_request with the reason, timed_out, closed.
Task<Result<ProxyHeader>> read_proxy_header(TcpStream& stream, base::Duration timeout);

}  // namespace gatehouse::net
