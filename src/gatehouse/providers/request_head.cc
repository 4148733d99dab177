#include "gatehouse/providers/request_head.h"

#include <algorithm>
#include <numeric>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/http/name_set.h"
#include "gatehouse/providers/kinds.h"

namespace gatehouse::providers {
namespace {

using base::equals_ignore_case;

constexpr std::string_view kOurs = "x-gatehouse-";

bool is_ours(std::string_view name) {
  return name.size() > kOurs.size() && equals_ignore_case(name.substr(0, kOurs.size()), kOurs);
}

constexpr auto kNotToProvider = http::name_set(
    "host", "content-length", "expect", "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie",
    "openai-organization", "openai-project", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    "x-forwarded-port", "x-real-ip", "via", "cf-connecting-ip", "true-client-ip",
    // What frameworks take for another method or path than the one that was judged.
    "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url");
constexpr auto kNotToCaller = http::name_set("content-length", "set-cookie", "alt-svc", "location",
                                             "openai-organization", "openai-project", "strict-transport-security");

}  // namespace

bool passes_to_provider(std::string_view name) {
  if (name.find('_') != std::string_view::npos) {
    // CGI and its kin read "x_api_key" as "x-api-key".
    std::string plain(name);
    std::ranges::replace(plain, '_', '-');
    return passes_to_provider(plain);
  }
  return !http::is_hop_by_hop(name) && !kNotToProvider.contains(name) && !is_ours(name);
}

bool passes_to_caller(std::string_view name) {
  return !http::is_hop_by_hop(name) && !kNotToCaller.contains(name) && !is_ours(name);
}

HeadTemplate::HeadTemplate(const config::Provider& provider) : prefix_(provider.base_url.path) {
  http::append_field(fixed_, "host", provider.base_url.authority());
  const Kind* kind = find_kind(config::to_string(provider.kind));
  const Auth auth = kind == nullptr ? Auth::bearer : kind->auth;
  if (!provider.api_key.empty()) {
    if (auth == Auth::api_key_header) {
      http::append_field(fixed_, "api-key", provider.api_key.reveal());
    } else if (auth == Auth::bearer) {
      fixed_.append("authorization: Bearer ").append(provider.api_key.reveal()).append("\r\n");
    }
  }
  if (!provider.organization.empty()) http::append_field(fixed_, "openai-organization", provider.organization);
  if (!provider.project.empty()) http::append_field(fixed_, "openai-project", provider.project);
  for (const auto& header : provider.headers) {
    http::append_field(fixed_, header.name, header.value.reveal());
    ours_.push_back(header.name);
  }
}

void HeadTemplate::write(const UpstreamRequest& request, std::string& out) const {
  out.clear();
  out.append(request.method_text).append(" ").append(prefix_).append(request.path).append(" HTTP/1.1\r\n");
  out.append(fixed_);
  const bool nominates = request.fields->find("connection") != nullptr;
  for (const auto& field : *request.fields) {
    if (!passes_to_provider(field.name)) continue;
    if (request.inspected && equals_ignore_case(field.name, "accept-encoding")) continue;
    if (nominates && http::nominated_by_connection(*request.fields, field.name)) continue;
    if (std::ranges::any_of(ours_, [&](const auto& name) { return equals_ignore_case(name, field.name); })) continue;
    http::append_field(out, field.name, field.value);
  }
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
