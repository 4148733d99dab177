#include "gatehouse/govern/directory/admin_access.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/govern/directory/time_text.h"

namespace gatehouse::govern {
namespace {

constexpr std::size_t kMostAdminKeys = 10'000;
constexpr std::size_t kMostBindings = 100'000;

std::string json_of(const auto& value) {
  std::string out;
  json::Writer writer(out);
  write(writer, value);
  return out;
}

constexpr std::string_view kKeySubject = "admin_key:";
constexpr std::string_view kUserSubject = "user:";

}  // namespace

void write(json::Writer& writer, const AdminKeyInfo& info) {
  writer.begin_object().key("id").string(info.id).key("name").string(info.name).key("hint").string(info.hint);
  if (!info.user.empty()) writer.key("user").string(info.user);
  if (info.expires_at) writer.key("expires_at").string(to_rfc3339(*info.expires_at));
  writer.key("blocked").boolean(info.blocked).key("created_at").string(to_rfc3339(info.created_at));
  writer.key("version").integer(info.version).end_object();
}

void write(json::Writer& writer, const Binding& binding) {
  writer.begin_object().key("id").string(binding.id).key("subject").string(binding.subject);
  writer.key("role").string(name(binding.role)).key("scope").string(binding.scope ? binding.scope->to_string() : "*");
  writer.key("created_at").string(to_rfc3339(binding.created_at));
  writer.key("version").integer(binding.version).end_object();
}

AdminAccess::AdminAccess(DirectoryStore& store, Directory& directory, const base::Clock& clock, base::Random random)
    : store_(store),
      directory_(directory),
      clock_(clock),
      random_(random),
      // Another use of the secret, another key: a digest of one table means nothing in the other.
      hash_("admin:" + std::string(directory.hash_secret().reveal())) {}

Result<std::unique_ptr<AdminAccess>> AdminAccess::open(DirectoryStore& store, Directory& directory,
                                                       const base::Clock& clock, base::Random random) {
  std::unique_ptr<AdminAccess> made(new AdminAccess(store, directory, clock, random));
  if (auto loaded = made->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return made;
}

Result<> AdminAccess::load() {
  bool good = true;
  auto read = store_.load_admin_keys([&](const AdminKeyRow& row) {
    const auto bytes = crypto::from_hex(row.digest);
    Key key;
    good = good && bytes && bytes->size() == key.digest.size();
    if (!good) return;
    std::memcpy(key.digest.data(), bytes->data(), key.digest.size());
    key.info = {.id = row.id,
                .name = row.name,
                .user = row.user,
                .hint = row.hint,
                .expires_at = row.expires_at ? std::optional(from_millis(*row.expires_at)) : std::nullopt,
                .blocked = row.blocked,
                .created_at = from_millis(row.created_at),
                .version = row.version};
    by_digest_.emplace(key.digest, row.id);
    keys_.emplace(row.id, std::move(key));
  });
  if (!read) return read;
  read = store_.load_bindings([&](const BindingRow& row) {
    const auto role = role_from_name(row.role);
    auto scope = NodeRef::parse(row.scope);
    good = good && role && (scope || row.scope.empty());
    if (!good) return;
    bindings_.emplace(row.id, Binding{.id = row.id,
                                      .subject = row.subject,
                                      .role = *role,
                                      .scope = std::move(scope),
                                      .created_at = from_millis(row.created_at),
                                      .version = row.version});
  });
  if (!read) return read;
  if (!good) return fail(Code::configuration, "the store is damaged: admin keys or roles");
  return {};
}

std::string AdminAccess::new_id(std::string_view prefix) {
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  for (;;) {
    std::string id(prefix);
    for (int i = 0; i < 11; ++i) id += kDigits[random_.below(32)];
    if (!keys_.contains(id) && !bindings_.contains(id)) return id;
  }
}

AdminKeyRow AdminAccess::row_of(const AdminKeyInfo& key) const {
  AdminKeyRow row{.id = key.id,
                  .name = key.name,
                  .user = key.user,
                  .hint = key.hint,
                  .digest = {},
                  .expires_at = std::nullopt,
                  .blocked = key.blocked,
                  .created_at = to_millis(key.created_at),
                  .version = key.version};
  if (key.expires_at) row.expires_at = to_millis(*key.expires_at);
  if (const auto at = keys_.find(key.id); at != keys_.end()) row.digest = crypto::to_hex(at->second.digest);
  return row;
}

std::optional<const Node*> AdminAccess::scope_of(const Binding& binding) const {
  if (!binding.scope) return nullptr;
  const Node* node = directory_.place(*binding.scope);
  if (node == nullptr) return std::nullopt;
  return node;
}

std::vector<Grant> AdminAccess::grants_of(const AdminKeyInfo& key) const {
  std::vector<Grant> grants;
  for (const auto& [id, binding] : bindings_) {
    const std::string_view subject = binding.subject;
    const bool its = subject.starts_with(kKeySubject) && subject.substr(kKeySubject.size()) == key.id;
    const bool users =
        !key.user.empty() && subject.starts_with(kUserSubject) && subject.substr(kUserSubject.size()) == key.user;
    if (!its && !users) continue;
    if (const auto scope = scope_of(binding)) grants.push_back({.role = binding.role, .scope = *scope});
  }
  return grants;
}

bool AdminAccess::usable(const AdminKeyInfo& key, base::WallTime now) const {
  if (key.blocked || (key.expires_at && now >= *key.expires_at)) return false;
  if (key.user.empty()) return true;
  const Node* user = directory_.place({.kind = NodeKind::user, .id = key.user});
  return user != nullptr && user->is_active();
}

Result<Actor> AdminAccess::authenticate(std::string_view presented) {
  // One answer for all reasons: who has no key learns nothing about those that exist.
  const auto refused = [] {
    return fail(Code::unauthenticated, "An admin key is needed: Authorization: Bearer gha-...");
  };
  if (crypto::admin_key_form(presented) != crypto::KeyForm::ours) return refused();
  const auto at = by_digest_.find(hash_(presented));
  if (at == by_digest_.end()) return refused();
  const AdminKeyInfo& key = keys_.find(at->second)->second.info;
  if (!usable(key, clock_.wall())) return refused();
  return Actor{.id = key.user.empty() ? "admin_key:" + key.id : "user:" + key.user + "/" + key.id,
               .user = key.user,
               .grants = grants_of(key)};
}

Result<std::optional<base::Secret>> AdminAccess::first_owner() {
  // The last owner cannot be removed, so where there is none there never was one (or the first start was cut off).
  for (const auto& [id, binding] : bindings_) {
    if (binding.role == Role::owner && !binding.scope) return std::optional<base::Secret>();
  }
  Actor system{.id = "system", .user = {}, .grants = {{.role = Role::owner, .scope = nullptr}}};
  const Author author{.id = "system", .address = {}, .time = clock_.wall()};
  auto made = create_key(system, "first owner", {}, std::nullopt, author);
  if (!made) return std::unexpected(std::move(made.error()));
  auto granted = grant(system, "admin_key:" + made->info.id, Role::owner, std::nullopt, author);
  if (!granted) return std::unexpected(std::move(granted.error()));
  return std::optional(std::move(made->key));
}

Result<AdminAccess::MadeKey> AdminAccess::create_key(const Actor& by, std::string name, std::string user,
                                                     std::optional<base::WallTime> expires_at, const Author& author) {
  if (!by.may_somewhere(Action::write_roles)) return fail(Code::forbidden, "Your roles do not allow write_roles");
  if (auto good = check(NodeSpec{.name = name, .access = {}, .metadata = {}}); !good) {
    return std::unexpected(std::move(good.error()));
  }
  if (!user.empty()) {
    const auto known = directory_.node({.kind = NodeKind::user, .id = user});
    if (!known || known->deleted) return fail(Code::invalid_request, "The user is not there");
    // Whoever holds a user's key has what that user is given later.
    if (by.user != user && !by.may(Action::write_roles, nullptr)) {
      return fail(Code::forbidden, "A user's admin key is made by the user, or by who gives roles everywhere");
    }
    AdminKeyInfo would{.id = {}, .name = {}, .user = user, .hint = {}, .expires_at = {}};
    if (by.user != user) {
      if (auto touch = may_touch(by, would); !touch) return std::unexpected(std::move(touch.error()));
    }
  }
  if (keys_.size() >= kMostAdminKeys) return fail(Code::conflict, "There are as many admin keys as there may be");
  base::Secret secret(crypto::make_admin_key());
  Key key;
  key.digest = hash_(secret.reveal());
  key.info = {.id = new_id("adm_"),
              .name = std::move(name),
              .user = std::move(user),
              .hint = std::string(secret.reveal().substr(0, crypto::kAdminKeyPrefix.size() + 4)),
              .expires_at = expires_at,
              .blocked = false,
              .created_at = author.time,
              .version = store_.next_number()};
  AdminKeyRow row = row_of(key.info);
  row.digest = crypto::to_hex(key.digest);
  auto stored = store_.commit({.number = 0,
                               .time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = "admin_key.create",
                               .object = "admin_key:" + key.info.id,
                               .before = {},
                               .after = json_of(key.info)},
                              [&] { return store_.put(row); });
  if (!stored) return std::unexpected(std::move(stored.error()));
  by_digest_.emplace(key.digest, key.info.id);
  AdminKeyInfo info = key.info;
  keys_.emplace(info.id, std::move(key));
  return MadeKey{.info = std::move(info), .key = std::move(secret)};
}

Result<> AdminAccess::may_touch(const Actor& by, const AdminKeyInfo& key) const {
  if (!by.may_somewhere(Action::write_roles)) return fail(Code::forbidden, "Your roles do not allow write_roles");
  const auto grants = grants_of(key);
  const bool all = std::ranges::all_of(grants, [&](const Grant& g) { return by.may_grant(g.role, g.scope); });
  if (!all) return fail(Code::forbidden, "The key has roles that you could not give");
  return {};
}

bool AdminAccess::owner_left_without(std::string_view without_key, std::string_view without_binding) const {
  return std::ranges::any_of(keys_, [&](const auto& entry) {
    const AdminKeyInfo& key = entry.second.info;
    if (key.id == without_key || key.expires_at || !usable(key, clock_.wall())) return false;
    return std::ranges::any_of(bindings_, [&](const auto& bound) {
      const Binding& binding = bound.second;
      return binding.id != without_binding && binding.role == Role::owner && !binding.scope &&
             (binding.subject == "admin_key:" + key.id || (!key.user.empty() && binding.subject == "user:" + key.user));
    });
  });
}

Result<AdminKeyInfo> AdminAccess::block_key(const Actor& by, std::string_view id, bool blocked, const Author& author) {
  const auto at = keys_.find(id);
  if (at == keys_.end()) return fail(Code::not_found, "No such admin key");
  AdminKeyInfo after = at->second.info;
  if (auto touch = may_touch(by, after); !touch) return std::unexpected(std::move(touch.error()));
  if (blocked && !owner_left_without(id, {})) return fail(Code::conflict, "Nobody would be owner of everything");
  const std::string before = json_of(after);
  after.blocked = blocked;
  after.version = store_.next_number();
  auto stored = store_.commit({.number = 0,
                               .time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = blocked ? "admin_key.block" : "admin_key.unblock",
                               .object = "admin_key:" + after.id,
                               .before = before,
                               .after = json_of(after)},
                              [&] { return store_.put(row_of(after)); });
  if (!stored) return std::unexpected(std::move(stored.error()));
  at->second.info = after;
  return after;
}

Result<> AdminAccess::delete_key(const Actor& by, std::string_view id, const Author& author) {
  const auto at = keys_.find(id);
  if (at == keys_.end()) return fail(Code::not_found, "No such admin key");
  const AdminKeyInfo info = at->second.info;
  if (auto touch = may_touch(by, info); !touch) return touch;
  if (!owner_left_without(id, {})) return fail(Code::conflict, "Nobody would be owner of everything");
  const std::string subject = "admin_key:" + info.id;
  std::vector<std::string> theirs;
  for (const auto& [binding_id, binding] : bindings_) {
    if (binding.subject == subject) theirs.push_back(binding_id);
  }
  auto stored = store_.commit({.number = 0,
                               .time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = "admin_key.delete",
                               .object = subject,
                               .before = json_of(info),
                               .after = {}},
                              [&]() -> Result<> {
                                for (const auto& binding : theirs) {
                                  if (auto gone = store_.remove_binding(binding); !gone) return gone;
                                }
                                return store_.remove_admin_key(info.id);
                              });
  if (!stored) return stored;
  for (const auto& binding : theirs) bindings_.erase(binding);
  by_digest_.erase(at->second.digest);
  keys_.erase(at);
  return {};
}

Result<Binding> AdminAccess::grant(const Actor& by, const std::string& subject, Role role,
                                   const std::optional<NodeRef>& scope, const Author& author) {
  const Node* node = nullptr;
  if (scope) {
    const bool level = scope->kind <= NodeKind::user;
    node = level ? directory_.place(*scope) : nullptr;
    if (node == nullptr) return fail(Code::invalid_request, "The scope is not there");
  }
  const std::string_view whom = subject;
  bool known = false;
  if (whom.starts_with(kKeySubject)) {
    known = keys_.contains(whom.substr(kKeySubject.size()));
  } else if (whom.starts_with(kUserSubject)) {
    const auto user = NodeRef::parse(whom);
    const auto info = user ? directory_.node(*user) : std::nullopt;
    known = info && !info->deleted;
  }
  // First what the actor may, then what there is: otherwise it could be used to ask who exists.
  if (!by.may_grant(role, node)) return fail(Code::forbidden, "Nobody gives a role that goes beyond his own");
  if (!known) return fail(Code::invalid_request, "The subject is not there: admin_key:ID or user:ID");
  if (bindings_.size() >= kMostBindings) return fail(Code::conflict, "There are as many roles as there may be");
  for (const auto& [id, binding] : bindings_) {
    if (binding.subject == subject && binding.role == role && binding.scope == scope) {
      return fail(Code::conflict, "It has this role already");
    }
  }
  Binding made{.id = new_id("rol_"),
               .subject = subject,
               .role = role,
               .scope = scope,
               .created_at = author.time,
               .version = store_.next_number()};
  const BindingRow row{.id = made.id,
                       .subject = subject,
                       .role = std::string(name(role)),
                       .scope = scope ? scope->to_string() : std::string(),
                       .created_at = to_millis(made.created_at),
                       .version = made.version};
  auto stored = store_.commit({.number = 0,
                               .time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = "role.grant",
                               .object = "role:" + made.id,
                               .before = {},
                               .after = json_of(made)},
                              [&] { return store_.put(row); });
  if (!stored) return std::unexpected(std::move(stored.error()));
  bindings_.emplace(made.id, made);
  return made;
}

Result<> AdminAccess::revoke(const Actor& by, std::string_view id, const Author& author) {
  const auto at = bindings_.find(id);
  if (at == bindings_.end()) return fail(Code::not_found, "No such role binding");
  const Binding& binding = at->second;
  const auto scope = scope_of(binding);
  // What is for a place that is gone gives nothing; only who rules everything tidies it up.
  const bool may = scope ? by.may_grant(binding.role, *scope) : by.may(Action::write_roles, nullptr);
  if (!may) return fail(Code::forbidden, "Nobody takes a role that he could not give");
  if (binding.role == Role::owner && !binding.scope && !owner_left_without({}, id)) {
    return fail(Code::conflict, "Nobody would be owner of everything");
  }
  auto stored = store_.commit({.number = 0,
                               .time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = "role.revoke",
                               .object = "role:" + binding.id,
                               .before = json_of(binding),
                               .after = {}},
                              [&] { return store_.remove_binding(binding.id); });
  if (!stored) return stored;
  bindings_.erase(at);
  return {};
}

std::optional<AdminKeyInfo> AdminAccess::key(std::string_view id) const {
  const auto at = keys_.find(id);
  return at == keys_.end() ? std::nullopt : std::optional(at->second.info);
}

void AdminAccess::keys(std::string_view after, base::FunctionRef<bool(const AdminKeyInfo&)> visit) const {
  for (auto at = after.empty() ? keys_.begin() : keys_.upper_bound(after); at != keys_.end(); ++at) {
    if (!visit(at->second.info)) return;
  }
}

std::optional<Binding> AdminAccess::binding(std::string_view id) const {
  const auto at = bindings_.find(id);
  return at == bindings_.end() ? std::nullopt : std::optional(at->second);
}

void AdminAccess::bindings(std::string_view after, base::FunctionRef<bool(const Binding&)> visit) const {
  for (auto at = after.empty() ? bindings_.begin() : bindings_.upper_bound(after); at != bindings_.end(); ++at) {
    if (!visit(at->second)) return;
  }
}

}  // namespace gatehouse::govern
