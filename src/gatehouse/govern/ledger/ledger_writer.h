#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/ledger/packed_rows.h"
#include "gatehouse/govern/ledger/schema.h"
#include "gatehouse/govern/usage_row.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/journal.h"

namespace gatehouse::govern {

// Puts the journal's rows into the ledger: rows, packed by the minute in which they began, roll-ups and the journal's
// positions in one transaction. Payloads are of row_codec.h; one that the process did not survive becomes a row with
// the finish "interrupted", charged as its intent says. Of what is recovered or inserted, a request that is there
// already changes nothing; of what workers settle the journal itself gives each one once.
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

  // Deletes some `limit` raw rows of before `before`, rounded up to what was committed together; roll-ups stay. The
  // number deleted. Call it again while it gives `limit` or more. Between commits, same thread.
  Result<std::int64_t> delete_rows_before(base::WallTime before, std::int64_t limit = 10'000);

  // Any thread. Payloads that could not be read (of another version); they are passed over.
  std::uint64_t unreadable() const { return unreadable_.load(std::memory_order_relaxed); }
  // Rows that were there already.
  std::uint64_t repeated() const { return repeated_.load(std::memory_order_relaxed); }

 private:
  explicit LedgerWriter(std::unique_ptr<store::Database> database);
  Result<> prepare();
  template <class Body>
  Result<> in_transaction(Body body);

  // Rows by their time and id, views of the caller's.
  using Identity = std::pair<std::int64_t, std::string_view>;
  using Identities = std::set<Identity>;
  // A row that may be in the store already: those that are, or came before in the same transaction.
  Result<Identities> stored_of(const Identities& wanted);
  bool is_new(Identities& stored, const UsageRow& row);

  Result<> add(const UsageRow& row, std::string_view dimension_bytes);
  Result<std::int64_t> dimensions_of(const UsageRow& row, std::string_view dimension_bytes);
  RowPacker& packer_of(std::int64_t minute);
  Result<> write_batches();
  Result<> write_rollups();
  Result<> write_positions(const store::JournalBatch& batch);
  void expire();
  Result<std::int64_t> delete_single(std::int64_t before_us, std::int64_t limit);
  Result<std::int64_t> delete_batches(std::int64_t minute, std::int64_t limit);
  Result<std::int64_t> cut_batches(std::int64_t before_us);

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

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Minute {
    std::int64_t minute = 0;
    RowPacker rows;
  };

  using Rollups = std::unordered_map<RollupKey, Sums, RollupHash>;
  Result<> write_rollups(const Rollups& rollups);

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Statement> insert_batch_, insert_dimensions_, upsert_rollup_, upsert_lane_, forget_lane_;
  // By their texts as row_codec.h writes them. Bounded; emptied when full.
  std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> known_dimensions_;
  std::string last_dimensions_;  // of the row before
  std::int64_t last_id_ = 0;     // theirs; 0: none
  // Of the transaction. Packers are kept for their memory, the first `open_minutes_` are in use.
  Rollups rollups_;  // by the hour
  RollupKey last_key_{};
  Sums* last_sums_ = nullptr;  // of last_key_, in rollups_
  std::vector<Minute> minutes_;
  std::size_t open_minutes_ = 0;
  std::int64_t newest_ = 0;       // seconds, of all rows that came
  std::int64_t next_expiry_ = 0;  // the same: when to look again
  std::atomic<std::int64_t> keep_seconds_{0};
  std::atomic<std::uint64_t> unreadable_{0};
  std::atomic<std::uint64_t> repeated_{0};
};

}  // namespace gatehouse::govern
