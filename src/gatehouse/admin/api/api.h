#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/admin/api/body.h"
#include "gatehouse/admin/api/message.h"
#include "gatehouse/admin/api/query.h"
#include "gatehouse/admin/api/usage_reader.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/directory/admin_access.h"
#include "gatehouse/govern/directory/directory.h"
#include "gatehouse/govern/directory/directory_store.h"
#include "gatehouse/govern/directory/failure_backoff.h"
#include "gatehouse/govern/directory/limit_book.h"
#include "gatehouse/govern/directory/roles.h"
#include "gatehouse/guard/vault/vault.h"

namespace gatehouse::admin {

// What the API works on. All of it outlives the Api and is used on its thread only.
struct ApiServices {
  govern::DirectoryStore& store;
  govern::Directory& directory;
  govern::AdminAccess& access;
  govern::LimitBook& limits;
  UsageReader* usage = nullptr;   // null: no ledger is kept
  guard::Vault* vault = nullptr;  // null: no values are kept
  const base::Clock& clock;
  std::function<std::shared_ptr<const config::Snapshot>()> snapshot;  // the one in force
};

class Api;
struct Route;

// One request on its way through a handler.
struct Call {
  Api& api;
  const ApiServices& services;
  const ApiRequest& request;
  const Route& route;
  govern::Actor actor;
  govern::Author author;
  std::vector<std::string> ids;  // what stood in the place of `{id}`
  Query query;

  // What the handler may not go on without; the refusal where it fails. `may` answers 404 where the actor may not even
  // see the object, so that nobody learns what exists out of his reach.
  std::optional<ApiResponse> may(govern::Action action, const govern::Node* at) const;
  std::optional<ApiResponse> may(govern::Action action, const govern::Node* at, govern::Action to_see) const;
  Result<Body> body() const;
  // From If-Match. Code::invalid_request for what is no entity tag of ours.
  Result<govern::Directory::Version> if_version() const;
};

// Where a route's permission is asked: on all of the tree, by the handler on the object in question, or just somewhere
// (lists, which show what is within reach).
enum class Reach : std::uint8_t { everything, object, somewhere };

struct Parameter {
  std::string_view name;
  std::string_view description;
};

// One line of the API. The dispatcher, the permissions and the OpenAPI document all come from it, so that they cannot
// drift apart.
struct Route {
  http::Method method;
  std::string_view path;  // with `{id}`
  std::string_view id;    // operationId
  std::string_view summary;
  govern::Action action;
  Reach reach;
  ApiResponse (*handle)(Call&);
  std::span<const std::string_view> body;  // known members; with `has_body` false there is none
  std::span<const Parameter> parameters;   // of the query
  std::string_view answer;                 // name of a schema in schemas.h; "[Key]" for a page of them; "": none
  bool has_body = false;
  std::string_view repeatable = {};  // the parameter that may stand several times
};

// The admin API without sockets: a request with its body in, an answer out. One thread (it is the directory's control
// thread); what it is given outlives it. Blocks on the store for a change.
class Api {
 public:
  struct Options {
    std::vector<std::string> host_names;  // beside addresses and localhost
    std::string version;                  // of the gateway, for the OpenAPI document
  };
  Api(ApiServices services, Options options);

  ApiResponse handle(const ApiRequest& request);
  // Whether a path is this API's (for the handler that has others too). Cheap, no check.
  static bool owns(std::string_view path);
  static std::span<const Route> routes();
  const std::string& openapi() const { return openapi_; }

 private:
  Result<govern::Actor> authenticate(const ApiRequest& request);

  ApiServices services_;
  Options options_;
  govern::FailureBackoff failures_;
  std::string openapi_;
};

// For handlers.
ApiResponse json_response(int status, std::string body);
ApiResponse no_content();
// With `value` written by govern::write and its version as entity tag.
template <class T>
ApiResponse object_response(int status, const T& value, std::int64_t version) {
  std::string text;
  json::Writer writer(text);
  write(writer, value);
  ApiResponse response = json_response(status, std::move(text));
  response.fields.emplace_back("etag", "\"" + std::to_string(version) + "\"");
  return response;
}

// A page of a list: `each(after, visit)` walks it in order, `shows(item)` says which are in it, `id(item)` orders it.
// Looks at a bounded number of items: a page may be short, even empty, and still have a next one.
inline constexpr std::size_t kMostLookedAt = 20'000;
inline constexpr std::size_t kMostPerPage = 1000;
template <class Item, class Each, class Shows, class Id>
ApiResponse page_response(Call& call, Each each, Shows shows, Id id) {
  const auto limit = call.query.limit(100, kMostPerPage);
  if (!limit) return problem(limit.error());
  const auto after = read_cursor(call.route.id, call.query.get("cursor"));
  if (!after) return problem(after.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("data").begin_array();
  std::size_t shown = 0;
  std::size_t looked = 0;
  bool more = false;
  std::string last;
  each(std::string_view(*after), [&](const Item& item) {
    if (shown == *limit || looked == kMostLookedAt) {
      more = true;
      return false;
    }
    ++looked;
    last = id(item);
    if (shows(item)) {
      write(writer, item);
      ++shown;
    }
    return true;
  });
  writer.end_array();
  if (more) writer.key("next_cursor").string(make_cursor(call.route.id, last));
  writer.end_object();
  return json_response(200, std::move(text));
}

}  // namespace gatehouse::admin
