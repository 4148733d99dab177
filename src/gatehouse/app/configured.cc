#include "gatehouse/app/configured.h"

#include <utility>

#include "gatehouse/app/builtin_stages.h"
#include "gatehouse/observe/access_record.h"

namespace gatehouse::app {
namespace {

Result<govern::KeyStore> key_store(const config::Snapshot& snapshot, std::string_view hash_secret) {
  std::vector<govern::KeyEntry> entries;
  for (const auto& key : snapshot.keys) {
    govern::KeyEntry entry;
    auto& principal = entry.principal;
    principal.key_name = key.name;
    principal.team = key.team;
    principal.project = key.project;
    principal.user = key.user;
    principal.metadata = observe::labels_json(key.metadata);
    principal.expires_at = key.expires;
    if (!key.models.empty()) {
      std::vector<std::string> patterns;
      for (const auto& pattern : key.models) patterns.push_back(pattern.text);
      auto rules = govern::NameRules::parse(patterns);
      if (!rules) return std::unexpected(std::move(rules.error()));
      entry.principal.models = std::move(*rules);
    }
    if (!key.operations.empty()) {
      auto rules = govern::NameRules::parse(key.operations);
      if (!rules) return std::unexpected(std::move(rules.error()));
      entry.principal.operations = std::move(*rules);
    }
    entry.key = key.key;
    entries.push_back(std::move(entry));
  }
  return govern::KeyStore::build(std::move(entries), hash_secret);
}

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

Result<std::shared_ptr<const Configured>> configure(std::shared_ptr<const config::Snapshot> snapshot,
                                                    const base::Secret& process_secret, base::WallTime now) {
  auto made = std::make_shared<Configured>();
  made->snapshot = std::move(snapshot);
  const config::Snapshot& from = *made->snapshot;
  made->key_hash_secret = from.auth.key_hash_secret.empty() ? process_secret : from.auth.key_hash_secret;
  auto keys = key_store(from, made->key_hash_secret.reveal());
  if (!keys) return std::unexpected(std::move(keys.error()));
  made->keys = std::make_shared<const govern::KeyStore>(std::move(*keys));
  auto stages = builtin_stages();
  if (!stages) return std::unexpected(std::move(stages.error()));
  made->stages = std::move(*stages);
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
