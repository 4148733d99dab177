#include "gatehouse/app/configured.h"

#include <optional>
#include <utility>

#include "gatehouse/app/builtin_stages.h"

namespace gatehouse::app {
namespace {

Result<std::shared_ptr<const net::TlsServerContext>> tls_of(const std::optional<config::ListenTls>& tls,
                                                            base::WallTime now, std::vector<std::string>& warnings) {
  if (!tls) return std::shared_ptr<const net::TlsServerContext>();
  net::TlsServerOptions options{.cert_file = tls->cert,
                                .key_file = tls->key,
                                .client_ca_file = tls->client_ca,
                                .client_auth = net::TlsClientAuth::none,
                                .min_version = tls->min_version == config::TlsVersion::tls1_3
                                                   ? net::TlsVersion::tls1_3
                                                   : net::TlsVersion::tls1_2};
  if (tls->client_auth == config::ClientAuth::optional) options.client_auth = net::TlsClientAuth::optional;
  if (tls->client_auth == config::ClientAuth::required) options.client_auth = net::TlsClientAuth::required;
  auto context = net::TlsServerContext::load(options, now);
  if (context) warnings.insert(warnings.end(), (*context)->warnings().begin(), (*context)->warnings().end());
  return context;
}

}  // namespace

Result<std::shared_ptr<const llm::PriceBook>> price_book(const config::Snapshot& snapshot,
                                                         std::shared_ptr<const llm::Catalogue> catalogue) {
  std::vector<llm::PriceOverride> overrides;
  const auto text = [](const std::optional<base::Money>& price) {
    return price ? std::optional(price->to_string()) : std::nullopt;
  };
  for (const auto& price : snapshot.prices) {
    llm::PriceOverride row;
    row.provider = price.provider;
    row.model = price.model;
    row.free = price.free;
    row.input = text(price.input);
    row.output = text(price.output);
    row.cached = text(price.cached);
    row.cache_write = text(price.cache_write);
    row.reasoning = text(price.reasoning);
    row.request = text(price.request);
    row.context_tokens = price.context_tokens;
    row.max_output_tokens = price.max_output_tokens;
    overrides.push_back(std::move(row));
  }
  return llm::PriceBook::make(
      std::move(catalogue), overrides,
      {.input = snapshot.unknown_price.input.to_string(), .output = snapshot.unknown_price.output.to_string()});
}

Result<std::shared_ptr<const Configured>> configure(std::shared_ptr<const config::Snapshot> snapshot,
                                                    std::shared_ptr<const llm::Catalogue> catalogue,
                                                    base::WallTime now) {
  auto made = std::make_shared<Configured>();
  made->snapshot = std::move(snapshot);
  const config::Snapshot& from = *made->snapshot;
  auto prices = price_book(from, std::move(catalogue));
  if (!prices) return std::unexpected(std::move(prices.error()));
  made->prices = std::move(*prices);
  auto stages = builtin_stages();
  if (!stages) return std::unexpected(std::move(stages.error()));
  made->stages = std::move(*stages);
  auto guards = guards_of(from);
  if (!guards) return std::unexpected(std::move(guards.error()));
  made->guards = std::move(*guards);
  for (const auto& provider : from.providers) {
    auto source = providers::token_source_of(provider);
    if (!source) {
      return fail(Code::configuration, "provider \"" + provider.name + "\": " + source.error().detail);
    }
    made->token_sources.push_back(std::move(*source));
  }
  auto api_tls = tls_of(from.listen.tls, now, made->warnings);
  if (!api_tls) return std::unexpected(std::move(api_tls.error()));
  made->api_tls = std::move(*api_tls);
  auto admin_tls = tls_of(from.listen.admin_tls, now, made->warnings);
  if (!admin_tls) return std::unexpected(std::move(admin_tls.error()));
  made->admin_tls = std::move(*admin_tls);
  made->server_options = {.head = {.bytes = from.limits.head_bytes, .fields = from.limits.head_fields},
                          .head_timeout = from.timeouts.head,
                          .body_timeout = from.timeouts.body,
                          .body_min_rate = from.timeouts.body_min_rate,
                          .idle_timeout = from.timeouts.idle,
                          .write_timeout = from.timeouts.write,
                          .requests_per_connection = from.limits.requests_per_connection};
  return std::shared_ptr<const Configured>(std::move(made));
}

}  // namespace gatehouse::app
