#include "gatehouse/guard/vault/vault_rows.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace gatehouse::guard {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE vault_entries(
  tenant TEXT NOT NULL, token TEXT NOT NULL, scope TEXT NOT NULL, entity TEXT NOT NULL, key_id BIGINT NOT NULL,
  verifier BYTEA NOT NULL, sealed BYTEA NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY(tenant, token));
CREATE INDEX vault_entries_scope ON vault_entries(tenant, scope);
CREATE INDEX vault_entries_expires ON vault_entries(expires_at);
CREATE TABLE vault_owners(
  tenant TEXT NOT NULL, owner TEXT NOT NULL, token TEXT NOT NULL, PRIMARY KEY(tenant, owner, token),
  FOREIGN KEY(tenant, token) REFERENCES vault_entries(tenant, token) ON DELETE CASCADE);
CREATE INDEX vault_owners_token ON vault_owners(tenant, token);
)sql";

constexpr auto kMigrations =
    std::to_array<store::Migration>({{.number = 1, .name = "sealed values and their owners", .sql = kFirst}});
constexpr store::Component kComponent{.name = "vault", .migrations = kMigrations};

std::string_view view_of(const std::array<std::uint8_t, 16>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// False for what this version did not write.
bool read_token(std::string_view text, TokenId& token) {
  return text.size() == token.size() && read_token_id(text, token);
}

}  // namespace

struct VaultRows::Statements {
  std::unique_ptr<store::Statement> put, put_owner, get, drop, of_owner, of_scope, drop_tenant, drop_expired, keys;
};

const store::Component& VaultRows::component() { return kComponent; }

VaultRows::VaultRows(std::unique_ptr<store::Database> database, std::unique_ptr<Statements> statements)
    : database_(std::move(database)), sql_(std::move(statements)) {}

VaultRows::~VaultRows() {
  sql_.reset();  // before the database that they belong to
}

Result<std::unique_ptr<VaultRows>> VaultRows::open(std::unique_ptr<store::Database> database) {
  auto sql = std::make_unique<Statements>();
  const auto statements = std::to_array<std::pair<std::unique_ptr<store::Statement>*, std::string_view>>({
      {&sql->put,
       "INSERT INTO vault_entries(tenant, token, scope, entity, key_id, verifier, sealed, created_at, expires_at) "
       "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT(tenant, token) DO UPDATE SET "
       "expires_at = CASE WHEN excluded.expires_at > vault_entries.expires_at THEN excluded.expires_at "
       "ELSE vault_entries.expires_at END, "
       "sealed = CASE WHEN excluded.key_id > vault_entries.key_id THEN excluded.sealed ELSE vault_entries.sealed END, "
       "key_id = CASE WHEN excluded.key_id > vault_entries.key_id THEN excluded.key_id ELSE vault_entries.key_id END "
       "WHERE vault_entries.verifier = excluded.verifier"},
      {&sql->put_owner,
       "INSERT INTO vault_owners(tenant, owner, token) VALUES($1, $2, $3) ON CONFLICT(tenant, owner, token) DO "
       "NOTHING"},
      {&sql->get,
       "SELECT scope, entity, key_id, verifier, sealed, created_at, expires_at FROM vault_entries "
       "WHERE tenant = $1 AND token = $2"},
      {&sql->drop, "DELETE FROM vault_entries WHERE tenant = $1 AND token = $2"},
      {&sql->of_owner, "SELECT token FROM vault_owners WHERE tenant = $1 AND owner = $2 LIMIT $3"},
      {&sql->of_scope, "SELECT token FROM vault_entries WHERE tenant = $1 AND scope = $2 LIMIT $3"},
      {&sql->drop_tenant,
       "DELETE FROM vault_entries WHERE tenant = $1 AND token IN "
       "(SELECT token FROM vault_entries WHERE tenant = $1 LIMIT $2)"},
      {&sql->drop_expired,
       "DELETE FROM vault_entries WHERE (tenant, token) IN "
       "(SELECT tenant, token FROM vault_entries WHERE expires_at <= $1 LIMIT $2)"},
      {&sql->keys, "SELECT key_id, COUNT(*) FROM vault_entries GROUP BY key_id ORDER BY key_id"},
  });
  for (const auto& [to, source] : statements) {
    auto prepared = database->prepare(source);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    *to = std::move(*prepared);
  }
  return std::unique_ptr<VaultRows>(new VaultRows(std::move(database), std::move(sql)));
}

