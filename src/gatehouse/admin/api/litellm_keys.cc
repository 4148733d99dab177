#include <array>
#include <utility>

#include "gatehouse/admin/api/handlers.h"
#include "gatehouse/admin/api/litellm.h"
#include "gatehouse/base/strings.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using govern::KeyInfo;
using govern::NodeKind;
using govern::NodeRef;
using litellm::Asked;

constexpr auto kRefused =
    std::to_array<std::string_view>({"permissions", "guardrails", "enforced_params", "allowed_cache_controls",
                                     "allowed_routes", "budget_id", "spend", "temp_budget_expiry"});
constexpr auto kLeftOut =
    std::to_array<std::string_view>({"tags", "aliases", "config", "send_invite_email", "temp_budget_increase"});

ApiResponse no_such_key() { return problem(404, "not_found", "There is no such key"); }

// What generate and update have in common.
void read_key(Body& body, govern::KeySpec& spec, Asked& asked, base::WallTime now) {
  litellm::refuse(body, kRefused);
  litellm::leave_out(body, kLeftOut, asked);
  if (body.given("key_alias")) spec.name = body.text("key_alias").value_or(spec.name);
  if (const auto metadata = body.object("metadata")) spec.metadata = *metadata;
  litellm::read_models(body, spec.access);
  if (const auto blocks = body.list("allowed_ips", govern::kMaxPatterns)) {
    if (blocks->empty()) body.wrong("allowed_ips", "name at least one");
    spec.access.addresses = *blocks;
  }
  if (const auto text = body.text("duration", 32); text && *text != "permanent") {
    const auto time = litellm::duration(*text);
    if (!time) return body.wrong("duration", "for instance 30d, 12h or 90m");
    spec.expires_at = now + *time;
  }
  // Some kinds of key may do less than others.
  if (const auto kind = body.text("key_type", 32); kind && *kind != "default" && *kind != "llm_api") {
    body.wrong("key_type", "default or llm_api; a key never reaches the admin API here");
  }
  litellm::read_limits(body, asked);
}

// Where the key will hang. The user is above it where that can be, so that his limits count too.
struct Place {
  NodeRef parent;
  std::string user;
};
std::optional<Place> place_of(Call& call, Body& body) {
  const auto team = body.text("team_id", 256);
  const auto project = body.text("project_id", 256);
  const auto org = body.text("organization_id", 256);
  const auto user = body.text("user_id", 256);
  if (body.error()) return std::nullopt;
  Place place{.parent = {.kind = NodeKind::org, .id = org.value_or(std::string(govern::kDefaultOrg))}, .user = {}};
  if (team) place.parent = {.kind = NodeKind::team, .id = *team};
  if (project) place.parent = {.kind = NodeKind::project, .id = *project};
  const auto& directory = call.services.directory;
  const govern::Node* at = directory.find(place.parent);
  const auto within = [&](const char* name, NodeKind kind, const std::optional<std::string>& id) {
    if (!id || place.parent.kind == kind) return;
    const govern::Node* above = directory.find({.kind = kind, .id = *id});
    if (above == nullptr || at == nullptr || !govern::within(at, above)) body.wrong(name, "it is not there");
  };
  within("team_id", NodeKind::team, team);
  within("organization_id", NodeKind::org, org);
  if (!user) return place;
  const govern::Node* node = directory.find({.kind = NodeKind::user, .id = *user});
  const bool alone = !team && !project && !org;
  if (node != nullptr && (alone || (at != nullptr && govern::within(node, at)))) {
    place.parent = {.kind = NodeKind::user, .id = *user};
  } else {
    place.user = *user;
  }
  return place;
}

ApiResponse made_response(Call& call, const govern::Directory::MadeKey& made, const Asked& asked) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("key").string(made.key.reveal());
  litellm::write_key(writer, call, made.info);
  litellm::write_warnings(writer, asked);
  writer.end_object();
  return json_response(200, std::move(text));
}

ApiResponse set_blocked(Call& call, bool blocked) {
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto key = body->text("key", 512);
  if (body->error()) return problem(*body->error());
  const auto info = litellm::find_key(call, key.value_or(""));
  if (!info) return no_such_key();
  if (auto refused = call.may(Action::stop_keys, info->node)) return std::move(*refused);
  auto done = call.services.directory.block_key(info->node->id, blocked, call.author);
  if (!done) return problem(done.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  litellm::write_key(writer, call, *done);
  writer.end_object();
  return json_response(200, std::move(text));
}

}  // namespace

