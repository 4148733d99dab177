#include "gatehouse/govern/directory/directory_store.h"

#include <array>
#include <span>
#include <utility>

#include "gatehouse/govern/directory/time_text.h"

namespace gatehouse::govern {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE directory_nodes(
  kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL, name TEXT NOT NULL, access TEXT NOT NULL,
  metadata TEXT NOT NULL, active BIGINT NOT NULL, deleted BIGINT NOT NULL, created_at BIGINT NOT NULL,
  version BIGINT NOT NULL, PRIMARY KEY(kind, id));
CREATE TABLE directory_keys(
  id TEXT NOT NULL PRIMARY KEY, parent TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, hint TEXT NOT NULL,
  access TEXT NOT NULL, metadata TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, previous_digest TEXT NOT NULL,
  previous_until BIGINT NOT NULL, priority TEXT NOT NULL, weight BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT,
  blocked BIGINT NOT NULL, created_at BIGINT NOT NULL, version BIGINT NOT NULL);
CREATE TABLE directory_admin_keys(
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, hint TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE, expires_at BIGINT, blocked BIGINT NOT NULL, created_at BIGINT NOT NULL,
  version BIGINT NOT NULL);
CREATE TABLE directory_bindings(
  id TEXT NOT NULL PRIMARY KEY, subject TEXT NOT NULL, role TEXT NOT NULL, scope TEXT NOT NULL,
  created_at BIGINT NOT NULL, version BIGINT NOT NULL);
CREATE TABLE directory_limits(
  id TEXT NOT NULL PRIMARY KEY, scope TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL,
  version BIGINT NOT NULL);
CREATE TABLE directory_changes(
  number BIGINT NOT NULL PRIMARY KEY, time BIGINT NOT NULL, actor TEXT NOT NULL, address TEXT NOT NULL,
  action TEXT NOT NULL, object TEXT NOT NULL, old_value TEXT NOT NULL, new_value TEXT NOT NULL);
CREATE INDEX directory_changes_object ON directory_changes(object, number);
CREATE TABLE directory_settings(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
)sql";

constexpr auto kMigrations =
    std::to_array<store::Migration>({{.number = 1, .name = "identity tree, keys, roles", .sql = kFirst}});
constexpr store::Component kComponent{.name = "directory", .migrations = kMigrations};

void bind(store::Statement& statement, int at, const std::optional<std::int64_t>& value) {
  if (value) {
    statement.bind_integer(at, *value);
  } else {
    statement.bind_null(at);
  }
}

std::optional<std::int64_t> optional_integer(const store::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.integer(column);
}

std::string text(const store::Statement& row, int column) { return std::string(row.text(column)); }

Result<> done(store::Statement& statement) {
  auto ran = statement.run();
  if (!ran) return std::unexpected(std::move(ran.error()));
  return {};
}

}  // namespace

struct DirectoryStore::Statements {
  std::unique_ptr<store::Statement> put_node, put_key, put_admin_key, put_binding, put_limit, put_change, put_setting;
  std::unique_ptr<store::Statement> get_setting, drop_admin_key, drop_binding, drop_limit, drop_revoked, drop_changes;
};

namespace {

Result<> each(store::Database& database, std::string_view sql, base::FunctionRef<void(const store::Statement&)> visit) {
  auto select = database.prepare(sql);
  if (!select) return std::unexpected(std::move(select.error()));
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    visit(**select);
  }
}

}  // namespace

const store::Component& DirectoryStore::component() { return kComponent; }

DirectoryStore::DirectoryStore(store::Database& database, std::int64_t keep_changes,
                               std::unique_ptr<Statements> statements)
    : database_(database), keep_changes_(keep_changes), sql_(std::move(statements)) {}
DirectoryStore::~DirectoryStore() = default;

