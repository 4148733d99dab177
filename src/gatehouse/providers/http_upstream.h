#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gatehouse/config/snapshot.h"
#include "gatehouse/http/client.h"
#include "gatehouse/net/connector.h"
#include "gatehouse/providers/request_head.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::providers {

// A provider over HTTP/1.1, with kept connections. A kept connection that turns out to have been closed by the server
// before it answered anything is replaced once, unless the body was pulled from the caller and is gone.
class HttpUpstream final : public Upstream {
 public:
  // All but the provider outlive it. `tls` may be null for a provider without TLS. `tls_timeout`: of the handshake.
  HttpUpstream(const config::Provider& provider, http::ClientPool& pool, net::Connector& connector,
               net::TlsClientContext* tls, base::Duration tls_timeout);

  Task<Result<std::unique_ptr<UpstreamAnswer>>> send(UpstreamRequest request, async::AbortSource& abort) override;

  // What a pool keeps apart: providers that share it share connections.
  static std::uint64_t pool_key(const config::Provider& provider);

 private:
  Task<Result<std::unique_ptr<http::ClientConnection>>> connect(async::AbortSource& abort);

  http::ClientPool& pool_;
  net::Connector& connector_;
  HeadTemplate template_;
  net::Origin origin_;
  net::ConnectOptions connect_options_;
  config::ProviderTimeouts timeouts_;
  http::ClientPool::Limits pool_limits_;
  std::uint64_t pool_key_;
};

}  // namespace gatehouse::providers
