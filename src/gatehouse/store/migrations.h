#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/store/database.h"

namespace gatehouse::store {

// One step of a component's schema. Once released it never changes, not by a space: what comes later is a new number.
struct Migration {
  std::int64_t number;    // 1, 2, 3 ... within the component, without a gap
  std::string_view name;  // for messages: "usage rows"
  std::string_view sql;   // any number of statements; run in one transaction
};

// A part of Gatehouse that keeps tables of its own ("ledger", "directory", "audit"). Its tables begin with its name.
// The views are of literals: a component is a constant of the room that owns it.
struct Component {
  std::string_view name;
  std::span<const Migration> migrations;
};

// Brings the store to what these components need: runs what is missing, in order, each migration with its entry in one
// transaction, so that a crash leaves it done or not done. At start, before anybody else opens the store.
// Only forward. Errors: configuration when a migration that the store has is unknown here (a newer version wrote it),
// or its text is not the same (SHA-256 kept in the store), or numbers have a gap; io. A component that the store has
// and this list has not is left alone.
Result<> migrate(Database& database, std::span<const Component> components, base::WallTime now);

// For readers: the same checks, nothing is written; configuration also when something is missing.
Result<> check_migrations(Database& database, std::span<const Component> components);

}  // namespace gatehouse::store
