#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/vault/sealed_cache.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::guard {

// The rows of the store's component "vault". One thread's (the writer's), which the database is given to. All calls
// block. Times are milliseconds since 1970.
//   vault_entries  one row a token: what it is sealed under, for which scope, until when; the value only sealed
//   vault_owners   for whom a token was put; gone with the entry
class VaultRows {
 public:
  static const store::Component& component();
  // Errors of all: of the store.
  static Result<std::unique_ptr<VaultRows>> open(std::unique_ptr<store::Database> database);
  ~VaultRows();

  struct Row {
    SharedEntry entry;
    std::int64_t expires = 0;
  };
  struct Write {
    SharedEntry entry;
    std::string owner;
    std::int64_t expires = 0;
    bool taken = false;  // out: another value has the token, nothing was written
  };
  // All or nothing. An entry that is there keeps its value, gets the later of both times, and is sealed anew when the
  // new one comes under a newer master key.
  Result<> write(std::span<Write* const> writes);

  Result<std::optional<Row>> find(std::string_view tenant, const TokenId& token);

  Result<bool> erase(std::string_view tenant, const TokenId& token);
  // At most `limit` of them; their tokens. Again while it gives as many.
  Result<std::vector<TokenId>> erase_owner(std::string_view tenant, std::string_view owner, std::int64_t limit);
  Result<std::vector<TokenId>> erase_scope(std::string_view tenant, std::string_view scope, std::int64_t limit);
  // The number.
  Result<std::int64_t> erase_tenant(std::string_view tenant, std::int64_t limit);
  Result<std::int64_t> erase_expired(std::int64_t now, std::int64_t limit);

  struct KeyCount {
    std::uint32_t key = 0;
    std::int64_t entries = 0;
  };
  Result<std::vector<KeyCount>> key_counts();

 private:
  struct Statements;
  VaultRows(std::unique_ptr<store::Database> database, std::unique_ptr<Statements> statements);
  Result<std::vector<TokenId>> erase_named(store::Statement& select, std::string_view tenant, std::string_view name,
                                           std::int64_t limit);

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Statements> sql_;
};

}  // namespace gatehouse::guard
