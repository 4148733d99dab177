#include <array>
#include <chrono>
#include <utility>

#include "gatehouse/admin/api/handlers.h"
#include "gatehouse/admin/api/litellm.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/govern/directory/time_text.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using govern::NodeInfo;
using govern::NodeKind;
using govern::NodeRef;
using litellm::Asked;

constexpr std::size_t kMostEntries = 10'000;

std::string random_id() {
  std::array<std::uint8_t, 16> bytes{};
  base::random_bytes(bytes.data(), bytes.size());
  return crypto::to_hex(bytes);
}

void read_node(Body& body, std::string_view alias, govern::NodeSpec& spec, Asked& asked) {
  static constexpr auto kRefused =
      std::to_array<std::string_view>({"guardrails", "team_member_budget", "permissions", "spend"});
  static constexpr auto kLeftOut =
      std::to_array<std::string_view>({"tags", "model_aliases", "aliases", "config", "send_invite_email",
                                       "members_with_roles", "members", "admins", "user_role", "user_email"});
  litellm::refuse(body, kRefused);
  litellm::leave_out(body, kLeftOut, asked);
  if (const auto name = body.text(alias)) spec.name = *name;
  if (const auto metadata = body.object("metadata")) spec.metadata = *metadata;
  litellm::read_models(body, spec.access);
  litellm::read_limits(body, asked);
}

void write_team(json::Writer& writer, Call& call, const NodeInfo& info) {
  writer.key("team_id").string(info.node->id);
  writer.key("team_alias").string(info.spec.name.empty() ? info.node->id : info.spec.name);
  const govern::Node* org = info.node->parent;
  while (org != nullptr && org->kind != NodeKind::org) org = org->parent;
  writer.key("organization_id").string(org == nullptr ? "" : org->id);
  writer.key("models");
  litellm::write_names(writer, info.spec.access.models);
  writer.key("metadata").raw(info.spec.metadata.empty() ? "{}" : std::string_view(info.spec.metadata));
  writer.key("blocked").boolean(!info.active);
  writer.key("created_at").string(govern::to_rfc3339(info.created_at));
  if (call.actor.may(Action::read_limits, info.node)) litellm::write_limits(writer, call, govern::ref_of(*info.node));
}

void write_keys_of(json::Writer& writer, Call& call, const govern::Node* top, std::string_view user) {
  writer.key("keys").begin_array();
  std::size_t count = 0;
  call.services.directory.keys("", [&](const govern::KeyInfo& info) {
    const bool its = (top != nullptr && govern::within(info.node, top)) || (!user.empty() && info.spec.user == user);
    if (!its || info.state == govern::KeyState::revoked || !call.actor.may(Action::read_keys, info.node)) return true;
    writer.begin_object();
    litellm::write_key(writer, call, info);
    writer.end_object();
    return ++count < kMostPerPage;
  });
  writer.end_array();
}

ApiResponse team_response(Call& call, const NodeInfo& info, const Asked& asked) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  write_team(writer, call, info);
  litellm::write_warnings(writer, asked);
  writer.end_object();
  return json_response(200, std::move(text));
}

std::optional<NodeInfo> find_node(Call& call, NodeKind kind, std::string_view id) {
  auto info = call.services.directory.node({.kind = kind, .id = std::string(id)});
  if (!info || info->deleted || !call.actor.may(Action::read_tree, info->node)) return std::nullopt;
  return info;
}

// A node with its limits, or neither.
Result<NodeInfo> make_node(Call& call, const NodeRef& ref, const NodeRef& parent, govern::NodeSpec spec,
                           const Asked& asked) {
  auto made = call.services.directory.create_node(ref, parent, std::move(spec), call.author);
  if (!made) return made;
  if (auto limited = litellm::set_limits(call, ref, asked); !limited) {
    (void)call.services.directory.delete_node(ref, call.author);
    return std::unexpected(std::move(limited.error()));
  }
  return made;
}

// The organisation or team below which something is made; the refusal where the actor may not.
std::optional<ApiResponse> may_make(Call& call, const NodeRef& parent, const Asked& asked) {
  const govern::Node* above = call.services.directory.find(parent);
  if (above == nullptr || !call.actor.may(Action::read_tree, above)) {
    return problem(400, "invalid_request", "The organization or team is not there");
  }
  if (auto refused = call.may(Action::write_tree, above)) return refused;
  return litellm::may_limit(call, asked, above);
}

}  // namespace

ApiResponse litellm_team_new(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  govern::NodeSpec spec;
  Asked asked;
  read_node(*body, "team_alias", spec, asked);
  const NodeRef ref{.kind = NodeKind::team, .id = body->text("team_id", govern::kMaxIdSize).value_or(random_id())};
  const NodeRef parent{.kind = NodeKind::org,
                       .id = body->text("organization_id", 256).value_or(std::string(govern::kDefaultOrg))};
  const auto blocked = body->boolean("blocked").value_or(false);
  if (body->error()) return problem(*body->error());
  if (auto refused = may_make(call, parent, asked)) return std::move(*refused);
  auto made = make_node(call, ref, parent, spec, asked);
  if (made && blocked) made = call.services.directory.update_node(ref, std::move(spec), false, call.author);
  if (!made) return problem(made.error());
  return team_response(call, *made, asked);
}

