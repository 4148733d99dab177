#include <algorithm>
#include <utility>

#include "gatehouse/admin/api/handlers.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using govern::KeyInfo;
using govern::NodeRef;

ApiResponse no_such_key() { return problem(404, "not_found", "There is no such key"); }

ApiResponse made_response(int status, const govern::Directory::MadeKey& made) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("key").string(made.key.reveal()).key("object");
  write(writer, made.info);
  writer.end_object();
  ApiResponse response = json_response(status, std::move(text));
  response.fields.emplace_back("etag", "\"" + std::to_string(made.info.version) + "\"");
  return response;
}

// The key of the path, where the actor may see it and do this.
std::optional<KeyInfo> visible(const Call& call) {
  auto info = call.services.directory.key(call.ids[0]);
  if (!info || !call.actor.may(Action::read_keys, info->node)) return std::nullopt;
  return info;
}

void read_spec(Body& body, govern::KeySpec& spec) {
  if (body.given("name")) spec.name = body.text("name").value_or("");
  if (body.given("metadata")) spec.metadata = body.object("metadata").value_or("");
  if (body.given("expires_at")) spec.expires_at = body.time("expires_at");
  if (body.given("user")) spec.user = body.text("user", govern::kMaxIdSize).value_or("");
  if (body.given("weight")) spec.weight = static_cast<std::uint32_t>(body.integer("weight", 1, 1000).value_or(1));
  if (body.given("priority")) {
    const auto word = body.text("priority", 16);
    const auto priority = word ? govern::priority_from_name(*word) : govern::Priority::normal;
    if (!priority) body.wrong("priority", "critical, high, normal, low or batch");
    spec.priority = priority.value_or(govern::Priority::normal);
  }
  read_access(body, spec.access);
}

ApiResponse set_blocked(Call& call, bool blocked) {
  const auto info = visible(call);
  if (!info) return no_such_key();
  if (auto refused = call.may(Action::stop_keys, info->node)) return std::move(*refused);
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  auto done = call.services.directory.block_key(call.ids[0], blocked, call.author, *version);
  if (!done) return problem(done.error());
  return object_response(200, *done, done->version);
}

}  // namespace

bool raises_priority(const govern::KeySpec& before, const govern::KeySpec& after) {
  const bool sooner = after.priority < govern::Priority::normal && after.priority < before.priority;
  return sooner || after.weight > std::max(before.weight, 1U);
}

std::optional<ApiResponse> may_own(const Call& call, const std::string& user) {
  if (user.empty() || user == call.actor.user) return std::nullopt;
  const govern::Node* node = call.services.directory.find({.kind = govern::NodeKind::user, .id = user});
  // One answer for a user that is not there and one out of reach.
  if (node == nullptr || !call.actor.may(Action::write_keys, node)) {
    return problem(400, "invalid_request", "The user is not there");
  }
  return std::nullopt;
}

ApiResponse list_keys(Call& call) {
  const auto parent_text = call.query.get("parent");
  const auto parent = NodeRef::parse(parent_text);
  if (!parent_text.empty() && !parent) return problem(400, "invalid_request", "parent: KIND:ID");
  const auto below_text = call.query.get("below");
  const auto below = NodeRef::parse(below_text);
  const govern::Node* top = below ? call.services.directory.find(*below) : nullptr;
  if (!below_text.empty() && top == nullptr) return problem(400, "invalid_request", "below: KIND:ID of what is there");
  const auto state_text = call.query.get("state");
  const auto state = govern::key_state_from_name(state_text);
  if (!state_text.empty() && !state) return problem(400, "invalid_request", "state: active, blocked, expired, revoked");
  const auto user = call.query.get("user");
  const auto name = call.query.get("name");
  const auto& directory = call.services.directory;
  return page_response<KeyInfo>(
      call, [&](std::string_view after, auto visit) { directory.keys(after, visit); },
      [&](const KeyInfo& info) {
        if (parent && govern::ref_of(*info.node->parent) != *parent) return false;
        if (top != nullptr && !govern::within(info.node, top)) return false;
        if (state && info.state != *state) return false;
        if (!user.empty() && info.spec.user != user) return false;
        if (!name.empty() && info.spec.name != name) return false;
        return call.actor.may(Action::read_keys, info.node);
      },
      [](const KeyInfo& info) { return info.node->id; });
}

ApiResponse create_key(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  govern::KeySpec spec;
  read_spec(*body, spec);
  const auto parent_text = body->text("parent", 300);
  const auto parent = NodeRef::parse(parent_text.value_or("org:" + std::string(govern::kDefaultOrg)));
  if (!parent) body->wrong("parent", "KIND:ID, for instance team:support");
  if (body->error()) return problem(*body->error());
  const govern::Node* above = call.services.directory.find(*parent);
  if (above == nullptr || !call.actor.may(Action::read_tree, above)) {
    return problem(400, "invalid_request", "The parent is not there");
  }
  if (auto refused = call.may(Action::write_keys, above)) return std::move(*refused);
  if (raises_priority({}, spec)) {
    if (auto refused = call.may(Action::raise_priority, above)) return std::move(*refused);
  }
  if (auto refused = may_own(call, spec.user)) return std::move(*refused);
  auto made = call.services.directory.create_key(*parent, std::move(spec), call.author);
  if (!made) return problem(made.error());
  return made_response(201, *made);
}

ApiResponse get_key(Call& call) {
  const auto info = visible(call);
  if (!info) return no_such_key();
  return object_response(200, *info, info->version);
}

ApiResponse update_key(Call& call) {
  const auto info = visible(call);
  if (!info) return no_such_key();
  if (auto refused = call.may(Action::write_keys, info->node)) return std::move(*refused);
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  govern::KeySpec spec = info->spec;
  read_spec(*body, spec);
  if (body->error()) return problem(*body->error());
  if (raises_priority(info->spec, spec)) {
    if (auto refused = call.may(Action::raise_priority, info->node)) return std::move(*refused);
  }
  if (spec.user != info->spec.user) {
    if (auto refused = may_own(call, spec.user)) return std::move(*refused);
  }
  auto done = call.services.directory.update_key(call.ids[0], std::move(spec), call.author, *version);
  if (!done) return problem(done.error());
  return object_response(200, *done, done->version);
}

ApiResponse delete_key(Call& call) {
  const auto info = visible(call);
  if (!info) return no_such_key();
  if (auto refused = call.may(Action::stop_keys, info->node)) return std::move(*refused);
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  if (auto done = call.services.directory.revoke_key(call.ids[0], call.author, *version); !done) {
    return problem(done.error());
  }
  return no_content();
}

ApiResponse rotate_key(Call& call) {
  const auto info = visible(call);
  if (!info) return no_such_key();
  if (auto refused = call.may(Action::write_keys, info->node)) return std::move(*refused);
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto overlap = body->integer("overlap_seconds", 0, 31'536'000);
  if (body->error()) return problem(*body->error());
  const auto version = call.if_version();
  if (!version) return problem(version.error());
  auto made =
      call.services.directory.rotate_key(call.ids[0], std::chrono::seconds(overlap.value_or(0)), call.author, *version);
  if (!made) return problem(made.error());
  return made_response(200, *made);
}

ApiResponse block_key(Call& call) { return set_blocked(call, true); }
ApiResponse unblock_key(Call& call) { return set_blocked(call, false); }

}  // namespace gatehouse::admin
