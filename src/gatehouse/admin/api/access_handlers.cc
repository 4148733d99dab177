#include "gatehouse/admin/api/handlers.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/govern/directory/time_text.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using govern::AdminKeyInfo;
using govern::Binding;
using govern::NodeRef;

// Whether the actor sees this binding: those on what is within reach.
bool sees(const Call& call, const Binding& binding) {
  const auto scope = call.services.access.scope_of(binding);
  return call.actor.may(Action::read_roles, scope.value_or(nullptr));
}

// An admin key is seen by who sees everything, and by who sees all that it may do.
bool sees(const Call& call, const AdminKeyInfo& key) {
  if (call.actor.may(Action::read_roles, nullptr)) return true;
  bool all = true;
  bool any = false;
  call.services.access.bindings("", [&](const Binding& binding) {
    const bool its =
        binding.subject == "admin_key:" + key.id || (!key.user.empty() && binding.subject == "user:" + key.user);
    any = any || its;
    all = all && (!its || sees(call, binding));
    return all;
  });
  return any && all;
}

ApiResponse set_blocked(Call& call, bool blocked) {
  const auto info = call.services.access.key(call.ids[0]);
  if (!info || !sees(call, *info)) return problem(404, "not_found", "There is no such admin key");
  auto done = call.services.access.block_key(call.actor, call.ids[0], blocked, call.author);
  if (!done) return problem(done.error());
  return object_response(200, *done, done->version);
}

}  // namespace

ApiResponse list_roles(Call& call) {
  const auto subject = call.query.get("subject");
  const auto& access = call.services.access;
  return page_response<Binding>(
      call, [&](std::string_view after, auto visit) { access.bindings(after, visit); },
      [&](const Binding& binding) { return (subject.empty() || binding.subject == subject) && sees(call, binding); },
      [](const Binding& binding) { return binding.id; });
}

ApiResponse grant_role(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto subject = body->text("subject", 300);
  const auto role_name = body->text("role", 32);
  const auto scope_text = body->text("scope", 300);
  if (!subject) body->wrong("subject", "admin_key:ID or user:ID");
  const auto role = govern::role_from_name(role_name.value_or(""));
  if (!role) body->wrong("role", "owner, security-admin, operator, developer or auditor");
  // Everything is never meant by leaving something out.
  std::optional<NodeRef> scope;
  if (!scope_text) {
    body->wrong("scope", "KIND:ID, or * for everything");
  } else if (*scope_text != "*") {
    scope = NodeRef::parse(*scope_text);
    if (!scope) body->wrong("scope", "KIND:ID, or * for everything");
  }
  if (body->error()) return problem(*body->error());
  auto made = call.services.access.grant(call.actor, *subject, *role, scope, call.author);
  if (!made) return problem(made.error());
  return object_response(201, *made, made->version);
}

ApiResponse revoke_role(Call& call) {
  const auto binding = call.services.access.binding(call.ids[0]);
  if (!binding || !sees(call, *binding)) return problem(404, "not_found", "There is no such role binding");
  if (auto done = call.services.access.revoke(call.actor, call.ids[0], call.author); !done) {
    return problem(done.error());
  }
  return no_content();
}

ApiResponse list_admin_keys(Call& call) {
  const auto& access = call.services.access;
  return page_response<AdminKeyInfo>(
      call, [&](std::string_view after, auto visit) { access.keys(after, visit); },
      [&](const AdminKeyInfo& key) { return sees(call, key); }, [](const AdminKeyInfo& key) { return key.id; });
}

ApiResponse create_admin_key(Call& call) {
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto name = body->text("name");
  const auto user = body->text("user", govern::kMaxIdSize);
  const auto expires = body->time("expires_at");
  if (body->error()) return problem(*body->error());
  auto made = call.services.access.create_key(call.actor, name.value_or(""), user.value_or(""), expires, call.author);
  if (!made) return problem(made.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("key").string(made->key.reveal()).key("object");
  write(writer, made->info);
  writer.end_object();
  return json_response(201, std::move(text));
}

ApiResponse get_admin_key(Call& call) {
  const auto info = call.services.access.key(call.ids[0]);
  if (!info || !sees(call, *info)) return problem(404, "not_found", "There is no such admin key");
  return object_response(200, *info, info->version);
}

ApiResponse delete_admin_key(Call& call) {
  const auto info = call.services.access.key(call.ids[0]);
  if (!info || !sees(call, *info)) return problem(404, "not_found", "There is no such admin key");
  if (auto done = call.services.access.delete_key(call.actor, call.ids[0], call.author); !done) {
    return problem(done.error());
  }
  return no_content();
}

ApiResponse block_admin_key(Call& call) { return set_blocked(call, true); }
ApiResponse unblock_admin_key(Call& call) { return set_blocked(call, false); }

ApiResponse whoami(Call& call) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("id").string(call.actor.id);
  if (!call.actor.user.empty()) writer.key("user").string(call.actor.user);
  writer.key("grants").begin_array();
  for (const auto& grant : call.actor.grants) {
    writer.begin_object().key("role").string(name(grant.role));
    writer.key("scope").string(grant.scope == nullptr ? "*" : govern::ref_of(*grant.scope).to_string()).end_object();
  }
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

ApiResponse list_changes(Call& call) {
  const auto limit = call.query.limit(100, kMostPerPage);
  if (!limit) return problem(limit.error());
  const auto after = read_cursor(call.route.id, call.query.get("cursor"));
  if (!after) return problem(after.error());
  const auto before = after->empty() ? std::optional<std::uint64_t>(0) : base::parse_u64(*after);
  const auto from = call.query.time("from");
  if (!from) return problem(from.error());
  const auto until = call.query.time("until");
  if (!until) return problem(until.error());
  if (!before || *before > static_cast<std::uint64_t>(INT64_MAX)) {
    return problem(400, "invalid_request", "cursor: not one of this list");
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("data").begin_array();
  std::size_t count = 0;
  std::int64_t last = 0;
  auto read = call.services.store.changes({.before = static_cast<std::int64_t>(*before),
                                           .limit = static_cast<std::int64_t>(*limit),
                                           .actor = std::string(call.query.get("actor")),
                                           .object = std::string(call.query.get("object")),
                                           .action = std::string(call.query.get("action")),
                                           .from = *from,
                                           .until = *until},
                                          [&](const govern::Change& change) {
                                            ++count;
                                            last = change.number;
                                            writer.begin_object().key("number").integer(change.number);
                                            writer.key("time").string(govern::to_rfc3339(change.time));
                                            writer.key("actor").string(change.actor);
                                            writer.key("address").string(change.address);
                                            writer.key("action").string(change.action);
                                            writer.key("object").string(change.object);
                                            if (!change.before.empty()) writer.key("before").raw(change.before);
                                            if (!change.after.empty()) writer.key("after").raw(change.after);
                                            writer.end_object();
                                          });
  if (!read) return problem(read.error());
  writer.end_array();
  if (count == *limit && last > 1) writer.key("next_cursor").string(make_cursor(call.route.id, std::to_string(last)));
  writer.end_object();
  return json_response(200, std::move(text));
}

}  // namespace gatehouse::admin
