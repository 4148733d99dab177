#include "gatehouse/govern/ledger/ledger_writer.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/ledger/raw_rows.h"
#include "gatehouse/govern/ledger/row_codec.h"

namespace gatehouse::govern {
namespace {

constexpr std::size_t kMaxKnownDimensions = 200'000;
constexpr std::size_t kMaxKeptMinutes = 16;
constexpr std::int64_t kExpiryStep = 10'000;
constexpr std::size_t kDigest = 16;  // bytes of SHA-256: two combinations never share them

// In the order of the columns of ledger_dimensions.
std::array<std::string_view, 13> dimension_texts(const UsageRow& row) {
  return {row.org,      row.unit, row.team,      row.project,     row.user,       row.key_id,  row.key_name,
          row.end_user, row.tags, row.operation, row.model_asked, row.model_sent, row.provider};
}

std::string placeholders(std::size_t count) {
  std::string text;
  for (std::size_t i = 1; i <= count; ++i) text += fmt::format("{}${}", i == 1 ? "" : ", ", i);
  return text;
}

}  // namespace

LedgerWriter::LedgerWriter(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}
LedgerWriter::~LedgerWriter() = default;

Result<std::unique_ptr<LedgerWriter>> LedgerWriter::make(std::unique_ptr<store::Database> database) {
  std::unique_ptr<LedgerWriter> writer(new LedgerWriter(std::move(database)));
  if (auto done = writer->prepare(); !done) return std::unexpected(done.error());
  return writer;
}

Result<> LedgerWriter::prepare() {
  Result<> result;
  const auto make = [&](std::unique_ptr<store::Statement>& into, const std::string& sql) {
    if (!result) return;
    auto statement = database_->prepare(sql);
    if (statement) {
      into = std::move(*statement);
    } else {
      result = std::unexpected(statement.error());
    }
  };
  make(insert_batch_,
       "INSERT INTO ledger_batches(minute, number, first_us, last_us, row_count, packed) "
       "SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM ledger_batches WHERE minute = $1");
  make(insert_dimensions_,
       fmt::format("INSERT INTO ledger_dimensions(digest, org, unit, team, project, user_id, key_id, key_name, "
                   "end_user, tags, operation, model_asked, model_sent, provider) VALUES({}) "
                   "ON CONFLICT(digest) DO UPDATE SET digest = excluded.digest RETURNING id",
                   placeholders(14)));
  std::string sums;
  for (std::size_t i = 0; i < kMeasureCount; ++i) {
    const std::string_view column = name(static_cast<Measure>(i));
    sums += fmt::format("{}{} = ledger_rollups.{} + excluded.{}", i == 0 ? "" : ", ", column, column, column);
  }
  make(upsert_rollup_, fmt::format("INSERT INTO ledger_rollups(bucket, start, dimensions, {}) VALUES({}) "
                                   "ON CONFLICT(bucket, start, dimensions) DO UPDATE SET {}",
                                   measure_columns(), placeholders(3 + kMeasureCount), sums));
  make(upsert_lane_,
       "INSERT INTO ledger_lanes(lane, applied, closed) VALUES($1, $2, $3) "
       "ON CONFLICT(lane) DO UPDATE SET applied = excluded.applied, closed = excluded.closed");
  make(forget_lane_, "DELETE FROM ledger_lanes WHERE lane = $1");
  return result;
}

Result<std::vector<store::JournalPosition>> LedgerWriter::positions() {
  auto select = database_->prepare("SELECT lane, applied, closed FROM ledger_lanes");
  if (!select) return std::unexpected(select.error());
  std::vector<store::JournalPosition> all;
  while (true) {
    auto row = (*select)->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return all;
    all.push_back({.lane = static_cast<std::uint64_t>((*select)->integer(0)),
                   .applied = static_cast<std::uint64_t>((*select)->integer(1)),
                   .closed = (*select)->integer(2) != 0});
  }
}

template <class Body>
Result<> LedgerWriter::in_transaction(Body body) {
  rollups_.clear();
  last_sums_ = nullptr;
  open_minutes_ = 0;
  auto transaction = store::Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  Result<> done = body();
  if (done) done = write_batches();
  if (done) done = write_rollups();
  if (done) done = transaction->commit();
  if (!done) {
    // What was numbered in it may have been rolled back with it.
    known_dimensions_.clear();
    last_id_ = 0;
  }
  return done;
}

Result<> LedgerWriter::commit(const store::JournalBatch& batch) {
  auto done = in_transaction([&]() -> Result<> {
    Identities stored;
    if (batch.recovered) {
      // After a crash of the machine a lane may come back that was applied and removed.
      Identities wanted;
      for (const auto& entry : batch.entries) {
        if (const auto row = decode(entry.payload)) wanted.emplace(micros_of(row->time), row->request_id);
      }
      auto found = stored_of(wanted);
      if (!found) return std::unexpected(found.error());
      stored = std::move(*found);
    }
    for (const auto& entry : batch.entries) {
      std::string_view dimension_bytes;
      auto row = decode(entry.payload, dimension_bytes, last_id_ != 0 ? std::string_view(last_dimensions_) : "");
      if (!row) {
        // Trying again would not help, and would hold up all that follow.
        unreadable_.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
      if (entry.interrupted) row->finish = "interrupted";
      if (batch.recovered && !is_new(stored, *row)) continue;
      if (auto added = add(*row, dimension_bytes); !added) return added;
    }
    return write_positions(batch);
  });
  if (done) expire();
  return done;
}

Result<LedgerWriter::Identities> LedgerWriter::stored_of(const Identities& wanted) {
  Identities stored;
  const auto keep = [&](std::int64_t, const UsageRow& row) -> Result<> {
    // The caller's own view of it, which outlives the visit.
    if (const auto found = wanted.find({micros_of(row.time), row.request_id}); found != wanted.end()) {
      stored.insert(*found);
    }
    return {};
  };
  for (auto from = wanted.begin(); from != wanted.end();) {
    // A minute at a time: what lies between two of them is not read.
    const std::int64_t end = (minute_of(from->first) + 1) * 60'000'000;
    const auto to = wanted.lower_bound({end, {}});
    if (auto done = each_raw_row(*database_, from->first, std::prev(to)->first + 1, keep); !done) {
      return std::unexpected(done.error());
    }
    from = to;
  }
  return stored;
}

bool LedgerWriter::is_new(Identities& stored, const UsageRow& row) {
  if (stored.emplace(micros_of(row.time), row.request_id).second) return true;
  repeated_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

// After the batch, in a transaction of its own: that it fails does not make the batch undone.
void LedgerWriter::expire() {
  const std::int64_t keep = keep_seconds_.load(std::memory_order_relaxed);
  if (keep <= 0 || newest_ < next_expiry_) return;
  const auto deleted = delete_rows_before(base::WallTime(std::chrono::seconds(newest_ - keep)), kExpiryStep);
  if (!deleted || *deleted < kExpiryStep) next_expiry_ = newest_ + 3600;
}

Result<> LedgerWriter::insert(std::span<const UsageRow> rows) {
  return in_transaction([&]() -> Result<> {
    // As they would come out of the journal: cut and brought into range.
    std::vector<std::string> encoded;
    encoded.reserve(rows.size());
    std::array<char, kMaxEncodedRow> buffer{};
    Identities wanted;
    for (const UsageRow& row : rows) {
      encoded.emplace_back(encode(row, buffer));
      if (const auto read = decode(encoded.back())) wanted.emplace(micros_of(read->time), read->request_id);
    }
    auto stored = stored_of(wanted);
    if (!stored) return std::unexpected(stored.error());
    for (const std::string& bytes : encoded) {
      std::string_view dimension_bytes;
      const auto row = decode(bytes, dimension_bytes);
      if (!row) return std::unexpected(row.error());
      if (!is_new(*stored, *row)) continue;
      if (auto added = add(*row, dimension_bytes); !added) return added;
    }
    return {};
  });
}

RowPacker& LedgerWriter::packer_of(std::int64_t minute) {
  // Nearly always the last one; few at all but after a crash.
  for (std::size_t i = open_minutes_; i > 0; --i) {
    if (minutes_[i - 1].minute == minute) return minutes_[i - 1].rows;
  }
  if (open_minutes_ == minutes_.size()) minutes_.emplace_back();
  Minute& fresh = minutes_[open_minutes_++];
  fresh.minute = minute;
  fresh.rows.clear();
  return fresh.rows;
}

Result<> LedgerWriter::add(const UsageRow& row, std::string_view dimension_bytes) {
  const auto dimensions = dimensions_of(row, dimension_bytes);
  if (!dimensions) return std::unexpected(dimensions.error());
  packer_of(minute_of(micros_of(row.time))).add(*dimensions, row);
  const std::int64_t second = seconds_of(row.time);
  newest_ = std::max(newest_, second);
  const RollupKey key{.start = bucket_start(Bucket::hour, second), .dimensions = *dimensions, .bucket = Bucket::hour};
  if (last_sums_ == nullptr || key != last_key_) {
    last_key_ = key;
    last_sums_ = &rollups_[key];
  }
  last_sums_->add(sums_of(row));
  return {};
}

Result<> LedgerWriter::write_batches() {
  for (std::size_t i = 0; i < open_minutes_; ++i) {
    const RowPacker& rows = minutes_[i].rows;
    insert_batch_->bind_integer(1, minutes_[i].minute).bind_integer(2, rows.first_us());
    insert_batch_->bind_integer(3, rows.last_us()).bind_integer(4, static_cast<std::int64_t>(rows.rows()));
    if (auto done = insert_batch_->bind_blob(5, rows.bytes()).run(); !done) return std::unexpected(done.error());
  }
  // Recovery may have needed thousands.
  if (minutes_.size() > kMaxKeptMinutes) minutes_.resize(kMaxKeptMinutes);
  return {};
}

Result<std::int64_t> LedgerWriter::dimensions_of(const UsageRow& row, std::string_view dimension_bytes) {
  if (last_id_ != 0 && dimension_bytes == last_dimensions_) return last_id_;
  const auto remember = [&](std::int64_t id) {
    last_dimensions_ = dimension_bytes;
    last_id_ = id;
    return id;
  };
  if (const auto known = known_dimensions_.find(dimension_bytes); known != known_dimensions_.end()) {
    return remember(known->second);
  }
  const auto texts = dimension_texts(row);
  std::string key;
  for (const std::string_view text : texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    key.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(text);
  }
  const crypto::Digest digest = crypto::sha256(key);
  store::Statement& insert = *insert_dimensions_;
  insert.bind_blob(1, {reinterpret_cast<const char*>(digest.data()), kDigest});
  for (std::size_t i = 0; i < texts.size(); ++i) insert.bind_text(static_cast<int>(i) + 2, texts[i]);
  auto step = insert.step();
  const std::int64_t id = step && *step ? insert.integer(0) : 0;
  insert.reset();
  if (!step) return std::unexpected(step.error());
  if (id == 0) return fail(Code::io, "ledger: the store gave no id");
  if (known_dimensions_.size() >= kMaxKnownDimensions) known_dimensions_.clear();
  known_dimensions_.emplace(dimension_bytes, id);
  return remember(id);
}

Result<> LedgerWriter::write_rollups() {
  // Gathered by the hour; days and months are made of hours.
  Rollups coarser;
  for (const auto& [key, sums] : rollups_) {
    for (const Bucket bucket : {Bucket::day, Bucket::month}) {
      coarser[{.start = bucket_start(bucket, key.start), .dimensions = key.dimensions, .bucket = bucket}].add(sums);
    }
  }
  for (const Rollups* all : {&rollups_, &coarser}) {
    if (auto done = write_rollups(*all); !done) return done;
  }
  return {};
}

Result<> LedgerWriter::write_rollups(const Rollups& rollups) {
  store::Statement& upsert = *upsert_rollup_;
  for (const auto& [key, sums] : rollups) {
    upsert.bind_integer(1, static_cast<std::int64_t>(key.bucket)).bind_integer(2, key.start);
    upsert.bind_integer(3, key.dimensions);
    for (std::size_t i = 0; i < kMeasureCount; ++i) upsert.bind_integer(static_cast<int>(i) + 4, sums.values[i]);
    if (auto done = upsert.run(); !done) return std::unexpected(done.error());
  }
  return {};
}

Result<> LedgerWriter::write_positions(const store::JournalBatch& batch) {
  for (const auto& position : batch.positions) {
    upsert_lane_->bind_integer(1, static_cast<std::int64_t>(position.lane));
    upsert_lane_->bind_integer(2, static_cast<std::int64_t>(position.applied));
    upsert_lane_->bind_integer(3, position.closed ? 1 : 0);
    if (auto done = upsert_lane_->run(); !done) return std::unexpected(done.error());
  }
  for (const std::uint64_t lane : batch.forget) {
    if (auto done = forget_lane_->bind_integer(1, static_cast<std::int64_t>(lane)).run(); !done) {
      return std::unexpected(done.error());
    }
  }
  return {};
}

Result<std::int64_t> LedgerWriter::delete_rows_before(base::WallTime before, std::int64_t limit) {
  const std::int64_t before_us = micros_of(before);
  std::int64_t deleted = 0;
  auto transaction = store::Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  const auto count = [&](Result<std::int64_t> some) -> Result<> {
    if (!some) return std::unexpected(some.error());
    deleted += *some;
    return {};
  };
  auto done = count(delete_single(before_us, limit));
  if (done && deleted < limit) done = count(delete_batches(minute_of(before_us), limit - deleted));
  if (done && deleted < limit) done = count(cut_batches(before_us));
  if (!done) return std::unexpected(done.error());
  if (deleted == 0) return 0;
  // From here on sums that need raw rows of before are known to be without them.
  auto state = database_->prepare(
      "INSERT INTO ledger_state(name, value) VALUES('raw_since', $1) "
      "ON CONFLICT(name) DO UPDATE SET value = max(ledger_state.value, excluded.value)");
  if (!state) return std::unexpected(state.error());
  if (auto kept = (*state)->bind_integer(1, before_us).run(); !kept) return std::unexpected(kept.error());
  if (auto committed = transaction->commit(); !committed) return std::unexpected(committed.error());
  return deleted;
}

Result<std::int64_t> LedgerWriter::delete_single(std::int64_t before_us, std::int64_t limit) {
  auto remove = database_->prepare(
      "DELETE FROM ledger_rows WHERE (time_us, request_id) IN "
      "(SELECT time_us, request_id FROM ledger_rows WHERE time_us < $1 ORDER BY time_us, request_id LIMIT $2)");
  if (!remove) return std::unexpected(remove.error());
  return (*remove)->bind_integer(1, before_us).bind_integer(2, limit).run();
}

// Whole batches of before a minute, the oldest first, until they had `limit` rows.
Result<std::int64_t> LedgerWriter::delete_batches(std::int64_t minute, std::int64_t limit) {
  auto select = database_->prepare(
      "SELECT minute, number, row_count FROM ledger_batches WHERE minute < $1 ORDER BY minute, number LIMIT $2");
  if (!select) return std::unexpected(select.error());
  (*select)->bind_integer(1, minute).bind_integer(2, limit);
  std::int64_t rows = 0;
  std::pair<std::int64_t, std::int64_t> last;
  while (rows < limit) {
    auto step = (*select)->step();
    if (!step) return std::unexpected(step.error());
    if (!*step) break;
    last = {(*select)->integer(0), (*select)->integer(1)};
    rows += (*select)->integer(2);
  }
  (*select)->reset();
  if (rows == 0) return 0;
  auto remove = database_->prepare("DELETE FROM ledger_batches WHERE minute < $1 OR (minute = $1 AND number <= $2)");
  if (!remove) return std::unexpected(remove.error());
  if (auto done = (*remove)->bind_integer(1, last.first).bind_integer(2, last.second).run(); !done) return done;
  return rows;
}

// Of the minute in which the cut lies, rows are taken out of their batches.
Result<std::int64_t> LedgerWriter::cut_batches(std::int64_t before_us) {
  const std::int64_t minute = minute_of(before_us);
  auto select = database_->prepare(
      "SELECT number, packed FROM ledger_batches WHERE minute = $1 AND first_us < $2 ORDER BY number LIMIT 1");
  if (!select) return std::unexpected(select.error());
  auto remove = database_->prepare("DELETE FROM ledger_batches WHERE minute = $1 AND number = $2");
  if (!remove) return std::unexpected(remove.error());
  auto replace = database_->prepare(
      "UPDATE ledger_batches SET first_us = $3, row_count = $4, packed = $5 WHERE minute = $1 AND number = $2");
  if (!replace) return std::unexpected(replace.error());
  std::int64_t deleted = 0;
  RowPacker kept;
  while (true) {
    (*select)->bind_integer(1, minute).bind_integer(2, before_us);
    auto step = (*select)->step();
    if (!step) return std::unexpected(step.error());
    if (!*step) return deleted;
    const std::int64_t number = (*select)->integer(0);
    kept.clear();
    RowUnpacker unpacker((*select)->blob(1));
    UsageRow row;
    std::int64_t dimensions = 0;
    while (true) {
      auto there = unpacker.next(dimensions, row);
      if (!there) return std::unexpected(there.error());
      if (!*there) break;
      if (micros_of(row.time) < before_us) {
        ++deleted;
      } else {
        kept.add(dimensions, row);
      }
    }
    (*select)->reset();
    store::Statement& change = kept.rows() == 0 ? **remove : **replace;
    change.bind_integer(1, minute).bind_integer(2, number);
    if (kept.rows() != 0) {
      change.bind_integer(3, kept.first_us()).bind_integer(4, static_cast<std::int64_t>(kept.rows()));
      change.bind_blob(5, kept.bytes());
    }
    if (auto done = change.run(); !done) return std::unexpected(done.error());
  }
}

}  // namespace gatehouse::govern
