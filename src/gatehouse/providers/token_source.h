#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/http/fetch.h"
#include "gatehouse/providers/credential.h"

// Credentials that have to be asked for, as pure parts: who is asked what, and how the answer is read. No IO and no
// clock; who asks, and when, is app/credential_keeper.h.
namespace gatehouse::providers {

// Where a provider's credential comes from, where that is not a key of the configuration. Equal sources give the same
// credential. Immutable once made; any thread.
struct TokenSource {
  enum class Kind : std::uint8_t {
    client_credentials,  // RFC 6749 section 4.4: Entra ID, Databricks, anybody's authorization server
    service_account,     // Google's: an assertion signed with the account's key (RFC 7523 section 2.1)
    google_metadata,     // a machine in Google's cloud asks about itself
    ibm_api_key,         // IBM Cloud's IAM: a key for a token
    aws,                 // keys, files, metadata services and roles: providers/aws/credentials.h
  };
  Kind kind = Kind::client_credentials;
  config::BaseUrl url;          // that is asked; of `aws` empty
  std::string client;           // client id, or the service account's address
  std::string key_id;           // of a service account's key
  base::Secret secret;          // client secret, private key (PEM) or API key
  std::string scope;            // empty: not said
  bool secret_in_body = false;  // of client_credentials: else as HTTP's basic authentication (RFC 6749 section 2.3.1)
  config::AwsCredentials aws{};

  bool operator==(const TokenSource&) const = default;
};
std::string_view name(TokenSource::Kind kind);

// Nothing where the provider needs none. Error (configuration): a service account's JSON that is none, or whose key
// cannot sign.
Result<std::optional<TokenSource>> token_source_of(const config::Provider& provider);

// A credential that is in the configuration as it is (AWS keys without a role): nothing has to be asked.
std::optional<Credential> given_credential(const TokenSource& source);

// The one request that gets a token; not of `aws`, whose ways have several. Error: internal (signing).
Result<http::FetchRequest> token_request(const TokenSource& source, base::WallTime now);

// Its answer. Errors (upstream_credentials): a status other than 200, with the server's own error code where it gives
// one; no token, or one that no field can carry. A token without a lifetime counts for ten minutes, one with a longer
// one than a day for a day.
Result<Credential> read_token(int status, std::string_view body, base::WallTime now);

inline constexpr std::size_t kMostTokenAnswer = 64 * 1024;  // bytes
inline constexpr std::size_t kMostToken = 16 * 1024;

// The url's own path, then `path`.
http::FetchUrl fetch_url(const config::BaseUrl& url, std::string_view path = {});

}  // namespace gatehouse::providers
