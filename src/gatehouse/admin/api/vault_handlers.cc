// The vault of values that tokens stand for: seeing and erasing them. Every attempt is in the change log before
// anything is shown or erased; where it cannot be written there, nothing is.
#include <array>

#include "gatehouse/admin/api/handlers.h"
#include "gatehouse/govern/directory/time_text.h"
#include "gatehouse/guard/vault/detokenise.h"

namespace gatehouse::admin {
namespace {

using govern::Action;

ApiResponse no_vault() { return problem(404, "not_found", "No vault is kept"); }

// May the actor do it for this tenant ("team:support")? One that is no node of the tree (any more) is everybody's.
std::optional<ApiResponse> may_at(const Call& call, Action action, std::string_view tenant) {
  const auto ref = govern::NodeRef::parse(tenant);
  if (!ref) return problem(400, "invalid_request", "tenant: KIND:ID, for instance team:support");
  return call.may(action, call.services.directory.find(*ref));
}

Result<> log_change(const Call& call, std::string_view action, std::string_view tenant, std::string after) {
  return call.services.store.commit({.number = 0,
                                     .time = call.author.time,
                                     .actor = call.author.id,
                                     .address = call.author.address,
                                     .action = std::string(action),
                                     .object = std::string(tenant),
                                     .before = {},
                                     .after = std::move(after)},
                                    [] { return Result<>(); });
}

class ChangeLogAudit final : public guard::DetokeniseAudit {
 public:
  explicit ChangeLogAudit(const Call& call) : call_(call) {}

  Result<> record(const guard::DetokeniseEvent& event) override {
    std::string after;
    json::Writer writer(after);
    writer.begin_object().key("reason").string(event.reason).key("tokens").begin_array();
    for (const auto& shown : event.shown) {
      writer.begin_object().key("token").string(shown.token).key("found").boolean(!shown.entity.empty());
      if (!shown.entity.empty()) writer.key("entity").string(shown.entity).key("scope").string(shown.scope);
      writer.end_object();
    }
    writer.end_array().end_object();
    return log_change(call_, "vault.detokenise", event.tenant, std::move(after));
  }

 private:
  const Call& call_;
};

}  // namespace

ApiResponse detokenise(Call& call) {
  if (call.services.vault == nullptr) return no_vault();
  auto body = call.body();
  if (!body) return problem(body.error());
  const auto tenant = body->text("tenant", guard::Vault::kMostName);
  auto tokens = body->list("tokens");
  const auto reason = body->text("reason", guard::DetokeniseCall::kMostReason);
  if (!tenant) body->wrong("tenant", "whose tokens, for instance team:support");
  if (!tokens) body->wrong("tokens", "1 to 100 of them");
  if (!reason) body->wrong("reason", "why they must be seen");
  if (body->error()) return problem(*body->error());
  if (auto refused = may_at(call, Action::reveal_values, *tenant)) return std::move(*refused);
  ChangeLogAudit audit(call);
  guard::Detokeniser detokeniser(*call.services.vault, audit);
  const auto shown = detokeniser.reveal({.actor = call.actor.id,
                                         .address = call.author.address,
                                         .tenant = *tenant,
                                         .tokens = std::move(*tokens),
                                         .reason = *reason},
                                        call.author.time);
  if (!shown) return problem(shown.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("data").begin_array();
  for (const auto& one : *shown) {
    writer.begin_object().key("token").string(one.token).key("found").boolean(one.found);
    if (one.found) {
      writer.key("entity").string(one.entity).key("value").string(one.value.reveal());
      writer.key("expires_at").string(govern::to_rfc3339(one.expires));
    }
    writer.end_object();
  }
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

ApiResponse erase_values(Call& call) {
  if (call.services.vault == nullptr) return no_vault();
  const std::string_view tenant = call.query.get("tenant");
  if (auto refused = may_at(call, Action::erase_values, tenant)) return std::move(*refused);
  // Everything is never meant by leaving something out.
  const auto all = call.query.flag("all");
  if (!all) return problem(all.error());
  std::string_view which = *all ? "all" : "";
  std::string_view name;
  int given = *all ? 1 : 0;
  for (const std::string_view parameter : {"token", "scope", "owner"}) {
    if (call.query.get(parameter).empty()) continue;
    which = parameter;
    name = call.query.get(parameter);
    ++given;
  }
  if (given != 1) return problem(400, "invalid_request", "one of token, scope, owner, and all=true");
  guard::TokenId token{};
  if (which == "token" && !guard::read_token_id(name, token)) {
    return problem(400, "invalid_request", "token: is no token");
  }
  if (name.size() > guard::Vault::kMostName) return problem(400, "invalid_request", "no name is so long");
  std::string what;
  json::Writer writer(what);
  writer.begin_object().key("erased").string(which);
  if (which == "token") writer.key("name").string("tok_" + std::string(guard::view(token)));
  if (which == "scope" || which == "owner") writer.key("name").string(name);
  writer.end_object();
  if (auto logged = log_change(call, "vault.erase", tenant, std::move(what)); !logged) {
    return problem(Error(Code::internal, "this could not be written to the change log, so nothing is erased"));
  }
  guard::Vault& vault = *call.services.vault;
  const auto erased = which == "token"   ? vault.erase(tenant, token)
                      : which == "scope" ? vault.erase_scope(tenant, name)
                      : which == "owner" ? vault.erase_owner(tenant, name)
                                         : vault.erase_tenant(tenant);
  if (!erased) return problem(erased.error());
  std::string text;
  json::Writer(text).begin_object().key("erased").unsigned_integer(*erased).end_object();
  return json_response(200, std::move(text));
}

ApiResponse get_vault(Call& call) {
  if (call.services.vault == nullptr) return no_vault();
  const auto uses = call.services.vault->key_uses();
  if (!uses) return problem(uses.error());
  const guard::VaultStats stats = call.services.vault->stats();
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("entries_in_memory").unsigned_integer(stats.entries);
  writer.key("bytes_in_memory").unsigned_integer(stats.bytes);
  writer.key("waiting").unsigned_integer(stats.waiting).key("written").unsigned_integer(stats.written);
  writer.key("refused").unsigned_integer(stats.refused).key("failures").unsigned_integer(stats.failures);
  writer.key("collisions").unsigned_integer(stats.collisions);
  writer.key("unreadable").unsigned_integer(stats.unreadable).key("keys").begin_array();
  for (const auto& use : *uses) {
    writer.begin_object().key("id").unsigned_integer(use.key).key("entries").unsigned_integer(use.entries).end_object();
  }
  writer.end_array().end_object();
  return json_response(200, std::move(text));
}

}  // namespace gatehouse::admin
