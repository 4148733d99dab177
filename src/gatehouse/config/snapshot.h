#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/base/address.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/config/base_url.h"
#include "gatehouse/config/governance.h"
#include "gatehouse/config/provider_kinds.h"
#include "gatehouse/config/semantic.h"

// The configuration as values: what the loader (load.h) makes of a file, resolved and checked. The initialisers here
// are the defaults; the field tables (tables.cc) give ranges and descriptions. Plain data, no thread of its own: once
// loaded it is shared as `std::shared_ptr<const Snapshot>` and never changed, so any thread may read it.
namespace gatehouse::config {

// Twins of net's TlsClientAuth and TlsVersion: that room has the same floor, and neither may include the other.
enum class ClientAuth : std::uint8_t { none, optional, required };
enum class TlsVersion : std::uint8_t { tls1_2, tls1_3 };
enum class ProxyProtocol : std::uint8_t { off, required };

// TLS on a listener. Paths are absolute or relative to the working directory (the loader resolved them against the
// configuration file); the files were readable when it was loaded.
struct ListenTls {
  std::string cert;       // PEM chain, leaf first
  std::string key;        // PEM
  std::string client_ca;  // PEM bundle; empty: client certificates are not asked for
  ClientAuth client_auth = ClientAuth::none;
  TlsVersion min_version = TlsVersion::tls1_2;
};

struct Listen {
  std::vector<base::Endpoint> api{{.address = base::Address::v4({127, 0, 0, 1}), .port = 8080}};    // never empty
  std::vector<base::Endpoint> admin{{.address = base::Address::v4({127, 0, 0, 1}), .port = 8081}};  // never empty
  std::optional<ListenTls> tls;                                                                     // of api
  std::optional<ListenTls> admin_tls;
  ProxyProtocol proxy_protocol = ProxyProtocol::off;  // version 2, on api only
  std::vector<base::Cidr> trusted_proxies;            // peers whose X-Forwarded-For is believed
  std::uint32_t backlog = 1024;
};

struct Workers {
  std::uint32_t threads = 0;  // 0: one a core
};

// Sizes in bytes.
struct Limits {
  std::uint64_t head_bytes = 32ULL << 10;
  std::uint32_t head_fields = 100;
  std::uint64_t body_bytes = 32ULL << 20;
  std::uint64_t upload_bytes = 512ULL << 20;  // multipart bodies of operations that are passed through
  std::uint64_t answer_bytes = 64ULL << 20;   // a whole (not streamed) answer of an upstream
  std::uint64_t event_bytes = 4ULL << 20;     // one server-sent event
  std::uint32_t connections = 20000;          // a worker
  std::uint32_t requests_per_connection = 0;  // 0: no limit
};

struct Timeouts {
  milliseconds head{10'000};            // from the first byte of a request to the end of its head
  milliseconds body{60'000};            // the whole request body
  std::uint64_t body_min_rate = 500;    // bytes a second a request body must keep up; 0: any
  milliseconds idle{75'000};            // between two requests of a connection
  milliseconds write{60'000};           // without progress when writing to the client
  milliseconds request{600'000};        // a whole request, answer included
  milliseconds connect{5'000};          // name look-up and TCP connect to an upstream
  milliseconds tls_handshake{10'000};   // either side
  milliseconds first_byte{300'000};     // from the request sent to the first byte of the upstream's answer
  milliseconds between_bytes{120'000};  // between two reads of the upstream's answer
  milliseconds drain{30'000};           // for requests in flight when the gateway stops
};

struct Header {
  std::string name;
  base::Secret value;  // may well be a credential
};

struct ProviderTimeouts {  // already filled from `timeouts` where the provider says nothing
  milliseconds connect{5'000};
  milliseconds first_byte{300'000};
  milliseconds between_bytes{120'000};
};

// Where AWS credentials come from: what is given first in this order goes. Nothing is looked for that is not named
// here: neither the environment nor the instance's metadata.
struct AwsCredentials {
  std::string region;  // of the endpoint and of the signature
  std::string access_key_id;
  base::Secret secret_access_key;
  base::Secret session_token;
  std::string credentials_file;  // as the AWS clients have it; read again when it ends or changes
  std::string profile = "default";
  std::string web_identity_token_file;  // with role_arn; read for each request to STS
  BaseUrl container_endpoint;           // whole
  base::Secret container_token;         // sent there as Authorization
  std::string container_token_file;     // the same, read each time
  BaseUrl imds_endpoint;                // without a path
  // A role that is assumed with the above.
  std::string role_arn;
  std::string role_session_name = "gatehouse";
  std::string external_id;
  BaseUrl sts_endpoint;  // empty: the region's own

  bool has_keys() const { return !access_key_id.empty(); }
  bool has_source() const {
    return has_keys() || !credentials_file.empty() || !web_identity_token_file.empty() || !container_endpoint.empty() ||
           !imds_endpoint.empty();
  }
  bool operator==(const AwsCredentials&) const = default;
};

// Tokens from an authorization server (RFC 6749 section 4.4): the provider is sent the token, never the secret.
struct OAuth {
  BaseUrl token_url;      // empty: the kind's own
  std::string tenant_id;  // of Entra ID, in its place in the kind's own address
  std::string client_id;
  base::Secret client_secret;
  std::string scope;  // empty: the kind's own
  bool operator==(const OAuth&) const = default;
};

struct Provider {
  std::string name;
  ProviderKind kind = ProviderKind::openai_compatible;
  BaseUrl base_url;      // empty host for the sandbox
  base::Secret api_key;  // may be empty
  std::vector<Header> headers;
  std::string organization;  // OpenAI-Organization, where not empty
  std::string project;       // OpenAI-Project, or the project of Google's cloud or of watsonx, where not empty
  std::string resource;      // of Azure
  std::string location;      // of Google's cloud or IBM's
  std::string host;          // of Databricks
  std::string space_id;      // of watsonx
  std::string api_version;
  base::Secret credentials;   // a service account's JSON
  BaseUrl metadata_endpoint;  // of a machine in Google's cloud; empty: not asked
  AwsCredentials aws;
  std::optional<OAuth> oauth;
  // Names of llm::Dialect (the main one first), of llm::Quirks' members that it refuses or, other than its kind, takes,
  // and of its other quirks; app/ tests that they agree. Empty: as its kind.
  std::vector<std::string> speaks;
  std::vector<std::string> refuses;
  std::vector<std::string> takes;
  std::vector<std::string> quirks;
  std::string ca_file;  // PEM bundle instead of the system's, where not empty
  bool insecure_skip_verify = false;
  std::uint32_t max_connections = 1024;  // a worker
  milliseconds pool_idle{60'000};        // how long an unused upstream connection is kept
  std::string region;                    // a label that keys may be limited to
  bool stream_usage = true;              // ask it for the usage of streams whose caller did not
  Rates limits;                          // what it can take, from all callers together
  ProviderTimeouts timeouts;
};

// For requests that name no model (files, batches, uploads).
struct Passthrough {
  std::uint32_t provider = 0;  // position in Snapshot::providers
};

enum class Strategy : std::uint8_t { weighted };
// What becomes of a request's member that a target in another dialect has no word for.
enum class Translation : std::uint8_t { lenient, strict };

struct Target {
  std::uint32_t provider = 0;  // position in Snapshot::providers
  std::string model;           // as the provider calls it; "*" in it stands for what the model's wildcard matched
  std::uint32_t weight = 1;    // 1 to 1000000

  bool has_wildcard() const { return model.find('*') != std::string::npos; }
  // The provider's model name for a request; `matched` comes from ModelMatch.
  std::string resolve(std::string_view matched) const;
};

struct Model {
  std::string name;  // what callers ask for; may end in "*"
  Strategy strategy = Strategy::weighted;
  Translation translation = Translation::lenient;
  std::vector<Target> targets;  // never empty

  bool is_wildcard() const { return name.ends_with('*'); }
};

// A virtual key that the configuration gives.
struct Key {
  std::string name;
  base::Secret key;                            // 12 to 512 visible ASCII characters
  std::string org, unit, team, project, user;  // its place in the tree; empty where not given
  std::vector<NamePattern> models;             // empty: every model
  std::vector<std::string> operations;         // names of llm::Operation (app/ tests that they agree); empty: every one
  std::optional<base::WallTime> expires;       // from then on it is refused
  std::vector<std::pair<std::string, std::string>> metadata;  // at most 64, 2 KiB
  std::vector<NamePattern> providers;                         // empty: every one
  std::vector<NamePattern> regions;                           // empty: every one
  std::vector<base::Cidr> addresses;                          // empty: from anywhere
  std::string priority;                                       // a govern::Priority; empty: normal
  std::uint32_t weight = 1;
  Rates limits;
};

struct Auth {
  bool required = true;
  base::Secret key_hash_secret;  // may be empty: then the application makes one for its life
  std::vector<JwtIssuer> jwt;
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class AccessLogFormat : std::uint8_t { json };

struct AccessLog {
  std::string path;  // empty: none; "-": stdout
  AccessLogFormat format = AccessLogFormat::json;
};

struct Log {
  LogLevel level = LogLevel::info;
};

// The pace of the in-process provider.
struct Sandbox {
  bool enabled = false;                      // adds the provider `sandbox` and its models
  std::uint32_t pace_tokens_per_second = 0;  // 0: as fast as it goes
  std::uint32_t first_token_ms = 0;
};

struct ModelMatch {
  const Model* model = nullptr;  // null: unknown
  std::string_view matched;      // of the asked name, what the model's "*" stood for
  explicit operator bool() const { return model != nullptr; }
};

// From a model's name to its place: one hash look-up for an exact name, then one for each distinct length of the
// wildcards' prefixes, longest first. Never allocates when asked.
class Index {
 public:
  Index() = default;
  explicit Index(const std::vector<Model>& models);
  // The position in the list it was built from, or nothing.
  std::optional<std::uint32_t> find(std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Table = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;
  Table exact_;
  Table prefixes_;
  std::vector<std::size_t> lengths_;  // of the prefixes, longest first, each once
};

struct Snapshot {
  Listen listen;
  Workers workers;
  Limits limits;
  Timeouts timeouts;
  std::vector<Provider> providers;
  std::vector<Model> models;
  std::vector<Key> keys;
  Auth auth;
  AccessLog access_log;
  Log log;
  Sandbox sandbox;
  std::string store;  // "sqlite:PATH"; empty: nothing outlives the process
  std::vector<TreeNode> orgs, units, teams, projects, users;
  std::vector<Budget> budgets;
  std::vector<Policy> policies;
  std::vector<CustomEntity> entities;
  std::vector<Callout> callouts;
  GuardSettings guard;
  Semantic semantic;
  std::vector<Price> prices;
  UnknownPrice unknown_price;
  Completion completion;
  Queue queue;
  std::vector<WeightRule> weights;
  Ledger ledger;
  std::optional<Webhook> webhook;
  Anomalies anomalies;
  std::vector<RoleBinding> roles;
  std::optional<Passthrough> passthrough;  // nothing: to the only provider there is; of several, refused
  Index index;                             // over models: set it after them (the loader does)

  // The result points into this snapshot; `matched` points into `name`.
  ModelMatch find_model(std::string_view name) const;
  const Provider& provider_of(const Target& target) const { return providers[target.provider]; }
};

}  // namespace gatehouse::config
