#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/govern/directory/identity.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::govern {

// The rows of the store's component "directory". Times are milliseconds since 1970; places in the tree are NodeRefs as
// text; digests are hexadecimal. `version` is the number of the change that wrote the row last.
struct NodeRow {
  std::string kind{}, id{}, parent{};  // parent "": none
  std::string name{}, access{}, metadata{};
  bool active = true;
  bool deleted = false;
  std::int64_t created_at = 0;
  std::int64_t version = 0;
};
struct KeyRow {
  std::string id{}, parent{}, owner{};  // owner: a user's id, or ""
  std::string name{}, hint{}, access{}, metadata{};
  std::string digest{};
  std::string previous_digest{};  // "": none
  std::int64_t previous_until = 0;
  std::string priority{};
  std::int64_t weight = 1;
  std::optional<std::int64_t> expires_at{};
  std::optional<std::int64_t> revoked_at{};
  bool blocked = false;
  std::int64_t created_at = 0;
  std::int64_t version = 0;
};
struct AdminKeyRow {
  std::string id{}, name{}, user{}, hint{}, digest{};  // user: whose it is, or ""
  std::optional<std::int64_t> expires_at{};
  bool blocked = false;
  std::int64_t created_at = 0;
  std::int64_t version = 0;
};
struct BindingRow {
  std::string id{}, subject{}, role{}, scope{};  // subject "admin_key:ID" or "user:ID"; scope "": all
  std::int64_t created_at = 0;
  std::int64_t version = 0;
};
struct LimitRow {
  std::string id{}, scope{}, body{};  // body: JSON
  std::int64_t created_at = 0;
  std::int64_t version = 0;
};

// What of the change log is asked for: newest first.
struct ChangeQuery {
  std::int64_t before = 0;  // numbers below it; 0: from the newest on
  std::int64_t limit = 100;
  std::string actor, object, action;  // exact; empty: any
  std::optional<base::WallTime> from, until;
};

// The directory in the store: rows in and out, and the change log, to which lines are only ever added. Owner: app;
// control thread; the database outlives it. Errors: Code::io and what store/database.h says; Code::configuration where
// the store's schema is not ours.
class DirectoryStore {
 public:
  // The schema, for store::migrate.
  static const store::Component& component();
  // `keep_changes`: how many lines of the log are kept, for a store that lives in memory; 0: all.
  static Result<std::unique_ptr<DirectoryStore>> open(store::Database& database, std::int64_t keep_changes = 0);
  ~DirectoryStore();

  Result<> load_nodes(base::FunctionRef<void(NodeRow)> visit);
  Result<> load_keys(base::FunctionRef<void(KeyRow)> visit);
  Result<> load_admin_keys(base::FunctionRef<void(AdminKeyRow)> visit);
  Result<> load_bindings(base::FunctionRef<void(BindingRow)> visit);
  Result<> load_limits(base::FunctionRef<void(LimitRow)> visit);
  Result<std::optional<std::string>> setting(std::string_view name);
  Result<> set_setting(std::string_view name, std::string_view value);
  // Keys that were revoked before this moment are forgotten; the change log still tells of them.
  Result<> purge_revoked(base::WallTime before);

  // The number that the next change will have.
  std::int64_t next_number() const { return next_number_; }
  // One change: `write` puts its rows; they and the line of the log are stored together or not at all. The change's
  // number is next_number() and set here.
  Result<> commit(Change change, base::FunctionRef<Result<>()> write);

  // Inside `commit` only.
  Result<> put(const NodeRow& row);
  Result<> put(const KeyRow& row);
  Result<> put(const AdminKeyRow& row);
  Result<> put(const BindingRow& row);
  Result<> put(const LimitRow& row);
  Result<> remove_admin_key(std::string_view id);
  Result<> remove_binding(std::string_view id);
  Result<> remove_limit(std::string_view id);

  Result<> changes(const ChangeQuery& query, base::FunctionRef<void(const Change&)> visit);

 private:
  struct Statements;
  DirectoryStore(store::Database& database, std::int64_t keep_changes, std::unique_ptr<Statements> statements);

  store::Database& database_;
  const std::int64_t keep_changes_;
  std::unique_ptr<Statements> sql_;
  std::int64_t next_number_ = 1;
};

}  // namespace gatehouse::govern