Result<std::unique_ptr<DirectoryStore>> DirectoryStore::open(store::Database& database, std::int64_t keep_changes) {
  auto sql = std::make_unique<Statements>();
  const auto statements = std::to_array<std::pair<std::unique_ptr<store::Statement>*, std::string_view>>({
      {&sql->put_node,
       "INSERT INTO directory_nodes(kind, id, parent, name, access, metadata, active, deleted, created_at, version) "
       "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT(kind, id) DO UPDATE SET name = excluded.name, "
       "access = excluded.access, metadata = excluded.metadata, active = excluded.active, deleted = excluded.deleted, "
       "version = excluded.version"},
      {&sql->put_key,
       "INSERT INTO directory_keys(id, parent, owner, name, hint, access, metadata, digest, previous_digest, "
       "previous_until, priority, weight, expires_at, revoked_at, blocked, created_at, version) "
       "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) "
       "ON CONFLICT(id) DO UPDATE SET owner = excluded.owner, name = excluded.name, hint = excluded.hint, "
       "access = excluded.access, metadata = excluded.metadata, digest = excluded.digest, "
       "previous_digest = excluded.previous_digest, previous_until = excluded.previous_until, "
       "priority = excluded.priority, weight = excluded.weight, expires_at = excluded.expires_at, "
       "revoked_at = excluded.revoked_at, blocked = excluded.blocked, version = excluded.version"},
      {&sql->put_admin_key,
       "INSERT INTO directory_admin_keys(id, name, owner, hint, digest, expires_at, blocked, created_at, version) "
       "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT(id) DO UPDATE SET name = excluded.name, "
       "expires_at = excluded.expires_at, blocked = excluded.blocked, version = excluded.version"},
      {&sql->put_binding,
       "INSERT INTO directory_bindings(id, subject, role, scope, created_at, version) VALUES($1, $2, $3, $4, $5, $6)"},
      {&sql->put_limit,
       "INSERT INTO directory_limits(id, scope, body, created_at, version) VALUES($1, $2, $3, $4, $5) "
       "ON CONFLICT(id) DO UPDATE SET body = excluded.body, version = excluded.version"},
      {&sql->put_change,
       "INSERT INTO directory_changes(number, time, actor, address, action, object, old_value, new_value) "
       "VALUES($1, $2, $3, $4, $5, $6, $7, $8)"},
      {&sql->put_setting,
       "INSERT INTO directory_settings(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = "
       "excluded.value"},
      {&sql->get_setting, "SELECT value FROM directory_settings WHERE name = $1"},
      {&sql->drop_admin_key, "DELETE FROM directory_admin_keys WHERE id = $1"},
      {&sql->drop_binding, "DELETE FROM directory_bindings WHERE id = $1"},
      {&sql->drop_limit, "DELETE FROM directory_limits WHERE id = $1"},
      {&sql->drop_revoked, "DELETE FROM directory_keys WHERE revoked_at < $1"},
      {&sql->drop_changes, "DELETE FROM directory_changes WHERE number <= $1"},
  });
  for (const auto& [to, source] : statements) {
    auto prepared = database.prepare(source);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    *to = std::move(*prepared);
  }
  std::unique_ptr<DirectoryStore> made(new DirectoryStore(database, keep_changes, std::move(sql)));
  auto last = each(database, "SELECT MAX(number) FROM directory_changes",
                   [&](const store::Statement& row) { made->next_number_ = row.integer(0) + 1; });
  if (!last) return std::unexpected(std::move(last.error()));
  return made;
}

Result<> DirectoryStore::load_nodes(base::FunctionRef<void(NodeRow)> visit) {
  return each(database_,
              "SELECT kind, id, parent, name, access, metadata, active, deleted, created_at, version "
              "FROM directory_nodes",
              [&](const store::Statement& row) {
                visit({.kind = text(row, 0),
                       .id = text(row, 1),
                       .parent = text(row, 2),
                       .name = text(row, 3),
                       .access = text(row, 4),
                       .metadata = text(row, 5),
                       .active = row.integer(6) != 0,
                       .deleted = row.integer(7) != 0,
                       .created_at = row.integer(8),
                       .version = row.integer(9)});
              });
}