Result<> VaultRows::write(std::span<Write* const> writes) {
  auto transaction = store::Transaction::begin(*database_);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  for (Write* write : writes) {
    const SealedEntry& entry = *write->entry;
    sql_->put->bind_text(1, entry.tenant).bind_text(2, view(entry.token)).bind_text(3, entry.scope);
    sql_->put->bind_text(4, entry.entity).bind_integer(5, entry.key).bind_blob(6, view_of(entry.check));
    sql_->put->bind_blob(7, entry.sealed).bind_integer(8, entry.created).bind_integer(9, write->expires);
    const auto changed = sql_->put->run();
    if (!changed) return std::unexpected(changed.error());
    write->taken = *changed == 0;
    if (write->taken || write->owner.empty()) continue;
    sql_->put_owner->bind_text(1, entry.tenant).bind_text(2, write->owner).bind_text(3, view(entry.token));
    if (auto owned = sql_->put_owner->run(); !owned) return std::unexpected(std::move(owned.error()));
  }
  return transaction->commit();
}

Result<std::optional<VaultRows::Row>> VaultRows::find(std::string_view tenant, const TokenId& token) {
  store::Statement& get = *sql_->get;
  get.bind_text(1, tenant).bind_text(2, view(token));
  const auto there = get.step();
  if (!there) return std::unexpected(there.error());
  std::optional<Row> row;
  if (*there) {
    SealedEntry entry;
    entry.tenant = tenant;
    entry.token = token;
    entry.scope = get.text(0);
    entry.entity = get.text(1);
    entry.key = static_cast<std::uint32_t>(get.integer(2));
    const std::string_view check = get.blob(3);
    std::memcpy(entry.check.data(), check.data(), std::min(check.size(), entry.check.size()));
    entry.sealed = get.blob(4);
    entry.created = get.integer(5);
    const std::int64_t expires = get.integer(6);
    row = Row{.entry = std::make_shared<const SealedEntry>(std::move(entry)), .expires = expires};
  }
  get.reset();
  return row;
}

Result<bool> VaultRows::erase(std::string_view tenant, const TokenId& token) {
  const auto gone = sql_->drop->bind_text(1, tenant).bind_text(2, view(token)).run();
  if (!gone) return std::unexpected(gone.error());
  return *gone > 0;
}

Result<std::vector<TokenId>> VaultRows::erase_named(store::Statement& select, std::string_view tenant,
                                                    std::string_view name, std::int64_t limit) {
  auto transaction = store::Transaction::begin(*database_);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  std::vector<TokenId> tokens;
  select.bind_text(1, tenant).bind_text(2, name).bind_integer(3, limit);
  for (;;) {
    const auto row = select.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    TokenId token;
    if (read_token(select.text(0), token)) tokens.push_back(token);
  }
  select.reset();
  for (const TokenId& token : tokens) {
    if (auto gone = erase(tenant, token); !gone) return std::unexpected(std::move(gone.error()));
  }
  if (auto committed = transaction->commit(); !committed) return std::unexpected(std::move(committed.error()));
  return tokens;
}

Result<std::vector<TokenId>> VaultRows::erase_owner(std::string_view tenant, std::string_view owner,
                                                    std::int64_t limit) {
  return erase_named(*sql_->of_owner, tenant, owner, limit);
}

Result<std::vector<TokenId>> VaultRows::erase_scope(std::string_view tenant, std::string_view scope,
                                                    std::int64_t limit) {
  return erase_named(*sql_->of_scope, tenant, scope, limit);
}

Result<std::int64_t> VaultRows::erase_tenant(std::string_view tenant, std::int64_t limit) {
  return sql_->drop_tenant->bind_text(1, tenant).bind_integer(2, limit).run();
}

Result<std::int64_t> VaultRows::erase_expired(std::int64_t now, std::int64_t limit) {
  return sql_->drop_expired->bind_integer(1, now).bind_integer(2, limit).run();
}

Result<std::vector<VaultRows::KeyCount>> VaultRows::key_counts() {
  std::vector<KeyCount> counts;
  for (;;) {
    const auto row = sql_->keys->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return counts;
    counts.push_back({.key = static_cast<std::uint32_t>(sql_->keys->integer(0)), .entries = sql_->keys->integer(1)});
  }
}

}  // namespace gatehouse::guard
