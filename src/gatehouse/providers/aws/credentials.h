#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"

// Where AWS credentials come from, as pure parts: what is asked and how the answers are read. No IO, no clock, no
// environment; any thread. Who asks, when, and how long an answer is kept is the caller's.
//
// No detail of an error names a value that was read. Sources of the formats: AWS SDKs and Tools Reference Guide
// (https://docs.aws.amazon.com/sdkref/latest/guide/), STS API Reference.
namespace gatehouse::providers::aws {

struct Credentials {
  std::string access_key_id;
  base::Secret secret_access_key;
  base::Secret session_token;             // empty: long-lived keys
  std::optional<base::WallTime> expires;  // nothing: they do not

  bool empty() const { return access_key_id.empty() || secret_access_key.empty(); }
  bool operator==(const Credentials&) const = default;
};

// New ones are fetched this long before the old ones end, and tried for again no sooner than the second: AWS gives out
// new instance credentials at least five minutes before the old ones expire.
inline constexpr std::chrono::seconds kRefreshAhead{300};
inline constexpr std::chrono::seconds kRefreshAgain{30};

// Whether new ones should be fetched by now; credentials that do not expire never need it. `expired`: they are refused
// from now on (a minute early, for clocks that differ).
bool wants_refresh(const Credentials& credentials, base::WallTime now);
bool expired(const Credentials& credentials, base::WallTime now);

inline constexpr std::size_t kMostCredentialBytes = 64UL * 1024;  // of any answer or file here; more is too_large

// --- Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. Takes the values (empty: not set).
// Nothing where no key is set. Error (configuration): one half of a pair.
Result<std::optional<Credentials>> credentials_from_environment(std::string_view access_key_id,
                                                                std::string_view secret_access_key,
                                                                std::string_view session_token);

// --- The shared credentials file (~/.aws/credentials), and ~/.aws/config, whose sections are called "profile NAME".
// Nothing where the profile is not there or has no keys. Errors (configuration): a line that is none, half a pair;
// too_large.
Result<std::optional<Credentials>> credentials_from_file(std::string_view text, std::string_view profile);
// What else a profile says, for those who assume roles by it; empty where it does not.
struct Profile {
  Credentials credentials;
  std::string region;
  std::string role_arn;
  std::string source_profile;
  std::string external_id;
  std::string role_session_name;
  std::string web_identity_token_file;
  std::string credential_source;  // "Environment", "Ec2InstanceMetadata", "EcsContainer"
  std::optional<std::uint64_t> duration_seconds;
};
Result<std::optional<Profile>> profile_from_file(std::string_view text, std::string_view profile);

// --- Instance metadata, version 2, at http://169.254.169.254 (or what the configuration says):
//   1. PUT kImdsTokenPath with kImdsTokenTtlField: kImdsTokenTtl -> the token, all of the body
//   2. GET kImdsRolePath with kImdsTokenField: TOKEN -> the role's name (read_imds_role)
//   3. GET kImdsRolePath + role, with the token -> read_imds_credentials
inline constexpr std::string_view kImdsTokenPath = "/latest/api/token";
inline constexpr std::string_view kImdsTokenTtlField = "x-aws-ec2-metadata-token-ttl-seconds";
inline constexpr std::string_view kImdsTokenTtl = "21600";
inline constexpr std::string_view kImdsTokenField = "x-aws-ec2-metadata-token";
inline constexpr std::string_view kImdsRolePath = "/latest/meta-data/iam/security-credentials/";
// The token of step 1, checked to be one that may stand in a field. Errors: upstream_credentials.
Result<std::string> read_imds_token(std::string_view body);
// The first role's name, checked to be one (IAM's characters). Errors: upstream_credentials.
Result<std::string> read_imds_role(std::string_view body);
// {"Code":"Success","AccessKeyId":..,"SecretAccessKey":..,"Token":..,"Expiration":"2026-11-21T12:00:00Z"}
// Errors: upstream_credentials.
Result<Credentials> read_imds_credentials(std::string_view body);

// --- Containers (ECS, EKS Pod Identity): GET http://169.254.170.2 + AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or
// AWS_CONTAINER_CREDENTIALS_FULL_URI, with Authorization: AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE) as it is. The answer
// is as above, without Code. Errors: upstream_credentials.
Result<Credentials> read_container_credentials(std::string_view body);
// Whether such an address may be asked: https, or plain http to loopback or to the addresses of ECS and EKS
// (169.254.170.2, 169.254.170.23, [fd00:ec2::23]), the AWS SDKs' rule.
bool is_container_endpoint(std::string_view url);

// --- STS, https://sts.{region}.amazonaws.com/ (POST, application/x-www-form-urlencoded).
struct AssumeRole {
  std::string role_arn;
  std::string session_name;                       // empty: "gatehouse"
  std::string external_id;                        // empty: none
  std::string policy;                             // JSON, to narrow the role; empty: none
  std::optional<std::uint64_t> duration_seconds;  // 900 to 43200; nothing: an hour
};
// "sts.eu-west-1.amazonaws.com", "bedrock-runtime.cn-north-1.amazonaws.com.cn": a service's host in a region, by the
// partition that the region's name tells. Empty where the text is no region.
std::string service_host(std::string_view service, std::string_view region);
bool is_region(std::string_view text);  // lower-case letters, digits and hyphens, at most 63
// The form. AssumeRole has to be signed (sign_sts_request), the one with a web identity's token is not.
std::string assume_role_form(const AssumeRole& role);
std::string assume_role_with_web_identity_form(const AssumeRole& role, std::string_view token);
// The field lines that an STS request with this form needs besides Host (`authority`) and Content-Type
// (kStsContentType), both of which are signed: as http::FetchRequest::further_fields takes them. Errors
// (configuration): no credentials, or `region` is none.
Result<std::string> sign_sts_request(std::string_view form, std::string_view authority, std::string_view region,
                                     const Credentials& credentials, base::WallTime now);
inline constexpr std::string_view kStsContentType = "application/x-www-form-urlencoded; charset=utf-8";
// The XML answer of either, also of AssumeRoleWithSAML. Errors: upstream_credentials; its detail names STS's own code
// (AccessDenied, ExpiredToken ...) where the answer is an error.
Result<Credentials> read_assume_role(std::string_view xml);

// "2026-11-21T12:00:00Z", also with a fraction or an offset (RFC 3339). Nothing for anything else.
std::optional<base::WallTime> parse_time(std::string_view text);

}  // namespace gatehouse::providers::aws
