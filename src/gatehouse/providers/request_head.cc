#include "gatehouse/providers/request_head.h"

#include <algorithm>
#include <numeric>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/http/name_set.h"
#include "gatehouse/providers/plan.h"

namespace gatehouse::providers {
namespace {

using base::equals_ignore_case;

constexpr std::string_view kOurs = "x-gatehouse-";

bool is_ours(std::string_view name) {
  return name.size() > kOurs.size() && equals_ignore_case(name.substr(0, kOurs.size()), kOurs);
}

bool starts_with(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() && equals_ignore_case(name.substr(0, prefix.size()), prefix);
}

constexpr auto kNotToProvider =
    http::name_set("host", "content-length", "expect", "authorization", "x-api-key", "api-key", "x-goog-api-key",
                   "cookie", "ocp-apim-subscription-key", "x-auth-token", "openai-organization", "openai-project",
                   "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port",
                   "x-real-ip", "via", "cf-connecting-ip", "true-client-ip",
                   // What frameworks take for another method or path than the one that was judged.
                   "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url");
// Families of which only these pass: the others choose who pays, or are credentials.
constexpr auto kOfFamilies = http::name_set("anthropic-version", "anthropic-beta", "x-goog-api-client");
constexpr std::string_view kFamilies[] = {"anthropic-", "x-goog-", "x-amz", "sec-websocket-"};
// In an upload these drive it; elsewhere they mean nothing.
constexpr std::string_view kOfUploads[] = {"x-goog-upload-protocol",  "x-goog-upload-command",
                                           "x-goog-upload-offset",    "x-goog-upload-header-content-length",
                                           "x-goog-upload-file-name", "x-goog-upload-header-content-type"};
// Of the caller's own dialect and body.
constexpr std::string_view kOfDialects[] = {"anthropic-", "openai-", "x-goog-", "x-stainless-"};
constexpr auto kOfBody = http::name_set("accept", "content-type", "content-encoding", "content-md5", "digest",
                                        "content-digest", "repr-digest");
constexpr auto kNotToCaller =
    http::name_set("content-length", "set-cookie", "alt-svc", "location", "openai-organization", "openai-project",
                   "anthropic-organization-id", "strict-transport-security",
                   // Addresses of the provider's own, at which an upload would go on without us.
                   "x-goog-upload-url", "x-goog-upload-control-url");

bool drives_upload(std::string_view name) {
  return std::ranges::any_of(kOfUploads, [name](auto own) { return equals_ignore_case(name, own); });
}

}  // namespace

bool passes_to_provider(std::string_view name) {
  if (name.find('_') != std::string_view::npos) {
    // CGI and its kin read "x_api_key" as "x-api-key".
    std::string plain(name);
    std::ranges::replace(plain, '_', '-');
    return passes_to_provider(plain);
  }
  if (http::is_hop_by_hop(name) || kNotToProvider.contains(name) || is_ours(name)) return false;
  const bool in_family = std::ranges::any_of(kFamilies, [&](auto family) { return starts_with(name, family); });
  return !in_family || kOfFamilies.contains(name);
}

bool passes_translated(std::string_view name) {
  if (!passes_to_provider(name) || kOfBody.contains(name)) return false;
  return std::ranges::none_of(kOfDialects, [&](auto family) { return starts_with(name, family); });
}

bool passes_to_caller(std::string_view name) {
  return !http::is_hop_by_hop(name) && !kNotToCaller.contains(name) && !is_ours(name);
}

HeadTemplate::HeadTemplate(const config::Provider& provider, std::shared_ptr<const Profile> profile)
    : profile_(std::move(profile)), authority_(provider.base_url.authority()) {
  http::append_field(fixed_, "host", authority_);
  for (const Profile::Spoken& spoken : profile_->spoken()) {
    std::string& line = keys_.emplace_back();
    if (provider.api_key.empty() || profile_->needs_token()) continue;
    const std::string_view key = provider.api_key.reveal();
    switch (spoken.auth) {
      case Auth::bearer:
        line.append("authorization: Bearer ").append(key).append("\r\n");
        break;
      case Auth::api_key_header:
        http::append_field(line, "api-key", key);
        break;
      case Auth::x_api_key:
        http::append_field(line, "x-api-key", key);
        break;
      case Auth::x_goog_api_key:
        http::append_field(line, "x-goog-api-key", key);
        break;
      case Auth::none:
      case Auth::aws_v4:
        break;
    }
  }
  const auto kind = provider.kind;
  if (!provider.organization.empty()) http::append_field(fixed_, "openai-organization", provider.organization);
  const bool is_openai = kind == config::ProviderKind::openai || kind == config::ProviderKind::openai_compatible;
  if (is_openai && !provider.project.empty()) http::append_field(fixed_, "openai-project", provider.project);
  for (const auto& header : provider.headers) {
    http::append_field(fixed_, header.name, header.value.reveal());
    ours_.push_back(header.name);
    if (starts_with(header.name, "x-amz-")) amz_.emplace_back(header.name, header.value);
  }
  signed_.push_back({"host", authority_});
  for (const auto& [name, value] : amz_) signed_.push_back({name, value.reveal()});
}

const Profile::Spoken& HeadTemplate::spoken(const UpstreamRequest& request) const {
  const Profile::Spoken* found = request.plan == nullptr ? nullptr : profile_->find(request.plan->dialect);
  return found == nullptr ? profile_->spoken().front() : *found;
}

void HeadTemplate::write(const UpstreamRequest& request, std::string& out, std::string_view credential) const {
  out.clear();
  out.append(request.method_text).append(" ").append(profile_->root()).append(request.path).append(" HTTP/1.1\r\n");
  out.append(fixed_);
  const Profile::Spoken& in = spoken(request);
  out.append(keys_[static_cast<std::size_t>(&in - profile_->spoken().data())]).append(credential);
  const bool translated = request.plan != nullptr && !request.plan->same;
  const bool upload = request.plan != nullptr && request.plan->upload;
  const bool has_body = request.body_source != nullptr || !request.body.empty();
  if (translated && has_body) out.append("content-type: application/json\r\n");
  const auto is_configured = [&](std::string_view name) {
    return std::ranges::any_of(ours_, [&](const auto& own) { return equals_ignore_case(own, name); });
  };
  // Claude in a cloud has its version in the body.
  if (in.dialect == llm::Dialect::anthropic && profile_->quirks().version_in_body.empty() &&
      (translated || request.fields->find("anthropic-version") == nullptr) && !is_configured("anthropic-version")) {
    http::append_field(out, "anthropic-version", profile_->anthropic_version());
  }
  const bool nominates = request.fields->find("connection") != nullptr;
  for (const auto& field : *request.fields) {
    const bool passes = translated ? passes_translated(field.name) : passes_to_provider(field.name);
    if (!passes && !(upload && drives_upload(field.name))) continue;
    if (request.inspected && equals_ignore_case(field.name, "accept-encoding")) continue;
    if (nominates && http::nominated_by_connection(*request.fields, field.name)) continue;
    if (is_configured(field.name)) continue;
    http::append_field(out, field.name, field.value);
  }
  out.append(request.upgrade);
  if (request.body_source != nullptr && !request.body_length) {
    out.append("transfer-encoding: chunked\r\n");
  } else {
    std::uint64_t length = 0;
    if (request.body_source != nullptr) {
      length = *request.body_length;
    } else {
      for (const auto piece : request.body) length += piece.size();
    }
    const bool bare = request.method == http::Method::get || request.method == http::Method::head ||
                      request.method == http::Method::del || request.method == http::Method::options;
    if (length > 0 || !bare) http::append_field(out, "content-length", length);
  }
  out.append("\r\n");
}

}  // namespace gatehouse::providers
