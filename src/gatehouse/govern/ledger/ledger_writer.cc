#include "gatehouse/govern/ledger/ledger_writer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/ledger/row_codec.h"

namespace gatehouse::govern {
namespace {

constexpr std::size_t kMaxKnownDimensions = 200'000;
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
  make(insert_row_,
       fmt::format(
           "INSERT INTO ledger_rows(request_id, time_us, dimensions, usage_known, price_known, streamed, status, "
           "error, finish_reason, finish, cache, attempts, queued_us, time_to_first_byte_us, duration_us, "
           "prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, "
           "reasoning_tokens, prompt_audio_tokens, completion_audio_tokens, cost_input, cost_cached, "
           "cost_cache_write, cost_output, cost_reasoning, cost_audio, cost_request) VALUES({}) "
           "ON CONFLICT(time_us, request_id) DO NOTHING",
           placeholders(30)));
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
  auto transaction = store::Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  Result<> done = body();
  if (done) done = write_rollups();
  if (done) done = transaction->commit();
  // What was numbered in it may have been rolled back with it.
  if (!done) known_dimensions_.clear();
  return done;
}

Result<> LedgerWriter::commit(const store::JournalBatch& batch) {
  auto done = in_transaction([&]() -> Result<> {
    for (const auto& entry : batch.entries) {
      auto row = decode(entry.payload);
      if (!row) {
        // Trying again would not help, and would hold up all that follow.
        unreadable_.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
      if (entry.interrupted) row->finish = "interrupted";
      if (auto done = add(*row); !done) return done;
    }
    return write_positions(batch);
  });
  if (done) expire();
  return done;
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
    for (const UsageRow& row : rows) {
      if (auto done = add(row); !done) return done;
    }
    return {};
  });
}

Result<> LedgerWriter::add(const UsageRow& row) {
  const auto dimensions = dimensions_of(row);
  if (!dimensions) return std::unexpected(dimensions.error());
  const Sums sums = sums_of(row);
  store::Statement& insert = *insert_row_;
  insert.bind_text(1, row.request_id).bind_integer(2, micros_of(row.time)).bind_integer(3, *dimensions);
  insert.bind_integer(4, row.usage.known ? 1 : 0).bind_integer(5, row.price_known ? 1 : 0);
  insert.bind_integer(6, row.streamed ? 1 : 0).bind_integer(7, row.status).bind_text(8, row.error);
  insert.bind_text(9, row.finish_reason).bind_text(10, row.finish).bind_text(11, row.cache);
  insert.bind_integer(12, row.attempts).bind_integer(13, row.queued_us);
  insert.bind_integer(14, row.time_to_first_byte_us).bind_integer(15, row.duration_us);
  insert.bind_integer(16, sums[Measure::prompt_tokens]).bind_integer(17, sums[Measure::completion_tokens]);
  insert.bind_integer(18, static_cast<std::int64_t>(row.usage.total_tokens));
  insert.bind_integer(19, sums[Measure::cached_tokens]).bind_integer(20, sums[Measure::cache_write_tokens]);
  insert.bind_integer(21, sums[Measure::reasoning_tokens]).bind_integer(22, sums[Measure::prompt_audio_tokens]);
  insert.bind_integer(23, sums[Measure::completion_audio_tokens]);
  for (std::size_t i = 0; i < 7; ++i) {
    insert.bind_integer(24 + static_cast<int>(i), sums.values[static_cast<std::size_t>(Measure::cost_input) + i]);
  }
  auto inserted = insert.run();
  if (!inserted) return std::unexpected(inserted.error());
  if (*inserted == 0) {
    repeated_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  const std::int64_t second = seconds_of(row.time);
  newest_ = std::max(newest_, second);
  for (const Bucket bucket : {Bucket::hour, Bucket::day, Bucket::month}) {
    rollups_[{.start = bucket_start(bucket, second), .dimensions = *dimensions, .bucket = bucket}].add(sums);
  }
  return {};
}

Result<std::int64_t> LedgerWriter::dimensions_of(const UsageRow& row) {
  const auto texts = dimension_texts(row);
  key_.clear();
  for (const std::string_view text : texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    key_.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(text);
  }
  if (const auto known = known_dimensions_.find(key_); known != known_dimensions_.end()) return known->second;
  const crypto::Digest digest = crypto::sha256(key_);
  store::Statement& insert = *insert_dimensions_;
  insert.bind_blob(1, {reinterpret_cast<const char*>(digest.data()), kDigest});
  for (std::size_t i = 0; i < texts.size(); ++i) insert.bind_text(static_cast<int>(i) + 2, texts[i]);
  auto step = insert.step();
  const std::int64_t id = step && *step ? insert.integer(0) : 0;
  insert.reset();
  if (!step) return std::unexpected(step.error());
  if (id == 0) return fail(Code::io, "ledger: the store gave no id");
  if (known_dimensions_.size() >= kMaxKnownDimensions) known_dimensions_.clear();
  known_dimensions_.emplace(key_, id);
  return id;
}

Result<> LedgerWriter::write_rollups() {
  store::Statement& upsert = *upsert_rollup_;
  for (const auto& [key, sums] : rollups_) {
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
  std::int64_t deleted = 0;
  auto done = in_transaction([&]() -> Result<> {
    auto remove = database_->prepare(
        "DELETE FROM ledger_rows WHERE (time_us, request_id) IN "
        "(SELECT time_us, request_id FROM ledger_rows WHERE time_us < $1 ORDER BY time_us, request_id LIMIT $2)");
    if (!remove) return std::unexpected(remove.error());
    auto count = (*remove)->bind_integer(1, micros_of(before)).bind_integer(2, limit).run();
    if (!count) return std::unexpected(count.error());
    deleted = *count;
    if (deleted == 0) return {};
    // From here on sums that need raw rows of before are known to be without them.
    auto state = database_->prepare(
        "INSERT INTO ledger_state(name, value) VALUES('raw_since', $1) "
        "ON CONFLICT(name) DO UPDATE SET value = max(ledger_state.value, excluded.value)");
    if (!state) return std::unexpected(state.error());
    if (auto kept = (*state)->bind_integer(1, micros_of(before)).run(); !kept) return std::unexpected(kept.error());
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return deleted;
}

}  // namespace gatehouse::govern
