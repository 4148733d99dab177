#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gatehouse/async/abort.h"
#include "gatehouse/net/dns.h"
#include "gatehouse/net/stream.h"
#include "gatehouse/net/tls.h"

namespace gatehouse::net {

// Where a connection goes: what a pool is keyed by. `host` is lower case; an IPv6 literal without brackets.
struct Origin {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;

  bool operator==(const Origin&) const = default;
};

struct ConnectOptions {
  base::Duration connect_timeout = std::chrono::seconds(5);  // name look-up and TCP, all addresses together
  base::Duration tls_timeout = std::chrono::seconds(10);     // the handshake
  TlsClientContext* tls = nullptr;                           // needed for an origin with TLS; lives until connected
};

// Makes connections for one loop: resolves, tries the addresses in turn, then does the TLS handshake.
class Connector {
 public:
  // While others are left to try, an address gets no more than this.
  static constexpr base::Duration kPerAddress = std::chrono::seconds(2);
  static constexpr std::size_t kMaxAddresses = 8;

  // `resolver` outlives it; both belong to `loop`.
  Connector(async::Loop& loop, Resolver& resolver) : loop_(loop), resolver_(resolver) {}

  // Errors: upstream_unreachable, upstream_timeout, upstream_tls, or the abort's own.
  Task<Result<std::unique_ptr<Stream>>> connect(Origin origin, ConnectOptions options, async::AbortSource* abort);

 private:
  async::Loop& loop_;
  Resolver& resolver_;
};

}  // namespace gatehouse::net

template <>
struct std::hash<gatehouse::net::Origin> {
  std::size_t operator()(const gatehouse::net::Origin& origin) const noexcept {
    return std::hash<std::string>()(origin.host) ^ (std::size_t{origin.port} << 1 | std::size_t{origin.tls});
  }
};
