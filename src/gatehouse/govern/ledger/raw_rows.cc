#include "gatehouse/govern/ledger/raw_rows.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/govern/ledger/packed_rows.h"
#include "gatehouse/govern/ledger/schema.h"

namespace gatehouse::govern {
namespace {

constexpr std::string_view kSingleColumns =
    "dimensions, time_us, request_id, error, finish_reason, finish, cache, usage_known, price_known, streamed, status, "
    "attempts, queued_us, time_to_first_byte_us, duration_us, prompt_tokens, completion_tokens, total_tokens, "
    "cached_tokens, cache_write_tokens, reasoning_tokens, prompt_audio_tokens, completion_audio_tokens, cost_input, "
    "cost_cached, cost_cache_write, cost_output, cost_reasoning, cost_audio, cost_request";

constexpr std::array kTokens = {&llm::Usage::prompt_tokens,       &llm::Usage::completion_tokens,
                                &llm::Usage::total_tokens,        &llm::Usage::cached_tokens,
                                &llm::Usage::cache_write_tokens,  &llm::Usage::reasoning_tokens,
                                &llm::Usage::prompt_audio_tokens, &llm::Usage::completion_audio_tokens};
constexpr std::array kCosts = {&llm::Cost::input,     &llm::Cost::cached, &llm::Cost::cache_write, &llm::Cost::output,
                               &llm::Cost::reasoning, &llm::Cost::audio,  &llm::Cost::request};
constexpr std::array kTexts = {&UsageRow::error, &UsageRow::finish_reason, &UsageRow::finish, &UsageRow::cache};

// A row of ledger_rows, selected with kSingleColumns. The views hold until the statement's next step.
UsageRow row_of(const store::Statement& rows) {
  UsageRow row;
  row.time = base::WallTime(std::chrono::microseconds(rows.integer(1)));
  row.request_id = rows.text(2);
  int column = 3;
  for (const auto text : kTexts) row.*text = rows.text(column++);
  row.usage.known = rows.integer(column++) != 0;
  row.price_known = rows.integer(column++) != 0;
  row.streamed = rows.integer(column++) != 0;
  row.status = static_cast<int>(rows.integer(column++));
  row.attempts = static_cast<std::uint32_t>(rows.integer(column++));
  row.queued_us = rows.integer(column++);
  row.time_to_first_byte_us = rows.integer(column++);
  row.duration_us = rows.integer(column++);
  for (const auto tokens : kTokens) row.usage.*tokens = static_cast<std::uint64_t>(rows.integer(column++));
  for (const auto cost : kCosts) row.cost.*cost = base::Money::nanos(rows.integer(column++));
  return row;
}

Result<> each_single(store::Database& database, std::int64_t from_us, std::int64_t to_us,
                     base::FunctionRef<Result<>(std::int64_t dimensions, const UsageRow& row)> visit) {
  auto select =
      database.prepare(fmt::format("SELECT {} FROM ledger_rows WHERE time_us >= $1 AND time_us < $2", kSingleColumns));
  if (!select) return std::unexpected(select.error());
  store::Statement& rows = **select;
  rows.bind_integer(1, from_us).bind_integer(2, to_us);
  while (true) {
    auto step = rows.step();
    if (!step) return std::unexpected(step.error());
    if (!*step) return {};
    if (auto done = visit(rows.integer(0), row_of(rows)); !done) return done;
  }
}

}  // namespace

Result<> each_raw_row(store::Database& database, std::int64_t from_us, std::int64_t to_us,
                      base::FunctionRef<Result<>(std::int64_t dimensions, const UsageRow& row)> visit) {
  if (auto done = each_single(database, from_us, to_us, visit); !done) return done;
  auto select = database.prepare(
      "SELECT packed FROM ledger_batches WHERE minute >= $1 AND minute <= $2 AND last_us >= $3 AND first_us < $4 "
      "ORDER BY minute, number");
  if (!select) return std::unexpected(select.error());
  store::Statement& batches = **select;
  batches.bind_integer(1, minute_of(from_us)).bind_integer(2, minute_of(to_us));
  batches.bind_integer(3, from_us).bind_integer(4, to_us);
  while (true) {
    auto step = batches.step();
    if (!step) return std::unexpected(step.error());
    if (!*step) return {};
    RowUnpacker unpacker(batches.blob(0));
    UsageRow row;
    std::int64_t dimensions = 0;
    while (true) {
      auto there = unpacker.next(dimensions, row);
      if (!there) return std::unexpected(there.error());
      if (!*there) break;
      const std::int64_t time_us = micros_of(row.time);
      if (time_us < from_us || time_us >= to_us) continue;
      if (auto done = visit(dimensions, row); !done) return done;
    }
  }
}

Result<std::unique_ptr<RawRowsBackwards>> RawRowsBackwards::open(store::Database& database, std::int64_t from_us,
                                                                 std::int64_t to_us, std::string_view to_id) {
  std::unique_ptr<RawRowsBackwards> rows(new RawRowsBackwards);
  rows->from_us_ = from_us;
  rows->to_us_ = to_us;
  rows->to_id_ = to_id;
  rows->minute_ = minute_of(to_us);
  Result<> result;
  const auto prepare = [&](std::unique_ptr<store::Statement>& into, const std::string& sql) {
    if (!result) return;
    auto statement = database.prepare(sql);
    if (statement) {
      into = std::move(*statement);
    } else {
      result = std::unexpected(statement.error());
    }
  };
  prepare(rows->single_,
          fmt::format("SELECT {} FROM ledger_rows WHERE time_us >= $1 AND (time_us, request_id) < ($2, $3) "
                      "ORDER BY time_us DESC, request_id DESC",
                      kSingleColumns));
  prepare(rows->minutes_,
          "SELECT minute FROM ledger_batches WHERE minute >= $1 AND minute <= $2 ORDER BY minute DESC LIMIT 1");
  prepare(rows->headers_,
          "SELECT number, first_us, last_us FROM ledger_batches WHERE minute = $1 AND last_us >= $2 AND first_us <= $3 "
          "ORDER BY last_us, number");
  prepare(rows->packed_, "SELECT packed FROM ledger_batches WHERE minute = $1 AND number = $2");
  if (!result) return std::unexpected(result.error());
  rows->single_->bind_integer(1, from_us).bind_integer(2, to_us).bind_text(3, rows->to_id_);
  if (result = rows->read_single(); result) result = rows->find_minute();
  if (!result) return std::unexpected(result.error());
  return rows;
}

Result<> RawRowsBackwards::read_single() {
  next_single_.reset();
  auto step = single_->step();
  if (!step) return std::unexpected(step.error());
  if (!*step) return {};
  Entry entry;
  entry.row = row_of(*single_);
  entry.dimensions = single_->integer(0);
  entry.time_us = micros_of(entry.row.time);
  entry.id = entry.row.request_id;
  // The statement goes on before the row is given.
  auto texts = std::make_shared<std::string>();
  for (const auto text : kTexts) texts->append(entry.row.*text);
  std::size_t at = 0;
  for (const auto text : kTexts) {
    const std::size_t size = (entry.row.*text).size();
    entry.row.*text = std::string_view(*texts).substr(at, size);
    at += size;
  }
  entry.texts = std::move(texts);
  next_single_ = std::move(entry);
  ++read_;
  return {};
}

// The next minute that has batches with what is wanted.
Result<> RawRowsBackwards::find_minute() {
  while (more_minutes_ && batches_.empty()) {
    minutes_->bind_integer(1, minute_of(from_us_)).bind_integer(2, *minute_);
    auto found = minutes_->step();
    if (!found) return std::unexpected(found.error());
    more_minutes_ = *found;
    if (!more_minutes_) return {};
    const std::int64_t minute = minutes_->integer(0);
    minutes_->reset();
    headers_->bind_integer(1, minute).bind_integer(2, from_us_).bind_integer(3, to_us_);
    while (true) {
      auto row = headers_->step();
      if (!row) return std::unexpected(row.error());
      if (!*row) break;
      batches_.push_back(
          {.number = headers_->integer(0), .first_us = headers_->integer(1), .last_us = headers_->integer(2)});
    }
    headers_->reset();
    minute_ = minute;
    // All of this one is in `batches_`; when these are through it goes on below.
    if (batches_.empty()) minute_ = minute - 1;
  }
  return {};
}

Result<> RawRowsBackwards::load(const Batch& batch) {
  packed_->bind_integer(1, *minute_).bind_integer(2, batch.number);
  auto step = packed_->step();
  if (!step) return std::unexpected(step.error());
  if (!*step) {
    packed_->reset();
    return {};
  }
  auto bytes = std::make_shared<const std::string>(packed_->blob(0));
  packed_->reset();
  RowUnpacker unpacker(*bytes);
  Entry entry;
  while (true) {
    auto there = unpacker.next(entry.dimensions, entry.row);
    if (!there) return std::unexpected(there.error());
    if (!*there) return {};
    ++read_;
    entry.time_us = micros_of(entry.row.time);
    if (!is_wanted(entry.time_us, entry.row.request_id)) continue;
    entry.id = entry.row.request_id;
    entry.texts = bytes;
    loaded_.push(entry);
  }
}

Result<const UsageRow*> RawRowsBackwards::next() {
  while (true) {
    const bool single = next_single_ && (loaded_.empty() || !Older()(*next_single_, loaded_.top()));
    const Entry* newest = single ? &*next_single_ : loaded_.empty() ? nullptr : &loaded_.top();
    // What is not loaded yet is no newer than the next batch's last row.
    if (!batches_.empty() && (newest == nullptr || newest->time_us <= batches_.back().last_us)) {
      const Batch batch = batches_.back();
      batches_.pop_back();
      if (auto done = load(batch); !done) return std::unexpected(done.error());
      if (batches_.empty()) {
        minute_ = *minute_ - 1;
        if (auto done = find_minute(); !done) return std::unexpected(done.error());
      }
      continue;
    }
    if (newest == nullptr) return nullptr;
    current_ = *newest;
    if (single) {
      if (auto done = read_single(); !done) return std::unexpected(done.error());
    } else {
      loaded_.pop();
    }
    current_.row.request_id = current_.id;
    return &current_.row;
  }
}

}  // namespace gatehouse::govern
