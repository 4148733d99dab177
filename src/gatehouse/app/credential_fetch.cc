#include "gatehouse/app/credential_fetch.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/config/files.h"
#include "gatehouse/http/head_writer.h"

namespace gatehouse::app {
namespace {

namespace aws = providers::aws;
using providers::Credential;

// Bytes of `path`, without white space around them. Nobody is shown the path: it is the operator's log that it is for.
Result<std::string> text_of(const std::string& path) {
  auto file = config::read_file(path, aws::kMostCredentialBytes);
  if (!file) return fail(Code::configuration, "the file " + path + " cannot be read: " + file.error());
  return std::move(file->bytes);
}

bool is_field_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

Result<std::string> token_of(const std::string& path) {
  auto text = text_of(path);
  if (!text) return text;
  const std::string_view token = base::trim(*text);
  // Also without the line's end that editors write.
  const auto end = token.find_last_not_of("\r\n");
  const auto trimmed = token.substr(0, end == std::string_view::npos ? 0 : end + 1);
  if (!is_field_text(trimmed)) return fail(Code::configuration, "the file " + path + " holds no token");
  return std::string(trimmed);
}

// One request to AWS's services: the body of an answer with status 200.
Task<Result<std::string>> ask(Outbound& outbound, http::FetchRequest request, std::string_view whom,
                              async::AbortSource& abort) {
  request.max_answer = aws::kMostCredentialBytes;
  auto answer = co_await outbound.fetch(std::move(request), abort);
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  if (answer->status != 200) {
    co_return fail(Code::upstream_credentials,
                   std::string(whom) + " answered with status " + std::to_string(answer->status));
  }
  co_return std::move(answer->body);
}

Task<Result<aws::Credentials>> from_instance(Outbound& outbound, const config::BaseUrl& endpoint,
                                             async::AbortSource& abort) {
  constexpr std::string_view kWhom = "the instance's metadata service";
  http::FetchRequest first;
  first.url = providers::fetch_url(endpoint, aws::kImdsTokenPath);
  first.method = http::Method::put;
  http::append_field(first.further_fields, aws::kImdsTokenTtlField, aws::kImdsTokenTtl);
  auto body = co_await ask(outbound, std::move(first), kWhom, abort);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const auto token = aws::read_imds_token(*body);
  if (!token) co_return std::unexpected(token.error());
  http::FetchRequest second;
  second.url = providers::fetch_url(endpoint, aws::kImdsRolePath);
  http::append_field(second.further_fields, aws::kImdsTokenField, *token);
  body = co_await ask(outbound, std::move(second), kWhom, abort);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const auto role = aws::read_imds_role(*body);
  if (!role) co_return std::unexpected(role.error());
  http::FetchRequest third;
  third.url = providers::fetch_url(endpoint, std::string(aws::kImdsRolePath) + *role);
  http::append_field(third.further_fields, aws::kImdsTokenField, *token);
  body = co_await ask(outbound, std::move(third), kWhom, abort);
  if (!body) co_return std::unexpected(std::move(body.error()));
  co_return aws::read_imds_credentials(*body);
}

Task<Result<aws::Credentials>> from_container(Outbound& outbound, const config::AwsCredentials& source,
                                              async::AbortSource& abort) {
  http::FetchRequest request;
  request.url = providers::fetch_url(source.container_endpoint);
  std::string token(source.container_token.reveal());
  if (!source.container_token_file.empty()) {
    auto read = token_of(source.container_token_file);
    if (!read) co_return std::unexpected(std::move(read.error()));
    token = std::move(*read);
  }
  if (!token.empty()) http::append_field(request.further_fields, "authorization", token);
  auto body = co_await ask(outbound, std::move(request), "the container's credentials service", abort);
  if (!body) co_return std::unexpected(std::move(body.error()));
  co_return aws::read_container_credentials(*body);
}

config::BaseUrl sts_of(const config::AwsCredentials& source) {
  if (!source.sts_endpoint.empty()) return source.sts_endpoint;
  return {.tls = true, .host = aws::service_host("sts", source.region), .port = 443, .path = {}};
}

// `keys` empty: what the form holds is enough.
Task<Result<aws::Credentials>> from_sts(Outbound& outbound, const config::AwsCredentials& source, std::string form,
                                        const aws::Credentials& keys, const base::Clock& clock,
                                        async::AbortSource& abort) {
  http::FetchRequest request;
  request.url = providers::fetch_url(sts_of(source));
  request.method = http::Method::post;
  request.content_type = aws::kStsContentType;
  request.accept = "text/xml";
  request.max_answer = aws::kMostCredentialBytes;
  if (request.url.host.empty()) co_return fail(Code::configuration, "`aws.region` is no region");
  if (!keys.empty()) {
    auto lines = aws::sign_sts_request(form, request.url.authority(), source.region, keys, clock.wall());
    if (!lines) co_return std::unexpected(std::move(lines.error()));
    request.further_fields = std::move(*lines);
  }
  request.body = std::move(form);
  auto answer = co_await outbound.fetch(std::move(request), abort);
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  auto read = aws::read_assume_role(answer->body);
  if (read && answer->status != 200) {
    co_return fail(Code::upstream_credentials, "STS answered with status " + std::to_string(answer->status));
  }
  co_return read;
}

Task<Result<aws::Credentials>> aws_credentials(Outbound& outbound, const config::AwsCredentials& source,
                                               const base::Clock& clock, async::AbortSource& abort) {
  const aws::AssumeRole role{.role_arn = source.role_arn,
                             .session_name = source.role_session_name,
                             .external_id = source.external_id,
                             .policy = {},
                             .duration_seconds = {}};
  if (!source.web_identity_token_file.empty()) {
    const auto token = token_of(source.web_identity_token_file);
    if (!token) co_return std::unexpected(token.error());
    co_return co_await from_sts(outbound, source, aws::assume_role_with_web_identity_form(role, *token), {}, clock,
                                abort);
  }
  Result<aws::Credentials> keys;
  if (source.has_keys()) {
    keys = aws::Credentials{.access_key_id = source.access_key_id,
                            .secret_access_key = source.secret_access_key,
                            .session_token = source.session_token,
                            .expires = {}};
  } else if (!source.credentials_file.empty()) {
    const auto text = text_of(source.credentials_file);
    if (!text) co_return std::unexpected(text.error());
    auto found = aws::credentials_from_file(*text, source.profile);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!*found) co_return fail(Code::configuration, "the credentials file has no keys for profile " + source.profile);
    keys = std::move(**found);
  } else if (!source.container_endpoint.empty()) {
    keys = co_await from_container(outbound, source, abort);
  } else {
    keys = co_await from_instance(outbound, source.imds_endpoint, abort);
  }
  if (!keys || source.role_arn.empty()) co_return keys;
  co_return co_await from_sts(outbound, source, aws::assume_role_form(role), *keys, clock, abort);
}

}  // namespace

Task<Result<Credential>> fetch_credential(Outbound& outbound, providers::TokenSource source, const base::Clock& clock,
                                          async::AbortSource& abort) {
  if (source.kind == providers::TokenSource::Kind::aws) {
    auto keys = co_await aws_credentials(outbound, source.aws, clock, abort);
    if (!keys) co_return std::unexpected(std::move(keys.error()));
    const auto expires = keys->expires;
    co_return Credential{.token = {}, .aws = std::move(*keys), .expires = expires};
  }
  auto request = providers::token_request(source, clock.wall());
  if (!request) co_return std::unexpected(std::move(request.error()));
  auto answer = co_await outbound.fetch(std::move(*request), abort);
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  co_return providers::read_token(answer->status, answer->body, clock.wall());
}

}  // namespace gatehouse::app
