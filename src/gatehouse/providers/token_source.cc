#include "gatehouse/providers/token_source.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/private_key.h"
#include "gatehouse/crypto/sigv4.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::providers {
namespace {

using config::ProviderKind;
using std::chrono::seconds;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kGoogleScope = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view kGoogleTokenPath = "/computeMetadata/v1/instance/service-accounts/default/token";
constexpr seconds kAssertionLife{3600};
constexpr seconds kUntoldLife{600};
constexpr seconds kLongestLife{86'400};

config::BaseUrl url(std::string_view text) { return *config::parse_base_url(text); }

// application/x-www-form-urlencoded: everything but the unreserved is encoded.
void append_pair(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += '&';
  out.append(name).append("=");
  crypto::append_uri_encoded(out, value);
}

// RFC 4648 section 4; the encoding room has the URL's alphabet only.
std::string base64(std::string_view bytes) {
  std::string out = crypto::to_base64url(bytes);
  std::ranges::replace(out, '-', '+');
  std::ranges::replace(out, '_', '/');
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

bool is_field_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// A service account's key file.
Result<TokenSource> read_service_account(std::string_view document) {
  const auto wrong = [](std::string_view what) {
    return fail(Code::configuration, "`credentials` " + std::string(what));
  };
  if (const auto kind = json::validate(document); !kind || *kind != json::Kind::object) {
    return wrong("is no JSON object; give the service account's key file as file:PATH");
  }
  const json::Value account(document);
  if (const auto type = account["type"].string(); type != "service_account") {
    return wrong("is not a service account's key (its `type` is another)");
  }
  TokenSource source{.kind = TokenSource::Kind::service_account,
                     .url = {},
                     .client = account["client_email"].string_or({}),
                     .key_id = account["private_key_id"].string_or({}),
                     .secret = base::Secret(account["private_key"].string_or({})),
                     .scope = std::string(kGoogleScope)};
  if (!is_field_text(source.client)) return wrong("has no `client_email`");
  const auto where = config::parse_base_url(account["token_uri"].string_or("https://oauth2.googleapis.com/token"));
  if (!where) return wrong("has a `token_uri` that " + where.error().detail);
  if (!where->tls && !where->is_loopback()) return wrong("has a `token_uri` that is not https");
  source.url = *where;
  if (auto key = crypto::PrivateKey::rsa_from_pem(source.secret.reveal()); !key) {
    return wrong("cannot sign: " + key.error().detail);
  }
  return source;
}

TokenSource client_of(const config::Provider& provider) {
  const config::OAuth& oauth = *provider.oauth;
  TokenSource source{.kind = TokenSource::Kind::client_credentials,
                     .url = oauth.token_url,
                     .client = oauth.client_id,
                     .key_id = {},
                     .secret = oauth.client_secret,
                     .scope = oauth.scope};
  if (provider.kind == ProviderKind::azure) {
    // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
    source.secret_in_body = true;
    if (source.url.empty()) {
      source.url = url("https://login.microsoftonline.com");
      source.url.path = "/" + oauth.tenant_id + "/oauth2/v2.0/token";
    }
    if (source.scope.empty()) source.scope = "https://cognitiveservices.azure.com/.default";
  } else if (provider.kind == ProviderKind::databricks) {
    // https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
    if (source.url.empty()) {
      source.url = {.tls = true, .host = provider.host, .port = 443, .path = "/oidc/v1/token"};
    }
    if (source.scope.empty()) source.scope = "all-apis";
  }
  return source;
}

// RFC 7523 section 3, as https://developers.google.com/identity/protocols/oauth2/service-account has it.
Result<std::string> assertion(const TokenSource& source, base::WallTime now) {
  auto key = crypto::PrivateKey::rsa_from_pem(source.secret.reveal());
  if (!key) return std::unexpected(std::move(key.error()));
  const auto issued = std::chrono::duration_cast<seconds>(now.time_since_epoch());
  std::string head = R"({"alg":"RS256","typ":"JWT")";
  if (!source.key_id.empty()) {
    head += R"(,"kid":)";
    json::append_quoted(head, source.key_id);
  }
  head += '}';
  std::string claims = R"({"iss":)";
  json::append_quoted(claims, source.client);
  claims += R"(,"scope":)";
  json::append_quoted(claims, source.scope);
  claims += R"(,"aud":)";
  json::append_quoted(claims, source.url.to_string());
  claims += R"(,"iat":)" + std::to_string(issued.count()) + R"(,"exp":)" +
            std::to_string((issued + kAssertionLife).count()) + '}';
  std::string token = crypto::to_base64url(head) + '.' + crypto::to_base64url(claims);
  auto signature = key->sign_rs256(token);
  if (!signature) return signature;
  return token + '.' + crypto::to_base64url(*signature);
}

// The server's own word for what is wrong (RFC 6749 section 5.2: "invalid_client"), if it is one word.
std::string error_code(std::string_view body) {
  if (!json::validate(body)) return {};
  const json::Value answer(body);
  std::string code = answer["error"].string_or({});
  if (code.empty()) code = answer["errorCode"].string_or({});  // IBM's
  const bool is_word = !code.empty() && code.size() <= 64 && std::ranges::all_of(code, [](char c) {
    return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || c == '_' || c == '-' || c == '.';
  });
  return is_word ? code : std::string();
}

}  // namespace

std::string_view name(TokenSource::Kind kind) {
  switch (kind) {
    case TokenSource::Kind::client_credentials:
      return "client_credentials";
    case TokenSource::Kind::service_account:
      return "service_account";
    case TokenSource::Kind::google_metadata:
      return "google_metadata";
    case TokenSource::Kind::ibm_api_key:
      return "ibm_api_key";
    case TokenSource::Kind::aws:
      return "aws";
  }
  return {};
}

Result<std::optional<TokenSource>> token_source_of(const config::Provider& provider) {
  if (provider.kind == ProviderKind::watsonx) {
    if (provider.api_key.empty()) return std::nullopt;
    TokenSource source{.kind = TokenSource::Kind::ibm_api_key,
                       .url = url("https://iam.cloud.ibm.com/identity/token"),
                       .client = {},
                       .key_id = {},
                       .secret = provider.api_key,
                       .scope = {}};
    if (provider.oauth && !provider.oauth->token_url.empty()) source.url = provider.oauth->token_url;
    return source;
  }
  if (provider.oauth) return client_of(provider);
  if (!provider.credentials.empty()) {
    auto source = read_service_account(provider.credentials.reveal());
    if (!source) return std::unexpected(std::move(source.error()));
    return std::move(*source);
  }
  if (!provider.metadata_endpoint.empty()) {
    return TokenSource{.kind = TokenSource::Kind::google_metadata,
                       .url = provider.metadata_endpoint,
                       .client = {},
                       .key_id = {},
                       .secret = {},
                       .scope = {}};
  }
  if (provider.aws.has_source()) {
    return TokenSource{.kind = TokenSource::Kind::aws,
                       .url = {},
                       .client = {},
                       .key_id = {},
                       .secret = {},
                       .scope = {},
                       .secret_in_body = false,
                       .aws = provider.aws};
  }
  return std::nullopt;
}

std::optional<Credential> given_credential(const TokenSource& source) {
  if (source.kind != TokenSource::Kind::aws || !source.aws.has_keys() || !source.aws.role_arn.empty()) {
    return std::nullopt;
  }
  return Credential{.token = {},
                    .aws = {.access_key_id = source.aws.access_key_id,
                            .secret_access_key = source.aws.secret_access_key,
                            .session_token = source.aws.session_token,
                            .expires = {}},
                    .expires = {}};
}

http::FetchUrl fetch_url(const config::BaseUrl& url, std::string_view path) {
  std::string target = url.path;
  target += path;
  if (target.empty()) target = "/";
  return {.tls = url.tls, .host = url.host, .port = url.port, .target = std::move(target)};
}

Result<http::FetchRequest> token_request(const TokenSource& source, base::WallTime now) {
  http::FetchRequest request;
  request.url = fetch_url(source.url);
  request.method = http::Method::post;
  request.content_type = kForm;
  request.max_answer = kMostTokenAnswer;
  switch (source.kind) {
    case TokenSource::Kind::client_credentials:
      append_pair(request.body, "grant_type", "client_credentials");
      if (!source.scope.empty()) append_pair(request.body, "scope", source.scope);
      if (source.secret_in_body) {
        append_pair(request.body, "client_id", source.client);
        append_pair(request.body, "client_secret", source.secret.reveal());
      } else {
        std::string pair;
        crypto::append_uri_encoded(pair, source.client);
        pair += ':';
        crypto::append_uri_encoded(pair, source.secret.reveal());
        http::append_field(request.further_fields, "authorization", "Basic " + base64(pair));
      }
      return request;
    case TokenSource::Kind::service_account: {
      auto signed_claims = assertion(source, now);
      if (!signed_claims) return std::unexpected(std::move(signed_claims.error()));
      append_pair(request.body, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
      append_pair(request.body, "assertion", *signed_claims);
      return request;
    }
    case TokenSource::Kind::google_metadata:
      // https://cloud.google.com/compute/docs/access/authenticate-workloads
      request.method = http::Method::get;
      request.content_type.clear();
      request.url = fetch_url(source.url, kGoogleTokenPath);
      http::append_field(request.further_fields, "metadata-flavor", "Google");
      return request;
    case TokenSource::Kind::ibm_api_key:
      // https://cloud.ibm.com/docs/account?topic=account-iamtoken_from_apikey
      append_pair(request.body, "grant_type", "urn:ibm:params:oauth:grant-type:apikey");
      append_pair(request.body, "apikey", source.secret.reveal());
      return request;
    case TokenSource::Kind::aws:
      break;
  }
  return fail(Code::internal, "AWS credentials have requests of their own");
}

Result<Credential> read_token(int status, std::string_view body, base::WallTime now) {
  const auto wrong = [](std::string what) { return fail(Code::upstream_credentials, std::move(what)); };
  if (body.size() > kMostTokenAnswer) return wrong("the token's answer is too large");
  if (status != 200) {
    const std::string code = error_code(body);
    return wrong("the token was refused with status " + std::to_string(status) +
                 (code.empty() ? std::string() : ": " + code));
  }
  if (const auto kind = json::validate(body); !kind || *kind != json::Kind::object) {
    return wrong("the token's answer is no JSON object");
  }
  const json::Value answer(body);
  if (const auto type = answer["token_type"].string(); type && !base::equals_ignore_case(*type, "bearer")) {
    return wrong("the token is not one that is simply shown (token_type)");
  }
  std::string token = answer["access_token"].string_or({});
  if (!is_field_text(token) || token.size() > kMostToken) return wrong("the answer has no token that can be sent");
  seconds life = kUntoldLife;
  auto told = answer["expires_in"];
  auto count = json::read_count(told.raw());
  // Some servers write numbers in quotes.
  if (const auto text = told.string(); !count && text) count = base::parse_u64(*text);
  if (count) {
    if (*count == 0) return wrong("the token has ended already");
    life = std::min(kLongestLife, seconds(static_cast<std::int64_t>(std::min<std::uint64_t>(*count, 1U << 30U))));
  }
  return Credential{.token = base::Secret(std::move(token)), .aws = {}, .expires = now + life};
}

}  // namespace gatehouse::providers
