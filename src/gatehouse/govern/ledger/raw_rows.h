#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/govern/usage_row.h"
#include "gatehouse/store/database.h"

// Single rows read from the store, wherever they lie: packed in ledger_batches, or one by one in ledger_rows, where
// versions before the packing put them. Rows come with the id of their combination of dimensions and without its texts.
namespace gatehouse::govern {

// Each row that began in [from_us, to_us), in no order. The row's texts hold during the visit. Errors: of the store and
// of the visit; internal for packed rows that cannot be read. Blocks.
Result<> each_raw_row(store::Database& database, std::int64_t from_us, std::int64_t to_us,
                      base::FunctionRef<Result<>(std::int64_t dimensions, const UsageRow& row)> visit);

// The same from the newest to the oldest, by time and then by id. Reads one commit's rows at a time: what is in memory
// at once are those that began before others of theirs that were committed earlier.
class RawRowsBackwards {
 public:
  // What is before (to_us, to_id) and not before from_us. Errors: of the store.
  static Result<std::unique_ptr<RawRowsBackwards>> open(store::Database& database, std::int64_t from_us,
                                                        std::int64_t to_us, std::string_view to_id);

  // The next older row; null: that was all. It holds until the next call.
  Result<const UsageRow*> next();
  std::int64_t dimensions() const { return current_.dimensions; }

  // How many rows were read so far, those that were not yet given among them.
  std::size_t read() const { return read_; }

 private:
  struct Entry {
    UsageRow row;
    std::int64_t dimensions = 0;
    std::int64_t time_us = 0;
    std::string id;
    std::shared_ptr<const std::string> texts;  // what the row's views are of
  };
  struct Older {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.time_us != b.time_us ? a.time_us < b.time_us : a.id < b.id;
    }
  };
  struct Batch {
    std::int64_t number;
    std::int64_t first_us;
    std::int64_t last_us;
  };

  RawRowsBackwards() = default;
  Result<> read_single();
  Result<> find_minute();
  Result<> load(const Batch& batch);
  bool is_wanted(std::int64_t time_us, std::string_view id) const {
    return time_us >= from_us_ && (time_us < to_us_ || (time_us == to_us_ && id < to_id_));
  }

  std::int64_t from_us_ = 0;
  std::int64_t to_us_ = 0;
  std::string to_id_;
  std::unique_ptr<store::Statement> single_, minutes_, headers_, packed_;
  std::optional<Entry> next_single_;
  std::priority_queue<Entry, std::vector<Entry>, Older> loaded_;
  std::vector<Batch> batches_;          // of minute_, those still to be loaded; the last one is next
  std::optional<std::int64_t> minute_;  // at most this one is looked into next, or is being looked into
  bool more_minutes_ = true;
  Entry current_;
  std::size_t read_ = 0;
};

}  // namespace gatehouse::govern
