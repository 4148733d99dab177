#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/ledger/schema.h"
#include "gatehouse/govern/usage_row.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/journal.h"

namespace gatehouse::govern {

// Puts the journal's rows into the ledger: rows, roll-ups and the journal's positions in one transaction. Payloads are
// of row_codec.h; one that the process did not survive becomes a row with the finish "interrupted", charged as its
// intent says. A request id that is there already changes nothing.
//
// Owner: the application, which gives it a connection of its own, on which store::migrate has run. Used by one thread
// at a time (the journal's). The one writer of its tables.
class LedgerWriter final : public store::JournalSink {
 public:
  // Errors: of the store.
  static Result<std::unique_ptr<LedgerWriter>> make(std::unique_ptr<store::Database> database);
  ~LedgerWriter() override;

  Result<std::vector<store::JournalPosition>> positions() override;
  Result<> commit(const store::JournalBatch& batch) override;

  // Rows themselves, outside of a journal: imports, tests. As commit().
  Result<> insert(std::span<const UsageRow> rows);

  // Raw rows are deleted when they are this much older than the newest one that comes in; zero (so it begins): never.
  // Looked after by commit(), 10,000 rows at a time, once an hour when all are gone. Any thread, at any time.
  void keep_rows_for(std::chrono::days age) { keep_seconds_ = std::chrono::seconds(age).count(); }

  // Deletes at most `limit` raw rows of before `before`; roll-ups stay. The number deleted. Call it again while it
  // gives `limit`. Between commits, same thread.
  Result<std::int64_t> delete_rows_before(base::WallTime before, std::int64_t limit = 10'000);

  // Any thread. Payloads that could not be read (of another version); they are passed over.
  std::uint64_t unreadable() const { return unreadable_.load(std::memory_order_relaxed); }
  // Rows that were there already.
  std::uint64_t repeated() const { return repeated_.load(std::memory_order_relaxed); }

 private:
  explicit LedgerWriter(std::unique_ptr<store::Database> database);
  Result<> prepare();
  Result<> add(const UsageRow& row);
  Result<std::int64_t> dimensions_of(const UsageRow& row);
  Result<> write_rollups();
  void expire();
  Result<> write_positions(const store::JournalBatch& batch);
  template <class Body>
  Result<> in_transaction(Body body);

  struct RollupKey {
    std::int64_t start;
    std::int64_t dimensions;
    Bucket bucket;
    bool operator==(const RollupKey&) const = default;
  };
  struct RollupHash {
    std::size_t operator()(const RollupKey& key) const {
      const auto mixed = static_cast<std::uint64_t>(key.start) * 0x9e3779b97f4a7c15 ^
                         static_cast<std::uint64_t>(key.dimensions) * 0xd6e8feb86659fd93 ^
                         static_cast<std::uint64_t>(key.bucket);
      return static_cast<std::size_t>(mixed ^ mixed >> 29);
    }
  };

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Statement> insert_row_, insert_dimensions_, upsert_rollup_, upsert_lane_, forget_lane_;
  std::unordered_map<std::string, std::int64_t> known_dimensions_;  // bounded; emptied when full
  std::unordered_map<RollupKey, Sums, RollupHash> rollups_;         // of the transaction
  std::string key_;                                                 // kept for its memory
  std::int64_t newest_ = 0;                                         // seconds, of all rows that came
  std::int64_t next_expiry_ = 0;                                    // the same: when to look again
  std::atomic<std::int64_t> keep_seconds_{0};
  std::atomic<std::uint64_t> unreadable_{0};
  std::atomic<std::uint64_t> repeated_{0};
};

}  // namespace gatehouse::govern
