#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/guard/conversation/identity.h"
#include "gatehouse/guard/conversation/state.h"
#include "gatehouse/guard/vault/keyring.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::guard {

class ConversationMemory;
class ConversationWriter;

struct ConversationBookOptions {
  std::size_t memory_bytes = 64UL << 20;
  // Of it one tenant may have so much, as a share: 1/this.
  std::size_t tenant_share = 4;
  std::size_t queue = 65'536;                 // states that are not written yet
  std::chrono::milliseconds write_every{20};  // the writer looks this often
  std::chrono::milliseconds retry_every{250};
};

struct ConversationBookStats {
  std::uint64_t entries = 0;  // in memory
  std::uint64_t bytes = 0;
  std::uint64_t waiting = 0;   // not written yet
  std::uint64_t written = 0;   // into the store
  std::uint64_t dropped = 0;   // not written, because too much waited
  std::uint64_t failures = 0;  // of the store, of whole batches
};

// The states of all conversations, by tenant and name. One for the process, shared by its workers; in memory, the least
// recently used of a full memory go first (of a tenant that has more than its share: his own), and what is worth it in
// the store: states that hold a risk, an end or texts. Texts are sealed (AES-256-GCM under a key of the tenant, bound
// to tenant and name), in memory and in the store alike.
//
// find, put and end are for any thread and never wait: a short lock of one of many shards, no cipher and no store under
// it. The rest blocks: main and admin threads only. Time is passed in; each state has its own expiry. A process that is
// killed loses what it was told in the last `write_every`. Processes that share a store do not see each other's states
// before they start anew.
class ConversationBook {
 public:
  // For store::migrate. Table: conversation_states.
  static const store::Component& component();

  // `database` is the book's alone, migrated; null: nothing outlives the process. Reads back what has not expired, the
  // latest first, as much as memory takes. Errors: of the store.
  static Result<std::unique_ptr<ConversationBook>> open(std::unique_ptr<store::Database> database,
                                                        std::shared_ptr<Keyring> keys, base::WallTime now,
                                                        const ConversationBookOptions& options = {});
  // Writes what waits, if the store can.
  ~ConversationBook();
  ConversationBook(const ConversationBook&) = delete;
  ConversationBook& operator=(const ConversationBook&) = delete;

  std::optional<ConversationState> find(std::string_view tenant, const ConversationName& name, base::WallTime now);
  // In place of what was there; but an end stays one. `added`: the risk of this turn, where all turns lie under one
  // name and two may come at once: no risk is lost then.
  void put(std::string_view tenant, const ConversationName& name, const ConversationState& state,
           base::WallTime expires, std::optional<double> added = std::nullopt);
  // Marks those that are there as ended, until `expires` at least.
  void end(std::string_view tenant, std::span<const ConversationName> names, base::WallTime expires,
           base::WallTime now);

  // Gone from memory and store when it returns; the number in the store.
  Result<std::uint64_t> erase_tenant(std::string_view tenant);
  Result<std::uint64_t> erase_expired(base::WallTime now);
  // The same in the store; does not wait. Memory drops what it meets.
  void forget_expired(base::WallTime now);
  // Waits until all that was put before is in the store. Errors: of the store.
  Result<> flush();
  ConversationBookStats stats() const;

  // A smaller risk is not worth a row.
  static constexpr double kLeastKept = 0.01;

 private:
  ConversationBook(std::shared_ptr<Keyring> keys, const ConversationBookOptions& options);

  std::shared_ptr<Keyring> keys_;
  std::unique_ptr<ConversationMemory> memory_;
  std::unique_ptr<ConversationWriter> writer_;  // null: no store
};

}  // namespace gatehouse::guard
