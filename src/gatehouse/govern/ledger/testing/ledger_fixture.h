#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "gatehouse/govern/ledger/ledger_writer.h"
#include "gatehouse/govern/ledger/row_list.h"
#include "gatehouse/govern/ledger/schema.h"
#include "gatehouse/govern/usage_row.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/testing/temp_folder.h"

namespace gatehouse::govern::testing {

inline base::WallTime at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
  return std::chrono::sys_days(std::chrono::year(year) / month / day) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// A row of team "support" that cost 3 millionths of a dollar for 100 and 20 tokens. The id must outlive the row.
inline UsageRow sample_row(std::string_view id, base::WallTime time) {
  UsageRow row;
  row.request_id = id;
  row.time = time;
  row.org = "acme";
  row.team = "support";
  row.key_id = "key-1";
  row.key_name = "ci";
  row.tags = "feature=search,env=prod";
  row.operation = "chat_completions";
  row.model_asked = "default";
  row.model_sent = "gpt-5.6-mini";
  row.provider = "openai";
  row.usage = {.prompt_tokens = 100, .completion_tokens = 20, .total_tokens = 120, .cached_tokens = 40, .known = true};
  row.cost.input = base::Money::nanos(1000);
  row.cost.output = base::Money::nanos(2000);
  row.status = 200;
  row.finish = "complete";
  row.finish_reason = "stop";
  row.attempts = 1;
  row.duration_us = 1500;
  return row;
}

// A ledger in a folder of its own. Throws when it cannot be made.
class LedgerStore {
 public:
  LedgerStore() {
    auto database = open();
    const std::array components{ledger_component()};
    if (!store::migrate(*database, components, at(2026, 1, 1))) throw std::runtime_error("migrate");
    writer_ = must(LedgerWriter::make(std::move(database)));
    reader_ = open();
  }

  LedgerWriter& writer() { return *writer_; }
  store::Database& reader() { return *reader_; }
  std::string url() const { return "sqlite:" + folder_.path("gatehouse.db"); }
  std::string path(const std::string& name) const { return folder_.path(name); }
  std::unique_ptr<store::Database> open() const { return must(store::open(url())); }

  void insert(const UsageRow& row) {
    if (auto done = writer_->insert({&row, 1}); !done) throw std::runtime_error(done.error().detail);
  }
  // Every raw row, the newest first; its texts hold during the visit.
  template <class Visit>
  void each_row(Visit visit) {
    RowQuery query{.limit = kMaxRows};
    do {
      query.cursor = must(list_rows(*reader_, query, [&](const UsageRow& row) { visit(row); }));
    } while (!query.cursor.empty());
  }
  std::int64_t rows() {
    std::int64_t count = 0;
    each_row([&](const UsageRow&) { ++count; });
    return count;
  }
  std::int64_t number(std::string_view sql) {
    auto statement = must(reader_->prepare(sql));
    return must(statement->step()) ? statement->integer(0) : -1;
  }

 private:
  template <class T>
  static T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(*result);
  }

  store::testing::TempFolder folder_;
  std::unique_ptr<LedgerWriter> writer_;
  std::unique_ptr<store::Database> reader_;
};

}  // namespace gatehouse::govern::testing
