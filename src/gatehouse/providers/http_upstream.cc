#include "gatehouse/providers/http_upstream.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "gatehouse/async/event.h"
#include "gatehouse/base/recycled.h"

namespace gatehouse::providers {
namespace {

class HttpAnswer final : public base::Recycled<HttpAnswer>, public UpstreamAnswer {
 public:
  http::ClientExchange& open(http::ClientPool& pool, std::unique_ptr<http::ClientConnection> connection,
                             async::AbortSource& abort) {
    exchange_.reset();
    exchange_.emplace(pool, std::move(connection), abort);
    return *exchange_;
  }
  const http::ResponseHead& head() const override { return exchange_->head(); }
  Eventually<Result<http::Piece>> next() override { return exchange_->next(); }
  http::Duplex* duplex() override { return exchange_->duplex(); }

 private:
  std::optional<http::ClientExchange> exchange_;
};

}  // namespace

HttpUpstream::HttpUpstream(const config::Provider& provider, http::ClientPool& pool, net::Connector& connector,
                           net::TlsClientContext* tls, base::Duration tls_timeout, Access access)
    : pool_(pool),
      connector_(connector),
      template_(provider, access.profile ? access.profile : Profile::make(provider)),
      origin_{provider.base_url.host, provider.base_url.port, provider.base_url.tls},
      connect_options_{.connect_timeout = provider.timeouts.connect, .tls_timeout = tls_timeout, .tls = tls},
      timeouts_(provider.timeouts),
      pool_limits_{.connections = provider.max_connections, .idle = provider.pool_idle},
      pool_key_(pool_key(provider)),
      access_(std::move(access)),
      region_(provider.aws.region) {}

std::uint64_t HttpUpstream::pool_key(const config::Provider& provider) {
  // The name first: one provider's connections are never another's, though they may lead to the same host.
  const std::string identity = provider.name + '\n' + provider.base_url.to_string() + '\n' + provider.ca_file + '\n' +
                               (provider.insecure_skip_verify ? '1' : '0');
  return std::hash<std::string>()(identity);
}

Task<Result<std::unique_ptr<http::ClientConnection>>> HttpUpstream::connect(async::AbortSource& abort) {
  if (!pool_.reserve(pool_key_, pool_limits_)) {
    co_return fail(Code::overloaded, "All connections to the provider are in use");
  }
  auto stream = co_await connector_.connect(origin_, connect_options_, &abort);
  if (!stream) {
    pool_.unreserve(pool_key_);
    co_return std::unexpected(std::move(stream.error()));
  }
  co_return pool_.adopt(pool_key_, std::move(*stream));
}

Result<> HttpUpstream::authorise(const UpstreamRequest& request, std::string& out) {
  out.clear();
  const auto& credential = access_.slot->get();
  const auto now = access_.clock->wall();
  if (!credential || credential->expired(now)) {
    return fail(Code::upstream_credentials, "The gateway has no valid credential for the provider at the moment");
  }
  if (!credential->token.empty()) {
    out.append("authorization: Bearer ").append(credential->token.reveal()).append("\r\n");
    return {};
  }
  if (request.body_source != nullptr) {
    return fail(Code::unsupported, "The provider wants whole bodies: they are signed");
  }
  if (signing_for_ != credential || !signing_key_ || !signing_key_->covers(now)) {
    const aws::Credentials& keys = credential->aws;
    signing_key_.emplace(keys.access_key_id, keys.secret_access_key.reveal(), keys.session_token.reveal(), region_,
                         template_.profile().kind().aws_service, now);
    signing_for_ = credential;
  }
  const std::string path = template_.profile().root() + std::string(request.path);
  const auto mark = std::min(path.find('?'), path.size());
  const std::string hash = crypto::payload_hash(request.body);
  crypto::append_signature(out, *signing_key_,
                           {.method = request.method_text,
                            .path = std::string_view(path).substr(0, mark),
                            .query = std::string_view(path).substr(std::min(mark + 1, path.size())),
                            .fields = template_.signed_fields(),
                            .payload_hash = hash},
                           now);
  return {};
}

// The first credential is fetched at the start; who comes before it waits for a moment.
Task<Result<>> HttpUpstream::await_credential(async::AbortSource& abort) {
  constexpr auto kStep = std::chrono::milliseconds(20);
  for (base::Duration waited{}; !access_.slot->get() && waited < timeouts_.connect; waited += kStep) {
    if (!co_await async::sleep(*access_.loop, kStep, &abort)) co_return std::unexpected(abort.error());
  }
  co_return Result<>();
}

Task<Result<std::unique_ptr<UpstreamAnswer>>> HttpUpstream::send(UpstreamRequest request, async::AbortSource& abort) {
  std::string credential;
  if (access_.slot) {
    if (!access_.slot->get()) {
      if (auto waited = co_await await_credential(abort); !waited) co_return std::unexpected(std::move(waited.error()));
    }
    if (auto made = authorise(request, credential); !made) co_return std::unexpected(std::move(made.error()));
  }
  auto answer = std::make_unique_for_overwrite<HttpAnswer>();
  http::ClientRequest wire{.method = request.method,
                           .head = {},
                           .body = request.body,
                           .body_source = request.body_source,
                           .chunk_body = request.body_source != nullptr && !request.body_length,
                           .upgrade = !request.upgrade.empty(),
                           .first_byte = timeouts_.first_byte,
                           .between_bytes = timeouts_.between_bytes};
  for (bool fresh = false;; fresh = true) {
    std::unique_ptr<http::ClientConnection> connection = fresh ? nullptr : pool_.take(pool_key_);
    if (!connection) {
      auto made = co_await connect(abort);
      if (!made) co_return std::unexpected(std::move(made.error()));
      connection = std::move(*made);
    }
    http::ClientExchange& exchange = answer->open(pool_, std::move(connection), abort);
    template_.write(request, exchange.head_buffer(), credential);
    wire.head = exchange.head_buffer();
    auto sent = co_await exchange.run(wire);
    if (sent) {
      co_return std::unique_ptr<UpstreamAnswer>(std::move(answer));
    }
    if (fresh || !exchange.stale() || exchange.body_spent()) co_return std::unexpected(std::move(sent.error()));
  }
}

}  // namespace gatehouse::providers