Result<> DirectoryStore::load_keys(base::FunctionRef<void(KeyRow)> visit) {
  return each(database_,
              "SELECT id, parent, owner, name, hint, access, metadata, digest, previous_digest, previous_until, "
              "priority, weight, expires_at, revoked_at, blocked, created_at, version FROM directory_keys",
              [&](const store::Statement& row) {
                visit({.id = text(row, 0),
                       .parent = text(row, 1),
                       .owner = text(row, 2),
                       .name = text(row, 3),
                       .hint = text(row, 4),
                       .access = text(row, 5),
                       .metadata = text(row, 6),
                       .digest = text(row, 7),
                       .previous_digest = text(row, 8),
                       .previous_until = row.integer(9),
                       .priority = text(row, 10),
                       .weight = row.integer(11),
                       .expires_at = optional_integer(row, 12),
                       .revoked_at = optional_integer(row, 13),
                       .blocked = row.integer(14) != 0,
                       .created_at = row.integer(15),
                       .version = row.integer(16)});
              });
}

Result<> DirectoryStore::load_admin_keys(base::FunctionRef<void(AdminKeyRow)> visit) {
  return each(database_,
              "SELECT id, name, owner, hint, digest, expires_at, blocked, created_at, version "
              "FROM directory_admin_keys",
              [&](const store::Statement& row) {
                visit({.id = text(row, 0),
                       .name = text(row, 1),
                       .user = text(row, 2),
                       .hint = text(row, 3),
                       .digest = text(row, 4),
                       .expires_at = optional_integer(row, 5),
                       .blocked = row.integer(6) != 0,
                       .created_at = row.integer(7),
                       .version = row.integer(8)});
              });
}

Result<> DirectoryStore::load_bindings(base::FunctionRef<void(BindingRow)> visit) {
  return each(database_, "SELECT id, subject, role, scope, created_at, version FROM directory_bindings",
              [&](const store::Statement& row) {
                visit({.id = text(row, 0),
                       .subject = text(row, 1),
                       .role = text(row, 2),
                       .scope = text(row, 3),
                       .created_at = row.integer(4),
                       .version = row.integer(5)});
              });
}

Result<> DirectoryStore::load_limits(base::FunctionRef<void(LimitRow)> visit) {
  return each(database_, "SELECT id, scope, body, created_at, version FROM directory_limits",
              [&](const store::Statement& row) {
                visit({.id = text(row, 0),
                       .scope = text(row, 1),
                       .body = text(row, 2),
                       .created_at = row.integer(3),
                       .version = row.integer(4)});
              });
}

Result<std::optional<std::string>> DirectoryStore::setting(std::string_view name) {
  sql_->get_setting->bind_text(1, name);
  const auto row = sql_->get_setting->step();
  if (!row) return std::unexpected(row.error());
  std::optional<std::string> value;
  if (*row) value = text(*sql_->get_setting, 0);
  sql_->get_setting->reset();
  return value;
}

Result<> DirectoryStore::set_setting(std::string_view name, std::string_view value) {
  return done(sql_->put_setting->bind_text(1, name).bind_text(2, value));
}

Result<> DirectoryStore::purge_revoked(base::WallTime before) {
  return done(sql_->drop_revoked->bind_integer(1, to_millis(before)));
}

Result<> DirectoryStore::commit(Change change, base::FunctionRef<Result<>()> write) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto written = write(); !written) return written;
  auto& log = *sql_->put_change;
  log.bind_integer(1, next_number_).bind_integer(2, to_millis(change.time)).bind_text(3, change.actor);
  log.bind_text(4, change.address).bind_text(5, change.action).bind_text(6, change.object);
  log.bind_text(7, change.before).bind_text(8, change.after);
  if (auto logged = done(log); !logged) return logged;
  if (keep_changes_ > 0 && next_number_ > keep_changes_) {
    auto dropped = done(sql_->drop_changes->bind_integer(1, next_number_ - keep_changes_));
    if (!dropped) return dropped;
  }
  if (auto committed = transaction->commit(); !committed) return committed;
  ++next_number_;
  return {};
}

