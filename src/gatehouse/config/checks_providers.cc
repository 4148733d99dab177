#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/address.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/config/checks.h"
#include "gatehouse/config/reader.h"

// What must fit together in the sections that say who answers.
namespace gatehouse::config {
namespace {

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// Framing and routing are the gateway's own; a configured one would let two machines read one message differently.
bool is_reserved_header(std::string_view name) {
  for (const std::string_view reserved :
       {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
        "content-type", "content-encoding", "accept-encoding", "proxy-connection"}) {
    if (base::equals_ignore_case(name, reserved)) return true;
  }
  return false;
}

// Fields that not every kind has.
struct Special {
  std::string_view name;
  ProviderField bit;
  bool (*given)(const Provider&);
};
constexpr Special kSpecials[] = {
    {"organization", kOrganization, [](const Provider& p) { return !p.organization.empty(); }},
    {"project", kProject, [](const Provider& p) { return !p.project.empty(); }},
    {"resource", kResource, [](const Provider& p) { return !p.resource.empty(); }},
    {"location", kLocation, [](const Provider& p) { return !p.location.empty(); }},
    {"host", kHost, [](const Provider& p) { return !p.host.empty(); }},
    {"space_id", kSpace, [](const Provider& p) { return !p.space_id.empty(); }},
    {"api_version", kApiVersion, [](const Provider& p) { return !p.api_version.empty(); }},
    {"credentials", kCredentials, [](const Provider& p) { return !p.credentials.empty(); }},
    {"metadata_endpoint", kMetadata, [](const Provider& p) { return !p.metadata_endpoint.empty(); }},
    {"aws", kAws, [](const Provider& p) { return p.aws != AwsCredentials(); }},
};

bool kind_is_known(Reader& reader, const Node& node) {
  const Node* kind = node.find("kind");
  return kind != nullptr && !reader.report().has_problem_at(kind->place);
}

void check_specials(Reader& reader, const Node& node, const Provider& provider) {
  const ProviderKindRow& row = row_of(provider.kind);
  for (const Special& special : kSpecials) {
    if ((row.takes & special.bit) == 0 && node.find(special.name) != nullptr) {
      reader.problem_at(node, special.name, fmt::format("does not go with kind `{}`", row.name));
    }
    if ((row.needs & special.bit) != 0 && node.find(special.name) == nullptr) {
      reader.problem(node, fmt::format("`{}` is missing; kind `{}` needs it", special.name, row.name));
    }
  }
  if (provider.kind == ProviderKind::watsonx && provider.project.empty() == provider.space_id.empty()) {
    reader.problem(node, "kind `watsonx` needs one of `project` and `space_id`");
  }
}

void set_base_url(Reader& reader, const Node& node, Provider& provider) {
  if (node.find("base_url") != nullptr) return;
  const ProviderKindRow& row = row_of(provider.kind);
  std::string_view missing;
  const std::string own = base_url_of(provider, missing);
  if (row.base_url.empty()) {
    reader.problem(node, fmt::format("`base_url` is missing; kind `{}` has none of its own", row.name));
  } else if (!missing.empty()) {
    const auto dot = missing.find('.');
    const Node* section = dot == std::string_view::npos ? nullptr : node.find(missing.substr(0, dot));
    const Node* given = section == nullptr ? node.find(missing) : section->find(missing.substr(dot + 1));
    // Given and wrong: its own problem was reported; needed in any case: the same.
    const bool told = given != nullptr || std::ranges::any_of(kSpecials, [&](const Special& special) {
                        return special.name == missing && (row.needs & special.bit) != 0;
                      });
    if (!told) {
      reader.problem(node, fmt::format("`{}` is missing; the address of kind `{}` is made of it", missing, row.name));
    }
  } else if (auto url = parse_base_url(own)) {
    provider.base_url = std::move(*url);
  } else {
    reader.problem(node,
                   fmt::format("the address that kind `{}` makes of its fields {}", row.name, url.error().detail));
  }
}

bool gives(const Provider& provider, std::string_view header) {
  return std::ranges::any_of(provider.headers,
                             [&](const Header& other) { return base::equals_ignore_case(other.name, header); });
}

void check_credentials(Reader& reader, const Node& node, const Provider& provider) {
  const ProviderKindRow& row = row_of(provider.kind);
  if (!provider.api_key.empty() && gives(provider, "authorization")) {
    reader.problem_at(node, "headers", "gives `Authorization` besides `api_key`; give one of them");
  }
  // watsonx: the key is what the token is bought with.
  const bool bought = provider.kind == ProviderKind::watsonx;
  const int ways = (provider.api_key.empty() ? 0 : 1) + (provider.oauth && !bought ? 1 : 0) +
                   (provider.credentials.empty() ? 0 : 1) + (provider.metadata_endpoint.empty() ? 0 : 1) +
                   (provider.aws.has_source() ? 1 : 0);
  if (ways > 1) {
    reader.problem(node,
                   "gives more than one credential; give one of `api_key`, `oauth`, `credentials`, "
                   "`metadata_endpoint` and the sources in `aws`");
  }
  if (const auto& oauth = provider.oauth) {
    if (!bought && (oauth->client_id.empty() || oauth->client_secret.empty())) {
      reader.problem_at(node, "oauth", "needs `client_id` and `client_secret`");
    }
    if (oauth->token_url.empty() && !row.has_token_url) reader.problem_at(node, "oauth", "needs `token_url`");
    if (!oauth->token_url.empty() && !oauth->token_url.tls && !oauth->token_url.is_loopback()) {
      reader.problem_at(node, "oauth", "`token_url` must be https: a secret is sent there");
    }
    if (provider.kind == ProviderKind::azure && oauth->token_url.empty() && oauth->tenant_id.empty()) {
      reader.problem_at(node, "oauth", "needs `tenant_id`");
    }
    if (provider.kind != ProviderKind::azure && !oauth->tenant_id.empty()) {
      reader.problem_at(node, "oauth", "`tenant_id` goes with kind `azure`");
    }
    if (provider.kind == ProviderKind::databricks && oauth->token_url.empty() && provider.host.empty()) {
      reader.problem_at(node, "oauth", "needs `token_url`, or `host`");
    }
  }
  const bool takes_aws = (row.takes & kAws) != 0;
  if (takes_aws && provider.aws.has_source() && provider.aws.region.empty()) {
    reader.problem_at(node, "aws", "needs `region`: it is part of what is signed");
  }
  if (row.is_hosted && ways == 0 && !gives(provider, "authorization") && !gives(provider, "x-api-key") &&
      !gives(provider, "api-key") && !gives(provider, "x-goog-api-key")) {
    reader.warning_at(node, takes_aws ? "aws" : "api_key", "is not given: the provider will refuse every call");
  }
}

// Where a machine asks about itself: over plain http, but only where no network lies between.
bool is_link_local(const BaseUrl& url) {
  if (url.tls || url.is_loopback() || url.host == "metadata.google.internal") return true;
  const auto ip = base::Address::parse(url.host);
  if (!ip) return false;
  for (const std::string_view block : {"169.254.0.0/16", "fd00:ec2::/32", "fe80::/10"}) {
    const auto cidr = base::Cidr::parse(block);
    if (cidr && cidr->contains(*ip)) return true;
  }
  return false;
}

}  // namespace

void prepare_provider(Reader& reader, void* into) {
  const Timeouts& timeouts = reader.snapshot().timeouts;
  static_cast<Provider*>(into)->timeouts = {
      .connect = timeouts.connect, .first_byte = timeouts.first_byte, .between_bytes = timeouts.between_bytes};
}

void read_headers(Reader& reader, const Field& field, const Node& node, void* into) {
  auto& headers = static_cast<Provider*>(into)->headers;
  reader.each_entry(node, [&](const Entry& entry) {
    if (!is_token(entry.key)) {
      reader.problem(entry.value, "is not the name of a header field");
      return;
    }
    if (is_reserved_header(entry.key)) {
      reader.problem(entry.value, "is a header field that the gateway sets itself");
      return;
    }
    const auto is_same = [&](const Header& other) { return base::equals_ignore_case(other.name, entry.key); };
    if (std::ranges::any_of(headers, is_same)) {
      reader.problem(entry.value, "is given twice (names of header fields ignore case)");
      return;
    }
    if (headers.size() == 64) {
      reader.problem(entry.value, "more than 64 header fields");
      return;
    }
    auto value = reader.secret(field, entry.value);
    if (value) headers.push_back({.name = entry.key, .value = std::move(*value)});
  });
}

void check_aws(Reader& reader, const Node& node, void* into) {
  const auto& aws = *static_cast<const AwsCredentials*>(into);
  if (node.kind != Node::Kind::map) return;
  if (aws.access_key_id.empty() != aws.secret_access_key.empty()) {
    reader.problem(node, "`access_key_id` and `secret_access_key` go together");
  }
  const int sources = (aws.has_keys() ? 1 : 0) + (aws.credentials_file.empty() ? 0 : 1) +
                      (aws.web_identity_token_file.empty() ? 0 : 1) + (aws.container_endpoint.empty() ? 0 : 1) +
                      (aws.imds_endpoint.empty() ? 0 : 1);
  if (sources > 1) {
    reader.problem(node,
                   "names more than one source of credentials; give one of `access_key_id`, `credentials_file`, "
                   "`web_identity_token_file`, `container_endpoint` and `imds_endpoint`");
  }
  if (!aws.session_token.empty() && !aws.has_keys())
    reader.problem_at(node, "session_token", "goes with `access_key_id`");
  if (!aws.role_arn.empty() && sources == 0) reader.problem_at(node, "role_arn", "needs a source of credentials");
  if (!aws.web_identity_token_file.empty() && aws.role_arn.empty()) {
    reader.problem_at(node, "web_identity_token_file", "needs `role_arn`");
  }
  for (const auto& [name, url] :
       {std::pair{"container_endpoint", &aws.container_endpoint}, std::pair{"imds_endpoint", &aws.imds_endpoint},
        std::pair{"sts_endpoint", &aws.sts_endpoint}}) {
    if (url->empty()) continue;
    const bool local = name == std::string_view("sts_endpoint") ? url->tls || url->is_loopback() : is_link_local(*url);
    if (!local) reader.problem_at(node, name, "must be https, or an address of this machine's own");
  }
  if ((!aws.container_token.empty() || !aws.container_token_file.empty()) && aws.container_endpoint.empty()) {
    reader.problem(node, "`container_token` and `container_token_file` go with `container_endpoint`");
  }
}

void check_provider(Reader& reader, const Node& node, void* into) {
  auto& provider = *static_cast<Provider*>(into);
  reader.claim(Reader::Names::providers, node, provider.name);
  if (provider.kind == ProviderKind::sandbox) {
    for (const std::string_view field : {"base_url",
                                         "api_key",
                                         "headers",
                                         "organization",
                                         "project",
                                         "resource",
                                         "location",
                                         "host",
                                         "space_id",
                                         "api_version",
                                         "credentials",
                                         "metadata_endpoint",
                                         "aws",
                                         "oauth",
                                         "speaks",
                                         "refuses",
                                         "takes",
                                         "quirks",
                                         "ca_file",
                                         "insecure_skip_verify",
                                         "max_connections",
                                         "pool_idle",
                                         "timeouts"}) {
      if (node.find(field) != nullptr) reader.problem_at(node, field, "does not go with kind `sandbox`");
    }
    return;
  }
  if (kind_is_known(reader, node)) {
    check_specials(reader, node, provider);
    set_base_url(reader, node, provider);
    check_credentials(reader, node, provider);
  }
  if (!is_link_local(provider.metadata_endpoint) && !provider.metadata_endpoint.empty()) {
    reader.problem_at(node, "metadata_endpoint", "must be https, or an address of this machine's own");
  }
  const BaseUrl& url = provider.base_url;
  const bool sends = !provider.api_key.empty() || !provider.headers.empty() || provider.oauth ||
                     !provider.credentials.empty() || !provider.metadata_endpoint.empty();
  if (!url.empty() && !url.tls && !url.is_loopback() && sends) {
    reader.warning_at(node, "base_url",
                      "sends `api_key` or `headers` over plain http; anyone on the way can read them");
  }
  if (provider.insecure_skip_verify) {
    reader.warning_at(node, "insecure_skip_verify", "accepts any certificate; anyone on the way can read the key");
    if (!provider.ca_file.empty()) {
      reader.problem_at(node, "ca_file", "has no effect with `insecure_skip_verify`");
    }
  }
}

}  // namespace gatehouse::config
