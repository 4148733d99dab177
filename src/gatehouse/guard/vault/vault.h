#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/guard/redact/token.h"
#include "gatehouse/guard/vault/keyring.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::guard {

class SealedCache;
class VaultWriter;

struct VaultOptions {
  std::size_t memory_bytes = 64UL << 20;       // of sealed entries, beside those that are not written yet
  std::size_t queue = 65'536;                  // puts that are not written yet
  std::chrono::milliseconds write_every{20};   // the writer looks this often
  std::chrono::milliseconds retry_every{250};  // when the store failed
};

// A value under its token.
struct VaultItem {
  std::string_view tenant;
  // Where the token may be restored: a conversation; empty: everywhere in the tenant.
  std::string_view scope;
  std::string_view owner;  // whose it is, for erasure: an end user; may be empty
  std::string_view entity;
  TokenId token{};
  // More of the MAC that the token is of: two values that share a token by chance are told apart.
  std::array<std::uint8_t, 16> check{};
  std::string_view value;
  std::chrono::seconds retention{86'400};
};

struct VaultValue {
  std::string entity;
  std::string scope;
  base::Secret value;
  base::WallTime created{};
  base::WallTime expires{};
};

struct VaultStats {
  std::uint64_t entries = 0;     // in memory
  std::uint64_t bytes = 0;       // of them
  std::uint64_t waiting = 0;     // not written yet
  std::uint64_t written = 0;     // into the store
  std::uint64_t refused = 0;     // puts that found the queue full
  std::uint64_t failures = 0;    // of the store, of whole batches
  std::uint64_t collisions = 0;  // two values of one token
  std::uint64_t unreadable = 0;  // sealed under a key that is gone, or damaged
};

// Token -> original value, per tenant. Values are sealed (AES-256-GCM under a key of the tenant, bound to tenant,
// scope, entity and token) before they are kept anywhere, in memory and in the store alike, and opened for one answer.
//
// One for the process. put, find_cached and preload are for the threads of requests: they touch memory only, under
// short locks. The rest blocks until the writer's thread, the only one that uses the store, has done it: for admin and
// command line threads, never from a worker or from a preload's callback. Time is passed in. No error and no log has
// anything of a value.
//
// What put() accepted is in memory until it is in the store; a process that dies before (write_every) loses it, and the
// token stays a token. When the store fails, puts go on until the queue is full, then they fail: the caller fails
// closed.
class Vault {
 public:
  // For store::migrate. Tables: vault_entries, vault_owners.
  static const store::Component& component();

  // `database` is the vault's alone, migrated. Starts the writer's thread. Errors: of the store.
  static Result<std::unique_ptr<Vault>> open(std::unique_ptr<store::Database> database, std::shared_ptr<Keyring> keys,
                                             const VaultOptions& options = {});
  // Writes what waits, if the store can.
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // Never waits. A token that is there keeps its value (the first spelling of it) and lives on for `retention`. Errors:
  // overloaded (the queue is full), too_large, invalid_request (a name out of bounds), conflict (another value has this
  // token: one in 2^60).
  Result<> put(const VaultItem& item, base::WallTime now);

  // What memory says of a token that may be restored in `scope`. `unknown`: memory does not know; preload it.
  struct Cached {
    enum class State : std::uint8_t { found, absent, unknown } state = State::unknown;
    base::Secret value;
  };
  Cached find_cached(std::string_view tenant, std::string_view scope, const TokenId& token, base::WallTime now);

  // Brings tokens into memory. False: they are all there, or known to be nowhere, and `done` is not kept. True: `done`
  // is called on the writer's thread when they are (or could not be: the error says that the store failed); it must be
  // quick and not block. Errors: invalid_request (more than kMostPreload), overloaded (too many such calls wait).
  using Done = std::function<void(Result<>)>;
  Result<bool> preload(std::string_view tenant, std::span<const TokenId> tokens, base::WallTime now, Done done);

  // From memory or the store, of any scope: for who may see it (detokenise.h). Nothing: no such token, or expired.
  Result<std::optional<VaultValue>> find(std::string_view tenant, const TokenId& token, base::WallTime now);

  // Gone from memory and store when they return; the number of entries. What is put meanwhile may be among them. An
  // owner's: all that was put for him, also where others put the same.
  Result<std::uint64_t> erase(std::string_view tenant, const TokenId& token);
  Result<std::uint64_t> erase_owner(std::string_view tenant, std::string_view owner);
  Result<std::uint64_t> erase_scope(std::string_view tenant, std::string_view scope);
  Result<std::uint64_t> erase_tenant(std::string_view tenant);
  Result<std::uint64_t> erase_expired(base::WallTime now);

  // How many entries of the store each master key still opens: one that opens none may be removed.
  struct KeyUse {
    std::uint32_t key = 0;
    std::uint64_t entries = 0;
  };
  Result<std::vector<KeyUse>> key_uses();

  // Waits until all that was put before is in the store. Errors: of the store, when it could not be written.
  Result<> flush();
  VaultStats stats() const;

  static constexpr std::size_t kMostValue = 16UL << 10;
  static constexpr std::size_t kMostName = 256;  // tenant, scope, owner, entity
  static constexpr std::size_t kMostPreload = 4096;
  static constexpr std::size_t kMostPreloads = 1024;  // waiting

 private:
  struct Opener;
  Vault(std::shared_ptr<Keyring> keys, const VaultOptions& options);

  std::shared_ptr<Keyring> keys_;
  std::unique_ptr<SealedCache> cache_;
  std::unique_ptr<VaultWriter> writer_;
};

}  // namespace gatehouse::guard
