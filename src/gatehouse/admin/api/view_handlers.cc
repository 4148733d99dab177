#include <algorithm>

#include "gatehouse/admin/api/handlers.h"
#include "gatehouse/admin/api/openapi.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using govern::NodeKind;

struct ModelView {
  const config::Snapshot& snapshot;
  const config::Model& model;
};

void write(json::Writer& writer, const ModelView& view) {
  writer.begin_object().key("id").string(view.model.name).key("strategy").string("weighted");
  writer.key("targets").begin_array();
  for (const auto& target : view.model.targets) {
    writer.begin_object().key("provider").string(view.snapshot.provider_of(target).name);
    writer.key("model").string(target.model).key("weight").unsigned_integer(target.weight).end_object();
  }
  writer.end_array().end_object();
}

void write(json::Writer& writer, const config::Provider& provider) {
  writer.begin_object().key("id").string(provider.name).key("kind").string(config::to_string(provider.kind));
  if (!provider.base_url.host.empty()) writer.key("host").string(provider.base_url.host);
  writer.key("has_credentials").boolean(!provider.api_key.empty());
  writer.key("max_connections").unsigned_integer(provider.max_connections).end_object();
}

// Lists of the configuration are short: whole, in one page.
template <class T, class Make>
ApiResponse all_of(const std::vector<T>& items, Make make) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("data").begin_array();
  for (const auto& item : items) write(writer, make(item));
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

void write_sums(json::Writer& writer, const UsageSums& sums) {
  writer.key("requests").integer(sums.requests).key("errors").integer(sums.errors);
  writer.key("prompt_tokens").integer(sums.prompt_tokens).key("completion_tokens").integer(sums.completion_tokens);
  writer.key("cost_usd").raw(sums.cost.to_string());
}

}  // namespace

ApiResponse list_models(Call& call) {
  const auto snapshot = call.services.snapshot();
  return all_of(snapshot->models,
                [&](const config::Model& model) { return ModelView{.snapshot = *snapshot, .model = model}; });
}

ApiResponse list_providers(Call& call) {
  const auto snapshot = call.services.snapshot();
  return all_of(snapshot->providers,
                [](const config::Provider& provider) -> const config::Provider& { return provider; });
}

ApiResponse get_config(Call& call) {
  const auto snapshot = call.services.snapshot();
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("listen").begin_object();
  const auto endpoints = [&](std::string_view name, const std::vector<base::Endpoint>& list) {
    writer.key(name).begin_array();
    for (const auto& endpoint : list) writer.string(endpoint.to_string());
    writer.end_array();
  };
  endpoints("api", snapshot->listen.api);
  endpoints("admin", snapshot->listen.admin);
  writer.key("tls").boolean(snapshot->listen.tls.has_value());
  writer.key("admin_tls").boolean(snapshot->listen.admin_tls.has_value()).end_object();
  writer.key("auth").begin_object().key("required").boolean(snapshot->auth.required);
  writer.key("key_hash_secret").string(snapshot->auth.key_hash_secret.empty() ? "generated" : "configured");
  writer.end_object();
  writer.key("limits").begin_object().key("body_bytes").unsigned_integer(snapshot->limits.body_bytes);
  writer.key("head_bytes").unsigned_integer(snapshot->limits.head_bytes);
  writer.key("answer_bytes").unsigned_integer(snapshot->limits.answer_bytes);
  writer.key("connections").unsigned_integer(snapshot->limits.connections).end_object();
  writer.key("timeouts_ms").begin_object().key("request").integer(snapshot->timeouts.request.count());
  writer.key("connect").integer(snapshot->timeouts.connect.count());
  writer.key("first_byte").integer(snapshot->timeouts.first_byte.count());
  writer.key("drain").integer(snapshot->timeouts.drain.count()).end_object();
  writer.key("providers").unsigned_integer(snapshot->providers.size());
  writer.key("models").unsigned_integer(snapshot->models.size());
  writer.key("keys").unsigned_integer(snapshot->keys.size());
  writer.key("sandbox").boolean(snapshot->sandbox.enabled);
  writer.key("access_log").boolean(!snapshot->access_log.path.empty()).end_object();
  return json_response(200, std::move(text));
}

ApiResponse get_usage(Call& call) {
  if (call.services.usage == nullptr) return problem(404, "not_found", "No usage ledger is kept");
  UsageRequest request;
  const auto limit = call.query.limit(100, kMostPerPage);
  if (!limit) return problem(limit.error());
  const auto from = call.query.time("from");
  if (!from) return problem(from.error());
  const auto to = call.query.time("to");
  if (!to) return problem(to.error());
  request.limit = *limit;
  request.from = from->value_or(base::WallTime());
  request.to = to->value_or(base::WallTime::max());
  request.cursor = call.query.get("cursor");
  if (request.cursor.size() > 4096) return problem(400, "invalid_request", "cursor: not one of this list");
  std::string_view by = call.query.get("by");
  while (!by.empty()) {
    const auto comma = by.find(',');
    request.by.emplace_back(by.substr(0, comma));
    by = comma == by.npos ? std::string_view() : by.substr(comma + 1);
  }
  request.filters = call.query.all("filter");
  // Who may not read everybody's names the part that he reads.
  const auto scope_text = call.query.get("scope");
  const govern::Node* scope = nullptr;
  if (!scope_text.empty()) {
    const auto ref = govern::NodeRef::parse(scope_text);
    scope = ref ? call.services.directory.place(*ref) : nullptr;
    // A star at the end of a filter stands for all that begins so.
    const bool fits = scope != nullptr && scope->kind <= NodeKind::key && !scope->id.ends_with('*');
    if (!fits || !call.actor.may(Action::read_usage, scope)) {
      return problem(400, "invalid_request", "scope: KIND:ID of what is there");
    }
    // Of several filters on one dimension one must hold: one of the caller's would widen the scope.
    const std::string own = std::string(name(scope->kind)) + "=";
    for (const auto& filter : request.filters) {
      if (filter.starts_with(own)) return problem(400, "invalid_request", "filter: the scope names this dimension");
    }
    request.filters.push_back(own + scope->id);
  }
  if (scope == nullptr && !call.actor.may(Action::read_usage, nullptr)) {
    return problem(403, "not_allowed", "Name a scope that you may read");
  }
  auto page = call.services.usage->summarise(request);
  if (!page) return problem(page.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("data").begin_array();
  for (const auto& line : page->lines) {
    writer.begin_object();
    for (std::size_t i = 0; i < line.keys.size() && i < request.by.size(); ++i) {
      writer.key(request.by[i]).string(line.keys[i]);
    }
    write_sums(writer, line.sums);
    writer.end_object();
  }
  writer.end_array().key("total").begin_object();
  write_sums(writer, page->total);
  writer.end_object();
  if (!page->cursor.empty()) writer.key("next_cursor").string(page->cursor);
  writer.end_object();
  return json_response(200, std::move(text));
}

ApiResponse get_openapi(Call& call) { return json_response(200, call.api.openapi()); }

}  // namespace gatehouse::admin