ApiResponse litellm_key_generate(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  govern::KeySpec spec;
  Asked asked;
  read_key(*body, spec, asked, call.author.time);
  static constexpr auto kNotHere = std::to_array<std::string_view>({"new_key", "grace_period"});
  litellm::refuse(*body, kNotHere);
  const auto own = body->text("key", 512);
  const auto blocked = body->boolean("blocked").value_or(false);
  const auto place = place_of(call, *body);
  if (body->error()) return problem(*body->error());
  const govern::Node* at = call.services.directory.find(place->parent);
  if (at == nullptr || !call.actor.may(Action::read_tree, at)) {
    return problem(400, "invalid_request", "The team, user or organization is not there");
  }
  spec.user = place->user;
  if (auto refused = call.may(Action::write_keys, at)) return std::move(*refused);
  if (auto refused = litellm::may_limit(call, asked, at)) return std::move(*refused);
  if (auto refused = may_own(call, spec.user)) return std::move(*refused);
  auto made =
      call.services.directory.create_key(place->parent, std::move(spec), call.author, base::Secret(own.value_or("")));
  if (!made) return problem(made.error());
  const std::string id = made->info.node->id;
  auto limited = litellm::set_limits(call, govern::ref_of(*made->info.node), asked);
  if (limited && blocked) {
    auto done = call.services.directory.block_key(id, true, call.author);
    if (done) made->info = std::move(*done);
    if (!done) limited = std::unexpected(std::move(done.error()));
  }
  if (!limited) {
    // Never a key without the limits that were asked for.
    (void)call.services.directory.revoke_key(id, call.author);
    return problem(limited.error());
  }
  return made_response(call, *made, asked);
}