ApiResponse litellm_team_update(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto id = body->text("team_id", 256);
  auto info = find_node(call, NodeKind::team, id.value_or(""));
  if (body->error()) return problem(*body->error());
  if (!info) return problem(404, "not_found", "There is no such team");
  Asked asked;
  read_node(*body, "team_alias", info->spec, asked);
  if (const auto org = body->text("organization_id", 256)) {
    const govern::Node* above = call.services.directory.find({.kind = NodeKind::org, .id = *org});
    if (above == nullptr || !govern::within(info->node, above)) body->wrong("organization_id", "a team does not move");
  }
  const auto blocked = body->boolean("blocked");
  if (body->error()) return problem(*body->error());
  if (auto refused = call.may(Action::write_tree, info->node)) return std::move(*refused);
  if (auto refused = litellm::may_limit(call, asked, info->node)) return std::move(*refused);
  const NodeRef ref = govern::ref_of(*info->node);
  if (auto limited = litellm::set_limits(call, ref, asked); !limited) return problem(limited.error());
  const bool active = blocked ? !*blocked : info->active;
  auto done = call.services.directory.update_node(ref, std::move(info->spec), active, call.author);
  if (!done) return problem(done.error());
  return team_response(call, *done, asked);
}

ApiResponse litellm_team_info(Call& call) {
  const auto info = find_node(call, NodeKind::team, call.query.get("team_id"));
  if (!info) return problem(404, "not_found", "There is no such team");
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("team_id").string(info->node->id).key("team_info").begin_object();
  write_team(writer, call, *info);
  if (call.actor.may(Action::read_usage, info->node)) litellm::write_spend(writer, call, "team=" + info->node->id);
  writer.end_object();
  write_keys_of(writer, call, info->node, {});
  writer.key("team_memberships").begin_array().end_array().end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_team_list(Call& call) {
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  std::size_t count = 0;
  call.services.directory.nodes(NodeKind::team, "", [&](const NodeInfo& info) {
    if (info.deleted || !call.actor.may(Action::read_tree, info.node)) return true;
    writer.begin_object();
    write_team(writer, call, info);
    writer.end_object();
    return ++count < kMostEntries;
  });
  writer.end_array();
  return json_response(200, std::move(text));
}

ApiResponse litellm_team_delete(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto ids = body->list("team_ids");
  if (body->error()) return problem(*body->error());
  if (!ids || ids->empty()) return problem(400, "invalid_request", "team_ids: name at least one");
  std::vector<NodeRef> found;
  for (const auto& id : *ids) {
    const auto info = find_node(call, NodeKind::team, id);
    if (!info) return problem(404, "not_found", "There is no such team");
    if (auto refused = call.may(Action::switch_tree, info->node)) return std::move(*refused);
    found.push_back(govern::ref_of(*info->node));
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("deleted_teams").begin_array();
  for (const auto& ref : found) {
    if (auto done = call.services.directory.delete_node(ref, call.author); !done) return problem(done.error());
    writer.string(ref.id);
  }
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_user_new(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  govern::NodeSpec spec;
  Asked asked;
  read_node(*body, "user_alias", spec, asked);
  const NodeRef ref{.kind = NodeKind::user, .id = body->text("user_id", govern::kMaxIdSize).value_or(random_id())};
  NodeRef parent{.kind = NodeKind::org,
                 .id = body->text("organization_id", 256).value_or(std::string(govern::kDefaultOrg))};
  auto teams = body->list("teams", 64).value_or(std::vector<std::string>());
  if (const auto team = body->text("team_id", 256)) teams.insert(teams.begin(), *team);
  if (!teams.empty()) parent = {.kind = NodeKind::team, .id = teams.front()};
  if (teams.size() > 1) asked.warnings.emplace_back("teams: a user belongs to one place; the first was taken");
  const auto with_key = body->boolean("auto_create_key").value_or(true);
  govern::KeySpec key;
  key.name = body->text("key_alias").value_or("");
  if (const auto text = body->text("duration", 32)) {
    const auto time = litellm::duration(*text);
    if (!time) body->wrong("duration", "for instance 30d, 12h or 90m");
    if (time) key.expires_at = call.author.time + *time;
  }
  if (body->error()) return problem(*body->error());
  if (auto refused = may_make(call, parent, asked)) return std::move(*refused);
  if (with_key) {
    if (auto refused = call.may(Action::write_keys, call.services.directory.find(parent))) return std::move(*refused);
  }
  auto made = make_node(call, ref, parent, std::move(spec), asked);
  if (!made) return problem(made.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("user_id").string(ref.id);
  if (with_key) {
    auto first = call.services.directory.create_key(ref, std::move(key), call.author);
    if (!first) return problem(first.error());
    writer.key("key").string(first->key.reveal());
    writer.key("token").string(first->info.node->id);
  }
  writer.key("user_alias").string(made->spec.name).key("models");
  litellm::write_names(writer, made->spec.access.models);
  litellm::write_limits(writer, call, ref);
  litellm::write_warnings(writer, asked);
  writer.end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_user_info(Call& call) {
  const auto info = find_node(call, NodeKind::user, call.query.get("user_id"));
  if (!info) return problem(404, "not_found", "There is no such user");
  const std::string& id = info->node->id;
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("user_id").string(id).key("user_info").begin_object().key("user_id").string(id);
  writer.key("user_alias").string(info->spec.name).key("models");
  litellm::write_names(writer, info->spec.access.models);
  writer.key("metadata").raw(info->spec.metadata.empty() ? "{}" : std::string_view(info->spec.metadata));
  if (call.actor.may(Action::read_limits, info->node)) litellm::write_limits(writer, call, govern::ref_of(*info->node));
  if (call.actor.may(Action::read_usage, info->node)) litellm::write_spend(writer, call, "user=" + id);
  writer.end_object();
  write_keys_of(writer, call, info->node, id);
  writer.key("teams").begin_array();
  for (const govern::Node* at = info->node->parent; at != nullptr; at = at->parent) {
    if (at->kind != NodeKind::team) continue;
    const auto team = find_node(call, NodeKind::team, at->id);
    if (!team) continue;
    writer.begin_object();
    write_team(writer, call, *team);
    writer.end_object();
  }
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_spend_logs(Call& call) {
  if (call.services.usage == nullptr) return problem(404, "not_found", "No usage ledger is kept");
  UsageRequest request;
  const auto from = call.query.time("start_date");
  const auto to = call.query.time("end_date");
  if (!from) return problem(from.error());
  if (!to) return problem(to.error());
  request.from = from->value_or(base::WallTime());
  request.to = *to ? **to + std::chrono::days(1) : base::WallTime::max();
  request.limit = kMostPerPage;
  if (const auto key = call.query.get("api_key"); !key.empty()) {
    const auto info = litellm::find_key(call, key);
    if (!info) return problem(404, "not_found", "There is no such key");
    request.filters.push_back("key=" + info->node->id);
  }
  if (const auto user = call.query.get("user_id"); !user.empty())
    request.filters.push_back("user=" + std::string(user));
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  std::size_t count = 0;
  bool more = true;
  while (more && count < kMostEntries) {
    auto page = call.services.usage->entries(request);
    if (!page) return problem(page.error());
    for (const auto& entry : page->entries) {
      writer.begin_object().key("request_id").string(entry.request_id).key("call_type").string(entry.operation);
      writer.key("api_key").string(entry.key_id).key("key_alias").string(entry.key_name);
      writer.key("user").string(entry.user).key("team_id").string(entry.team).key("end_user").string(entry.end_user);
      writer.key("model").string(entry.model).key("custom_llm_provider").string(entry.provider);
      writer.key("spend").raw(entry.cost.to_string());
      writer.key("prompt_tokens").integer(entry.prompt_tokens);
      writer.key("completion_tokens").integer(entry.completion_tokens);
      writer.key("total_tokens").integer(entry.prompt_tokens + entry.completion_tokens);
      writer.key("startTime").string(govern::to_rfc3339(entry.time));
      writer.key("status").string(entry.status >= 200 && entry.status < 400 ? "success" : "failure").end_object();
      ++count;
    }
    more = !page->cursor.empty() && !page->entries.empty();
    request.cursor = std::move(page->cursor);
  }
  writer.end_array();
  ApiResponse response = json_response(200, std::move(text));
  // LiteLLM's answer is a bare list: that it is not the whole of it can only be said beside it.
  if (more) response.fields.emplace_back("x-gatehouse-truncated", "true");
  return response;
}

ApiResponse litellm_global_spend(Call& call) {
  if (call.services.usage == nullptr) return problem(404, "not_found", "No usage ledger is kept");
  UsageRequest request;
  request.limit = 1;
  auto page = call.services.usage->summarise(request);
  if (!page) return problem(page.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("spend").raw(page->total.cost.to_string()).key("max_budget");
  const auto limits = call.services.limits.of({.kind = NodeKind::org, .id = std::string(govern::kDefaultOrg)});
  const govern::Limit* budget = nullptr;
  for (const auto& info : limits) {
    if (info.spec.limit.resource == govern::Resource::usd && !info.spec.models) budget = &info.spec.limit;
  }
  if (budget == nullptr) {
    writer.null();
  } else {
    writer.raw(base::Money::nanos(budget->amount).to_string());
  }
  writer.end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_model_info(Call& call) {
  const auto snapshot = call.services.snapshot();
  const auto wanted = call.query.get("litellm_model_id");
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("data").begin_array();
  for (const auto& model : snapshot->models) {
    if (!wanted.empty() && model.name != wanted) continue;
    for (const auto& target : model.targets) {
      writer.begin_object().key("model_name").string(model.name).key("litellm_params").begin_object();
      writer.key("model").string(snapshot->provider_of(target).name + "/" + target.model);
      writer.key("weight").unsigned_integer(target.weight).end_object();
      writer.key("model_info").begin_object().key("id").string(model.name).end_object().end_object();
    }
  }
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

}  // namespace gatehouse::admin
