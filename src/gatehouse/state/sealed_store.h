#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/state/sealed_memory.h"
#include "gatehouse/state/state_keys.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::state {

class SealedWriter;

struct SealedStoreOptions {
  std::size_t memory_bytes = 128UL << 20;
  // Of it one tenant may have so much, as a share: 1/this.
  std::size_t tenant_share = 4;
  std::size_t queue = 65'536;            // changes that are not written yet
  std::size_t queue_bytes = 64UL << 20;  // of them
  std::chrono::milliseconds write_every{20};
  std::chrono::milliseconds retry_every{250};
};

struct SealedStoreStats {
  std::uint64_t entries = 0;  // in memory
  std::uint64_t bytes = 0;
  std::uint64_t waiting = 0;     // not written yet
  std::uint64_t written = 0;     // into the store
  std::uint64_t dropped = 0;     // not written, because too much waited
  std::uint64_t failures = 0;    // of the store, of whole batches
  std::uint64_t pushed_out = 0;  // before their time, because memory was full
  std::uint64_t opened = 0;      // unsealed for who looked them up
};

// Bytes under names, a tenant's own, until they expire: what opaque_memory.h and response_store.h keep. Sealed
// (AES-256-GCM under a key of the tenant, bound to tenant, kind and name), in memory and in the store alike. What is in
// memory is what there is: the store is for the next start, and what memory pushes out leaves it too.
//
// One for the process, shared by its workers. put, find and erase are for any thread and never wait: a short lock of
// one of 16 shards, no cipher and no store under it; changes go to the store from a thread of its own. The rest blocks:
// main and admin threads only. Time is passed in. A process that is killed loses what it was told in the last
// `write_every`. Processes that share a store do not see each other's entries before they start anew.
class SealedStore {
 public:
  // For store::migrate. Table: state_entries.
  static const store::Component& component();

  // `database` is the store's alone, migrated; null: nothing outlives the process. Reads back what has not expired, the
  // latest first, as much as memory takes. Errors: of the store.
  static Result<std::unique_ptr<SealedStore>> open(std::unique_ptr<store::Database> database,
                                                   std::shared_ptr<StateKeys> keys, base::WallTime now,
                                                   const SealedStoreOptions& options = {});
  // Writes what waits, if the store can.
  ~SealedStore();
  SealedStore(const SealedStore&) = delete;
  SealedStore& operator=(const SealedStore&) = delete;

  // A name among this tenant's.
  EntryName name(std::string_view tenant, EntryKind kind, std::string_view value) const;
  // In place of what was there.
  void put(std::string_view tenant, EntryKind kind, const EntryName& name, std::string_view plain,
           base::WallTime expires);
  std::optional<std::string> find(std::string_view tenant, EntryKind kind, const EntryName& name, base::WallTime now);
  // Whether there is one.
  bool holds(std::string_view tenant, EntryKind kind, const EntryName& name, base::WallTime now) const;
  // Whether there was one.
  bool erase(std::string_view tenant, EntryKind kind, const EntryName& name);

  // Gone from memory and store when it returns; the number in the store.
  Result<std::uint64_t> erase_tenant(std::string_view tenant);
  Result<std::uint64_t> erase_expired(base::WallTime now);
  // Waits until all that was put before is in the store. Errors: of the store.
  Result<> flush();
  SealedStoreStats stats() const;

 private:
  SealedStore(std::shared_ptr<StateKeys> keys, const SealedStoreOptions& options);
  void leave(const SharedEntry& entry);

  std::shared_ptr<StateKeys> keys_;
  std::unique_ptr<SealedMemory> memory_;
  std::atomic<std::uint64_t> pushed_out_{0};
  std::atomic<std::uint64_t> opened_{0};
  std::unique_ptr<SealedWriter> writer_;  // null: no store
};

}  // namespace gatehouse::state
