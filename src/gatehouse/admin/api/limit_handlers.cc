#include "gatehouse/admin/api/handlers.h"
#include "gatehouse/base/money.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using govern::LimitInfo;
using govern::NodeKind;
using govern::NodeRef;
using govern::Resource;

bool of_budgets(const Route& route) { return route.path.starts_with("/admin/v1/budgets"); }
bool in_list(const Route& route, const LimitInfo& info) {
  return of_budgets(route) == (info.spec.limit.resource == Resource::usd);
}

// Where permission is asked: what stands beside the tree, and what is for each of a kind, concerns everybody. False in
// the pair: it is not there.
std::pair<bool, const govern::Node*> place_of(const Call& call, const NodeRef& scope) {
  const bool beside = scope.kind > NodeKind::key || scope.id == "*";
  if (beside) return {true, nullptr};
  const govern::Node* node = call.services.directory.place(scope);
  return {node != nullptr, node};
}

bool sees(const Call& call, const LimitInfo& info) {
  const auto [there, node] = place_of(call, info.spec.scope);
  // One that waits for its node is the business of who rules everything.
  return call.actor.may(Action::read_limits, there ? node : nullptr);
}

struct Shown {
  LimitInfo info;
  std::optional<govern::LimitUse> use;
};

void write(json::Writer& writer, const Shown& shown) {
  std::string text;
  json::Writer inner(text);
  govern::write(inner, shown.info);
  if (shown.use) {
    text.pop_back();
    text.append(",\"used\":");
    const bool usd = shown.info.spec.limit.resource == Resource::usd;
    const auto amount = [usd](std::int64_t value) {
      return usd ? base::Money::nanos(value).to_string() : std::to_string(value);
    };
    text.append(amount(shown.use->used)).append(",\"held\":").append(amount(shown.use->held)).append("}");
  }
  writer.raw(text);
}

std::optional<LimitInfo> visible(const Call& call) {
  auto info = call.services.limits.get(call.ids[0]);
  if (!info || !in_list(call.route, *info) || !sees(call, *info)) return std::nullopt;
  return info;
}

ApiResponse no_such_limit() { return problem(404, "not_found", "There is no such limit"); }

ApiResponse shown(Call& call, int status, const LimitInfo& info) {
  return object_response(status, Shown{.info = info, .use = call.services.limits.use_of(info)}, info.version);
}

// The body as limit_from_json reads it; of a budget the resource goes without saying.
Result<govern::LimitSpec> read_spec(const Call& call, const Body& body, std::string_view before = {}) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  if (of_budgets(call.route)) writer.key("resource").string("usd");
  for (const auto& [name, raw] : body.members()) {
    if (raw != "null") writer.key(name).raw(raw);
  }
  // What a patch does not name stays.
  if (!before.empty()) {
    json::Value(before).members([&](std::string_view name, json::Value value) {
      const bool budget = of_budgets(call.route) && name == "resource";
      if (!body.given(name) && !budget) writer.key(name).raw(value.raw());
    });
  }
  writer.end_object();
  return govern::limit_from_json(text);
}

}  // namespace

ApiResponse list_limits(Call& call) {
  const auto scope_text = call.query.get("scope");
  const auto scope = NodeRef::parse(scope_text);
  if (!scope_text.empty() && !scope) return problem(400, "invalid_request", "scope: KIND:ID");
  auto& limits = call.services.limits;
  return page_response<Shown>(
      call,
      [&](std::string_view after, auto visit) {
        limits.each(after, [&](const LimitInfo& info) {
          const bool wanted = in_list(call.route, info) && (!scope || info.spec.scope == *scope) && sees(call, info);
          return visit(Shown{.info = info, .use = wanted ? limits.use_of(info) : std::nullopt});
        });
      },
      [&](const Shown& one) {
        return in_list(call.route, one.info) && (!scope || one.info.spec.scope == *scope) && sees(call, one.info);
      },
      [](const Shown& one) { return one.info.spec.limit.id; });
}

ApiResponse create_limit(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  if (!body->given("scope")) return problem(400, "invalid_request", "scope: is needed, for instance team:support");
  auto spec = read_spec(call, *body);
  if (!spec) return problem(spec.error());
  if (!of_budgets(call.route) && spec->limit.resource == Resource::usd) {
    return problem(400, "invalid_request", "resource: limits of usd are made at /admin/v1/budgets");
  }
  const auto [there, node] = place_of(call, spec->scope);
  if (!there || !call.actor.may(Action::read_limits, node)) {
    return problem(400, "invalid_request", "scope: it is not there");
  }
  if (auto refused = call.may(Action::write_limits, node)) return std::move(*refused);
  auto made = call.services.limits.create(std::move(*spec), call.author);
  if (!made) return problem(made.error());
  return shown(call, 201, *made);
}

ApiResponse get_limit(Call& call) {
  const auto info = visible(call);
  if (!info) return no_such_limit();
  return shown(call, 200, *info);
}

ApiResponse update_limit(Call& call) {
  const auto info = visible(call);
  if (!info) return no_such_limit();
  const auto [there, node] = place_of(call, info->spec.scope);
  if (auto refused = call.may(Action::write_limits, there ? node : nullptr)) return std::move(*refused);
  auto body = call.body();
  if (!body) return problem(body.error());
  if (body->given("scope")) return problem(400, "invalid_request", "scope: stays; make another limit");
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  std::string before;
  json::Writer writer(before);
  govern::write(writer, *info);
  auto spec = read_spec(call, *body, before);
  if (!spec) return problem(spec.error());
  if (of_budgets(call.route) != (spec->limit.resource == Resource::usd)) {
    return problem(400, "invalid_request", "resource: budgets are of usd, limits of the others");
  }
  auto done = call.services.limits.update(call.ids[0], std::move(*spec), call.author, *version);
  if (!done) return problem(done.error());
  return shown(call, 200, *done);
}

ApiResponse delete_limit(Call& call) {
  const auto info = visible(call);
  if (!info) return no_such_limit();
  const auto [there, node] = place_of(call, info->spec.scope);
  if (auto refused = call.may(Action::write_limits, there ? node : nullptr)) return std::move(*refused);
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  if (auto done = call.services.limits.remove(call.ids[0], call.author, *version); !done) return problem(done.error());
  return no_content();
}

}  // namespace gatehouse::admin
