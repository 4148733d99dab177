#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gatehouse/async/loop.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/crypto/sigv4.h"
#include "gatehouse/http/client.h"
#include "gatehouse/net/connector.h"
#include "gatehouse/providers/credential.h"
#include "gatehouse/providers/request_head.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::providers {

// A provider over HTTP/1.1, with kept connections. A kept connection that turns out to have been closed by the server
// before it answered anything is replaced once, unless the body was pulled from the caller and is gone.
class HttpUpstream final : public Upstream {
 public:
  // What a provider needs whose credential is not a key: both or none.
  struct Access {
    std::shared_ptr<const Profile> profile{};  // null: made of the provider
    std::shared_ptr<const CredentialSlot> slot{};
    const base::Clock* clock = nullptr;
    async::Loop* loop = nullptr;
  };
  // All but the provider outlive it. `tls` may be null for a provider without TLS. `tls_timeout`: of the handshake.
  HttpUpstream(const config::Provider& provider, http::ClientPool& pool, net::Connector& connector,
               net::TlsClientContext* tls, base::Duration tls_timeout)
      : HttpUpstream(provider, pool, connector, tls, tls_timeout, Access{}) {}
  HttpUpstream(const config::Provider& provider, http::ClientPool& pool, net::Connector& connector,
               net::TlsClientContext* tls, base::Duration tls_timeout, Access access);

  Task<Result<std::unique_ptr<UpstreamAnswer>>> send(UpstreamRequest request, async::AbortSource& abort) override;

  // What a pool keeps apart: providers that share it share connections.
  static std::uint64_t pool_key(const config::Provider& provider);

 private:
  Task<Result<std::unique_ptr<http::ClientConnection>>> connect(async::AbortSource& abort);
  // The field lines that show who we are, for this request; over `out`.
  Result<> authorise(const UpstreamRequest& request, std::string& out);
  Task<Result<>> await_credential(async::AbortSource& abort);

  http::ClientPool& pool_;
  net::Connector& connector_;
  HeadTemplate template_;
  net::Origin origin_;
  net::ConnectOptions connect_options_;
  config::ProviderTimeouts timeouts_;
  http::ClientPool::Limits pool_limits_;
  std::uint64_t pool_key_;
  Access access_;
  std::string region_;
  // Of the slot's AWS keys; made anew with them and each day.
  std::shared_ptr<const Credential> signing_for_;
  std::optional<crypto::SigningKey> signing_key_;
};

}  // namespace gatehouse::providers
