#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/crypto/hmac.h"

// AWS Signature Version 4 in the Authorization field
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Pure: the time and the
// credentials are handed in.
namespace gatehouse::crypto {

// A key that signs one day's requests to one service in one region, derived once and used for many: four HMACs less a
// request. Holds the key's name and the session's token, so that signing needs nothing else. Not thread-safe: one a
// worker. Throws as HmacSha256 does.
class SigningKey {
 public:
  // `session_token` empty: long-lived credentials. `now` gives the day (UTC).
  SigningKey(std::string_view access_key_id, std::string_view secret_access_key, std::string_view session_token,
             std::string_view region, std::string_view service, base::WallTime now);

  // Whether it still is the day that it was made for; else the owner makes a new one.
  bool covers(base::WallTime now) const;
  Digest sign(std::string_view string_to_sign) { return key_(string_to_sign); }

  std::string_view access_key_id() const { return access_key_id_; }
  std::string_view session_token() const { return session_token_.reveal(); }
  std::string_view scope() const { return scope_; }  // "20261121/us-east-1/bedrock/aws4_request"

 private:
  std::string access_key_id_;
  base::Secret session_token_;
  std::string scope_;
  HmacSha256 key_;
};

struct SigV4Field {
  std::string_view name;
  std::string_view value;
};

// What is signed, as it goes over the wire.
struct SigV4Request {
  std::string_view method;
  std::string_view path;   // from its slash on, without the query; no dot segments, no empty ones
  std::string_view query;  // without the '?'
  // Host, and what else should be signed: Content-Type and all x-amz-* that are sent. In any order and case; what
  // proxies may change (User-Agent, Connection ...) must not be among them. x-amz-date, x-amz-security-token and
  // x-amz-content-sha256 are added here.
  std::span<const SigV4Field> fields;
  std::string_view payload_hash;     // `payload_hash` below, or "UNSIGNED-PAYLOAD"
  bool encode_path_twice = true;     // every service but S3
  bool tell_content_sha256 = false;  // x-amz-content-sha256 goes along and is signed: S3, services that ask for it
};

// SHA-256 of a body in pieces, in hexadecimal.
std::string payload_hash(std::span<const std::string_view> pieces);
inline std::string payload_hash(std::string_view body) { return payload_hash({&body, 1}); }

// `now` as x-amz-date has it: "20261121T053000Z".
std::string sigv4_time(base::WallTime now);

// What is hashed, for those who look for why a signature is refused. `time` is sigv4_time's.
std::string canonical_request(const SigningKey& key, const SigV4Request& request, std::string_view time);

// The value of Authorization.
std::string authorization(SigningKey& key, const SigV4Request& request, std::string_view time);

// Appends complete field lines: authorization, x-amz-date, and where they apply x-amz-security-token and
// x-amz-content-sha256.
void append_signature(std::string& out, SigningKey& key, const SigV4Request& request, base::WallTime now);

// Appends `text` with every byte but the unreserved ones (RFC 3986, section 2.3) in percent encoding, slashes too.
void append_uri_encoded(std::string& out, std::string_view text);

// The path of a Bedrock operation ("converse", "converse-stream", "invoke" ...) on a model, a profile or an ARN of
// either: "/model/us.anthropic.claude-opus-5-v1%3A0/converse". The id is one segment, as AWS's own clients send it; an
// ARN's slashes are "%2F". Errors (invalid_request): an id that is empty, a dot segment, or longer than the 2,048 bytes
// of the API.
Result<std::string> bedrock_path(std::string_view model, std::string_view operation);

}  // namespace gatehouse::crypto