Result<> DirectoryStore::put(const NodeRow& row) {
  auto& sql = *sql_->put_node;
  sql.bind_text(1, row.kind).bind_text(2, row.id).bind_text(3, row.parent).bind_text(4, row.name);
  sql.bind_text(5, row.access).bind_text(6, row.metadata).bind_integer(7, row.active ? 1 : 0);
  sql.bind_integer(8, row.deleted ? 1 : 0).bind_integer(9, row.created_at).bind_integer(10, row.version);
  return done(sql);
}

Result<> DirectoryStore::put(const KeyRow& row) {
  auto& sql = *sql_->put_key;
  sql.bind_text(1, row.id).bind_text(2, row.parent).bind_text(3, row.owner).bind_text(4, row.name);
  sql.bind_text(5, row.hint).bind_text(6, row.access).bind_text(7, row.metadata).bind_text(8, row.digest);
  sql.bind_text(9, row.previous_digest).bind_integer(10, row.previous_until).bind_text(11, row.priority);
  sql.bind_integer(12, row.weight);
  bind(sql, 13, row.expires_at);
  bind(sql, 14, row.revoked_at);
  sql.bind_integer(15, row.blocked ? 1 : 0).bind_integer(16, row.created_at).bind_integer(17, row.version);
  return done(sql);
}

Result<> DirectoryStore::put(const AdminKeyRow& row) {
  auto& sql = *sql_->put_admin_key;
  sql.bind_text(1, row.id).bind_text(2, row.name).bind_text(3, row.user).bind_text(4, row.hint);
  sql.bind_text(5, row.digest);
  bind(sql, 6, row.expires_at);
  sql.bind_integer(7, row.blocked ? 1 : 0).bind_integer(8, row.created_at).bind_integer(9, row.version);
  return done(sql);
}

Result<> DirectoryStore::put(const BindingRow& row) {
  auto& sql = *sql_->put_binding;
  sql.bind_text(1, row.id).bind_text(2, row.subject).bind_text(3, row.role).bind_text(4, row.scope);
  return done(sql.bind_integer(5, row.created_at).bind_integer(6, row.version));
}

Result<> DirectoryStore::put(const LimitRow& row) {
  auto& sql = *sql_->put_limit;
  sql.bind_text(1, row.id).bind_text(2, row.scope).bind_text(3, row.body);
  return done(sql.bind_integer(4, row.created_at).bind_integer(5, row.version));
}

Result<> DirectoryStore::remove_admin_key(std::string_view id) { return done(sql_->drop_admin_key->bind_text(1, id)); }
Result<> DirectoryStore::remove_binding(std::string_view id) { return done(sql_->drop_binding->bind_text(1, id)); }
Result<> DirectoryStore::remove_limit(std::string_view id) { return done(sql_->drop_limit->bind_text(1, id)); }

Result<> DirectoryStore::changes(const ChangeQuery& query, base::FunctionRef<void(const Change&)> visit) {
  auto select = database_.prepare(
      "SELECT number, time, actor, address, action, object, old_value, new_value FROM directory_changes "
      "WHERE number < $1 AND ($2 = '' OR actor = $2) AND ($3 = '' OR object = $3) AND ($4 = '' OR action = $4) "
      "AND time >= $5 AND time < $6 ORDER BY number DESC LIMIT $7");
  if (!select) return std::unexpected(std::move(select.error()));
  auto& sql = **select;
  constexpr std::int64_t kEnd = std::int64_t{1} << 62;
  sql.bind_integer(1, query.before > 0 ? query.before : kEnd).bind_text(2, query.actor).bind_text(3, query.object);
  sql.bind_text(4, query.action).bind_integer(5, query.from ? to_millis(*query.from) : 0);
  sql.bind_integer(6, query.until ? to_millis(*query.until) : kEnd).bind_integer(7, query.limit);
  for (;;) {
    const auto row = sql.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    visit({.number = sql.integer(0),
           .time = from_millis(sql.integer(1)),
           .actor = text(sql, 2),
           .address = text(sql, 3),
           .action = text(sql, 4),
           .object = text(sql, 5),
           .before = text(sql, 6),
           .after = text(sql, 7)});
  }
}

}  // namespace gatehouse::govern
