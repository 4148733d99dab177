#include "gatehouse/store/migrations.h"

#include <chrono>
#include <map>
#include <string>

#include <fmt/format.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"

namespace gatehouse::store {
namespace {

constexpr std::string_view kTable =
    "CREATE TABLE IF NOT EXISTS gatehouse_migrations ("
    "component TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, "
    "applied_at BIGINT NOT NULL, PRIMARY KEY (component, number))";

struct Applied {
  std::string name;
  std::string checksum;
};
using AppliedByNumber = std::map<std::int64_t, Applied>;

std::string checksum_of(const Migration& migration) { return crypto::to_hex(crypto::sha256(migration.sql)); }

std::unexpected<Error> refused(const Component& component, std::int64_t number, std::string_view name,
                               std::string_view why) {
  return fail(Code::configuration,
              fmt::format("store: migration {} of {} ({}): {}", number, component.name, name, why));
}

Result<AppliedByNumber> applied_of(Database& database, const Component& component) {
  AppliedByNumber applied;
  auto select = database.prepare("SELECT number, name, checksum FROM gatehouse_migrations WHERE component = $1");
  if (!select) return std::unexpected(select.error());
  Statement& rows = **select;
  rows.bind_text(1, component.name);
  while (true) {
    auto row = rows.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return applied;
    applied[rows.integer(0)] = {std::string(rows.text(1)), std::string(rows.text(2))};
  }
}

// How many of the component's migrations the store has; they are its first ones and unchanged.
Result<std::size_t> verify(Database& database, const Component& component) {
  for (std::size_t i = 0; i < component.migrations.size(); ++i) {
    const Migration& migration = component.migrations[i];
    if (migration.number != static_cast<std::int64_t>(i + 1)) {
      return refused(component, migration.number, migration.name, "numbers must be 1, 2, 3 ... in order");
    }
  }
  auto applied = applied_of(database, component);
  if (!applied) return std::unexpected(applied.error());
  std::int64_t expected = 1;
  for (const auto& [number, entry] : *applied) {
    if (number < 1 || static_cast<std::size_t>(number) > component.migrations.size()) {
      return refused(component, number, entry.name,
                     "is unknown to this version; the store was written by a newer one, which must be used");
    }
    const Migration& migration = component.migrations[static_cast<std::size_t>(number - 1)];
    if (number != expected++) return refused(component, number, entry.name, "one before it is missing in the store");
    if (entry.checksum != checksum_of(migration)) {
      return refused(component, number, entry.name, "differs from the one that made this store");
    }
  }
  return applied->size();
}

Result<> apply(Database& database, const Component& component, const Migration& migration, base::WallTime now) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return std::unexpected(transaction.error());
  if (auto done = database.execute(migration.sql); !done) {
    return refused(component, migration.number, migration.name, done.error().detail);
  }
  auto insert = database.prepare(
      "INSERT INTO gatehouse_migrations(component, number, name, checksum, applied_at) VALUES($1, $2, $3, $4, $5)");
  if (!insert) return std::unexpected(insert.error());
  const std::string checksum = checksum_of(migration);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  (*insert)->bind_text(1, component.name).bind_integer(2, migration.number).bind_text(3, migration.name);
  (*insert)->bind_text(4, checksum).bind_integer(5, seconds);
  if (auto done = (*insert)->run(); !done) return std::unexpected(done.error());
  return transaction->commit();
}

}  // namespace

Result<> migrate(Database& database, std::span<const Component> components, base::WallTime now) {
  if (auto made = database.execute(kTable); !made) return made;
  // All is checked before anything is changed.
  std::map<std::string_view, std::size_t> have;
  for (const Component& component : components) {
    auto count = verify(database, component);
    if (!count) return std::unexpected(count.error());
    if (!have.emplace(component.name, *count).second) {
      return fail(Code::configuration, fmt::format("store: component {} is registered twice", component.name));
    }
  }
  for (const Component& component : components) {
    for (const Migration& migration : component.migrations.subspan(have[component.name])) {
      if (auto done = apply(database, component, migration, now); !done) return done;
    }
  }
  return {};
}

Result<> check_migrations(Database& database, std::span<const Component> components) {
  if (auto probe = database.prepare("SELECT count(*) FROM gatehouse_migrations"); !probe) {
    return fail(Code::configuration, "store: holds nothing yet; start the gateway once");
  }
  for (const Component& component : components) {
    auto count = verify(database, component);
    if (!count) return std::unexpected(count.error());
    if (*count < component.migrations.size()) {
      return fail(
          Code::configuration,
          fmt::format("store: {} is of an older version; start the gateway once to bring it up", component.name));
    }
  }
  return {};
}

}  // namespace gatehouse::store