ApiResponse litellm_key_update(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto key = body->text("key", 512);
  const auto info = litellm::find_key(call, key.value_or(""));
  if (body->error()) return problem(*body->error());
  if (!info) return no_such_key();
  if (auto refused = call.may(Action::write_keys, info->node)) return std::move(*refused);
  govern::KeySpec spec = info->spec;
  Asked asked;
  read_key(*body, spec, asked, call.author.time);
  static constexpr auto kNotHere = std::to_array<std::string_view>({"new_key", "grace_period"});
  litellm::refuse(*body, kNotHere);
  const auto blocked = body->boolean("blocked");
  // A key stays where it is.
  for (const auto& [name, kind] : {std::pair<std::string_view, NodeKind>{"team_id", NodeKind::team},
                                   {"project_id", NodeKind::project},
                                   {"organization_id", NodeKind::org}}) {
    const auto id = body->text(name, 256);
    const govern::Node* above = id ? call.services.directory.find({.kind = kind, .id = *id}) : nullptr;
    if (id && (above == nullptr || !govern::within(info->node, above))) {
      body->wrong(name, "a key does not move; make one there");
    }
  }
  if (const auto user = body->text("user_id", 256)) {
    const govern::Node* above = call.services.directory.find({.kind = NodeKind::user, .id = *user});
    if (above == nullptr || !govern::within(info->node, above)) spec.user = *user;
  }
  if (body->error()) return problem(*body->error());
  if (spec.user != info->spec.user) {
    if (auto refused = may_own(call, spec.user)) return std::move(*refused);
  }
  if (auto refused = litellm::may_limit(call, asked, info->node)) return std::move(*refused);
  // What narrows first: a change that is broken off half way has not loosened anything.
  if (auto limited = litellm::set_limits(call, govern::ref_of(*info->node), asked); !limited) {
    return problem(limited.error());
  }
  auto done = call.services.directory.update_key(info->node->id, std::move(spec), call.author);
  if (done && blocked && *blocked != (info->state == govern::KeyState::blocked)) {
    done = call.services.directory.block_key(info->node->id, *blocked, call.author);
  }
  if (!done) return problem(done.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("key").string(done->node->id);
  litellm::write_key(writer, call, *done);
  litellm::write_warnings(writer, asked);
  writer.end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_key_info(Call& call) {
  const auto info = litellm::find_key(call, call.query.get("key"));
  if (!info) return no_such_key();
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("key").string(info->node->id).key("info").begin_object();
  litellm::write_key(writer, call, *info);
  if (call.actor.may(Action::read_usage, info->node)) litellm::write_spend(writer, call, "key=" + info->node->id);
  writer.end_object().end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_key_delete(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  auto keys = body->list("keys").value_or(std::vector<std::string>());
  const auto aliases = body->list("key_aliases").value_or(std::vector<std::string>());
  if (body->error()) return problem(*body->error());
  if (keys.empty() == aliases.empty()) return problem(400, "invalid_request", "Give keys or key_aliases");
  std::vector<KeyInfo> found;
  for (const auto& key : keys) {
    auto info = litellm::find_key(call, key);
    if (!info) return no_such_key();
    found.push_back(std::move(*info));
  }
  for (const auto& alias : aliases) {
    std::size_t of_this = 0;
    call.services.directory.keys("", [&](const KeyInfo& info) {
      const bool its = info.spec.name == alias && info.state != govern::KeyState::revoked &&
                       call.actor.may(Action::read_keys, info.node);
      if (its && ++of_this <= 2) found.push_back(info);
      return true;
    });
    // Names need not be unique here.
    if (of_this != 1) return problem(400, "invalid_request", "key_aliases: one names no key, or several");
  }
  for (const auto& info : found) {
    if (auto refused = call.may(Action::stop_keys, info.node)) return std::move(*refused);
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("deleted_keys").begin_array();
  for (const auto& info : found) {
    if (auto done = call.services.directory.revoke_key(info.node->id, call.author); !done) return problem(done.error());
    writer.string(info.node->id);
  }
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_key_block(Call& call) { return set_blocked(call, true); }
ApiResponse litellm_key_unblock(Call& call) { return set_blocked(call, false); }

ApiResponse litellm_key_list(Call& call) {
  const auto number = [&](std::string_view name, std::uint64_t otherwise, std::uint64_t most) {
    const auto text = call.query.get(name);
    return text.empty() ? std::optional(otherwise) : base::parse_u64(text).and_then([most](std::uint64_t value) {
      return value >= 1 && value <= most ? std::optional(value) : std::nullopt;
    });
  };
  const auto page = number("page", 1, 1'000'000);
  const auto size = number("size", 10, 100);
  const auto whole = call.query.flag("return_full_object");
  if (!page || !size || !whole) return problem(400, "invalid_request", "page: from 1; size: 1 to 100");
  const auto user = call.query.get("user_id");
  const auto alias = call.query.get("key_alias");
  const auto team_id = call.query.get("team_id");
  const govern::Node* team =
      team_id.empty() ? nullptr : call.services.directory.find({.kind = NodeKind::team, .id = std::string(team_id)});
  std::vector<KeyInfo> shown;
  std::uint64_t count = 0;
  call.services.directory.keys("", [&](const KeyInfo& info) {
    if (info.state == govern::KeyState::revoked || !call.actor.may(Action::read_keys, info.node)) return true;
    if (!alias.empty() && info.spec.name != alias) return true;
    if (!team_id.empty() && (team == nullptr || !govern::within(info.node, team))) return true;
    if (!user.empty() && info.spec.user != user) {
      const govern::Node* above = call.services.directory.find({.kind = NodeKind::user, .id = std::string(user)});
      if (above == nullptr || !govern::within(info.node, above)) return true;
    }
    if (count >= (*page - 1) * *size && shown.size() < *size) shown.push_back(info);
    ++count;
    return true;
  });
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("keys").begin_array();
  for (const auto& info : shown) {
    if (*whole) {
      writer.begin_object();
      litellm::write_key(writer, call, info);
      writer.end_object();
    } else {
      writer.string(info.node->id);
    }
  }
  writer.end_array().key("total_count").unsigned_integer(count).key("current_page").unsigned_integer(*page);
  writer.key("total_pages").unsigned_integer((count + *size - 1) / *size).end_object();
  return json_response(200, std::move(text));
}

ApiResponse litellm_key_regenerate(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  auto key = body->text("key", 512);
  if (!call.ids.empty()) key = call.ids[0];
  const auto info = litellm::find_key(call, key.value_or(""));
  std::chrono::seconds overlap(0);
  if (const auto grace = body->text("grace_period", 32)) {
    const auto time = litellm::duration(*grace);
    if (!time) body->wrong("grace_period", "for instance 24h");
    overlap = time.value_or(overlap);
  }
  for (const auto& [name, raw] : body->members()) {
    if (name != "key" && name != "grace_period" && raw != "null") body->wrong(name, "change it with /key/update");
  }
  if (body->error()) return problem(*body->error());
  if (!info) return no_such_key();
  if (auto refused = call.may(Action::write_keys, info->node)) return std::move(*refused);
  auto made = call.services.directory.rotate_key(info->node->id, overlap, call.author);
  if (!made) return problem(made.error());
  return made_response(call, *made, {});
}

}  // namespace gatehouse::admin
