#include "gatehouse/admin/api/api.h"

#include <algorithm>
#include <utility>

#include "gatehouse/admin/api/guards.h"
#include "gatehouse/admin/api/openapi.h"
#include "gatehouse/base/strings.h"

namespace gatehouse::admin {
namespace {

std::string_view bearer(std::string_view authorization) {
  static constexpr std::string_view kBearer = "bearer ";
  if (authorization.size() <= kBearer.size() ||
      !base::equals_ignore_case(authorization.substr(0, kBearer.size()), kBearer)) {
    return {};
  }
  return base::trim(authorization.substr(kBearer.size()));
}

// Whether the segments are those of the pattern; collects what stands for `{id}`.
bool matches(std::string_view pattern, const std::vector<std::string>& segments, std::vector<std::string>& ids) {
  ids.clear();
  pattern.remove_prefix(1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto slash = pattern.find('/');
    const std::string_view wanted = pattern.substr(0, slash);
    if (wanted.starts_with('{')) {
      ids.push_back(segments[i]);
    } else if (wanted != segments[i]) {
      return false;
    }
    if (slash == pattern.npos) return i + 1 == segments.size();
    pattern.remove_prefix(slash + 1);
  }
  return false;
}

bool is_json(std::string_view content_type) {
  const auto type = base::trim(content_type.substr(0, content_type.find(';')));
  return base::equals_ignore_case(type, "application/json") ||
         base::equals_ignore_case(type, "application/merge-patch+json");
}

std::string_view method_name(http::Method method) {
  switch (method) {
    case http::Method::get:
      return "GET";
    case http::Method::post:
      return "POST";
    case http::Method::put:
      return "PUT";
    case http::Method::del:
      return "DELETE";
    case http::Method::patch:
      return "PATCH";
    case http::Method::head:
    case http::Method::options:
    case http::Method::other:
      break;
  }
  return "";
}

}  // namespace

std::optional<ApiResponse> Call::may(govern::Action action, const govern::Node* at) const {
  if (actor.may(action, at)) return std::nullopt;
  return problem(403, "not_allowed", "Your roles do not allow " + std::string(name(action)) + " there");
}

std::optional<ApiResponse> Call::may(govern::Action action, const govern::Node* at, govern::Action to_see) const {
  if (!actor.may(to_see, at)) return problem(404, "not_found", "There is no such object");
  return may(action, at);
}

Result<Body> Call::body() const { return Body::parse(request.body, route.body); }

Result<govern::Directory::Version> Call::if_version() const {
  const std::string_view tag = base::trim(request.if_match);
  if (tag.empty() || tag == "*") return govern::Directory::Version();
  const bool quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
  const auto number = quoted ? base::parse_u64(tag.substr(1, tag.size() - 2)) : std::nullopt;
  if (!number || *number > static_cast<std::uint64_t>(INT64_MAX)) {
    return fail(Code::invalid_request, "If-Match: one entity tag, as an answer gave it");
  }
  return govern::Directory::Version(static_cast<std::int64_t>(*number));
}

Api::Api(ApiServices services, Options options)
    : services_(std::move(services)), options_(std::move(options)), openapi_(openapi_document(options_.version)) {}

bool Api::owns(std::string_view path) {
  static constexpr auto kRoots =
      std::to_array<std::string_view>({"/admin/", "/key/", "/team/", "/user/", "/spend/", "/global/", "/model/"});
  return path == "/admin" || std::ranges::any_of(kRoots, [&](auto root) { return path.starts_with(root); });
}

Result<govern::Actor> Api::authenticate(const ApiRequest& request) {
  std::string_view presented = bearer(request.authorization);
  if (presented.empty()) presented = request.x_api_key;
  return services_.access.authenticate(presented);
}

ApiResponse Api::handle(const ApiRequest& request) {
  if (auto refused = refuse_host(request.host, options_.host_names)) return std::move(*refused);
  if (auto refused = refuse_origin(request.origin, request.sec_fetch_site, request.host)) return std::move(*refused);
  const base::SteadyTime now = services_.clock.now();
  if (const auto wait = failures_.wait(request.from, now); wait > base::Duration::zero()) {
    ApiResponse response = problem(429, "rate_limited", "Too many failed attempts from this address");
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    response.fields.emplace_back("retry-after", std::to_string(seconds));
    return response;
  }
  // Who nobody knows learns nothing, not even which routes there are.
  auto actor = authenticate(request);
  if (!actor) {
    failures_.failed(request.from, now);
    ApiResponse response = problem(actor.error());
    response.fields.emplace_back("www-authenticate", "Bearer realm=\"gatehouse-admin\"");
    return response;
  }
  failures_.succeeded(request.from);
  const auto segments = split_path(request.path);
  const Route* found = nullptr;
  std::vector<std::string> ids;
  std::string allowed;
  if (segments) {
    for (const Route& route : routes()) {
      std::vector<std::string> here;
      if (!matches(route.path, *segments, here)) continue;
      const bool head = request.method == http::Method::head && route.method == http::Method::get;
      if (route.method == request.method || head) {
        found = &route;
        ids = std::move(here);
        break;
      }
      allowed.append(allowed.empty() ? "" : ", ").append(method_name(route.method));
    }
  }
  if (found == nullptr && !allowed.empty()) {
    ApiResponse response = problem(405, "method_not_allowed", {});
    response.fields.emplace_back("allow", allowed);
    return response;
  }
  if (found == nullptr) return problem(404, "unknown_url", "No such route; /admin/v1/openapi.json lists them");
  const bool allowed_there =
      found->reach == Reach::everything ? actor->may(found->action, nullptr) : actor->may_somewhere(found->action);
  if (!allowed_there) {
    return problem(403, "not_allowed", "Your roles do not allow " + std::string(name(found->action)));
  }
  if (!request.body.empty() && !found->has_body) return problem(400, "invalid_request", "This takes no body");
  if (request.body.size() > kMaxBodySize) return problem(413, "request_too_large", "At most 256 KiB");
  // A form or plain text is what another site's page may send without being asked; JSON is not.
  if (!request.body.empty() && !is_json(request.content_type)) {
    return problem(415, "unsupported_media_type", "The body is JSON: content-type: application/json");
  }
  std::vector<std::string_view> known;
  for (const auto& parameter : found->parameters) known.push_back(parameter.name);
  auto query = Query::parse(request.query, known, found->repeatable);
  if (!query) return problem(query.error());
  Call call{.api = *this,
            .services = services_,
            .request = request,
            .route = *found,
            .actor = std::move(*actor),
            .author = {.id = {}, .address = request.from.to_string(), .time = services_.clock.wall()},
            .ids = std::move(ids),
            .query = std::move(*query)};
  call.author.id = call.actor.id;
  return found->handle(call);
}

ApiResponse json_response(int status, std::string body) {
  ApiResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

ApiResponse no_content() {
  ApiResponse response;
  response.status = 204;
  return response;
}

}  // namespace gatehouse::admin
