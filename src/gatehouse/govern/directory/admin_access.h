#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/directory/directory.h"
#include "gatehouse/govern/directory/directory_store.h"
#include "gatehouse/govern/directory/identity.h"
#include "gatehouse/govern/directory/roles.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::govern {

struct AdminKeyInfo {
  std::string id;
  std::string name;
  std::string user;  // whose it is: it has that user's roles beside its own; empty: nobody's
  std::string hint;  // "gha-4xKp"
  std::optional<base::WallTime> expires_at;
  bool blocked = false;
  base::WallTime created_at{};
  std::int64_t version = 0;
};

// A role for somebody on a part of the tree.
struct Binding {
  std::string id;
  std::string subject;  // "admin_key:ID" or "user:ID"
  Role role = Role::auditor;
  std::optional<NodeRef> scope;  // nothing: all of the tree
  base::WallTime created_at{};
  std::int64_t version = 0;
};

void write(json::Writer& writer, const AdminKeyInfo& info);
void write(json::Writer& writer, const Binding& binding);

// Who may use the admin API, and as what: admin keys (`gha-...`, kept as HMAC-SHA256 only) and role bindings of admin
// keys and users. Every change is checked here against what its actor has: nobody gives, takes away or stands in for
// more than that. Control thread; directory and store outlive it. Errors: Code::forbidden where the actor's roles do
// not carry it, and those of Directory.
class AdminAccess {
 public:
  static Result<std::unique_ptr<AdminAccess>> open(DirectoryStore& store, Directory& directory,
                                                   const base::Clock& clock,
                                                   base::Random random = base::Random::from_device());

  // At the first start: where nobody is owner of everything, an admin key that is. Shown once.
  Result<std::optional<base::Secret>> first_owner();

  // Code::unauthenticated, always with the same detail.
  Result<Actor> authenticate(std::string_view presented);

  struct MadeKey {
    AdminKeyInfo info;
    base::Secret key;
  };
  // A key has no role until it is given one. One that is a user's is made by that user, or by somebody who may give
  // roles on all of the tree.
  Result<MadeKey> create_key(const Actor& by, std::string name, std::string user,
                             std::optional<base::WallTime> expires_at, const Author& author);
  Result<AdminKeyInfo> block_key(const Actor& by, std::string_view id, bool blocked, const Author& author);
  // Its bindings go with it. The last owner of everything stays.
  Result<> delete_key(const Actor& by, std::string_view id, const Author& author);
  std::optional<AdminKeyInfo> key(std::string_view id) const;
  void keys(std::string_view after, base::FunctionRef<bool(const AdminKeyInfo&)> visit) const;

  Result<Binding> grant(const Actor& by, const std::string& subject, Role role, const std::optional<NodeRef>& scope,
                        const Author& author);
  Result<> revoke(const Actor& by, std::string_view id, const Author& author);
  std::optional<Binding> binding(std::string_view id) const;
  void bindings(std::string_view after, base::FunctionRef<bool(const Binding&)> visit) const;
  // The place that a binding is for; nothing where it is not there any more. Null in it: everything.
  std::optional<const Node*> scope_of(const Binding& binding) const;

 private:
  AdminAccess(DirectoryStore& store, Directory& directory, const base::Clock& clock, base::Random random);
  Result<> load();
  std::vector<Grant> grants_of(const AdminKeyInfo& key) const;
  bool usable(const AdminKeyInfo& key, base::WallTime now) const;
  // Whether somebody is left who may do everything when this key, or this binding, is not.
  bool owner_left_without(std::string_view key, std::string_view binding) const;
  // Whether `by` could have given all that this key has.
  Result<> may_touch(const Actor& by, const AdminKeyInfo& key) const;
  std::string new_id(std::string_view prefix);
  AdminKeyRow row_of(const AdminKeyInfo& key) const;

  struct Key {
    AdminKeyInfo info;
    crypto::Digest digest{};
  };
  DirectoryStore& store_;
  Directory& directory_;
  const base::Clock& clock_;
  base::Random random_;
  crypto::HmacSha256 hash_;
  std::map<std::string, Key, std::less<>> keys_;
  std::map<crypto::Digest, std::string> by_digest_;
  std::map<std::string, Binding, std::less<>> bindings_;
};

}  // namespace gatehouse::govern
