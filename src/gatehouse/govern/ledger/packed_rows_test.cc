#include "gatehouse/govern/ledger/packed_rows.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/govern/ledger/raw_rows.h"
#include "gatehouse/govern/ledger/row_list.h"
#include "gatehouse/govern/ledger/testing/ledger_fixture.h"

namespace gatehouse::govern {
namespace {

using testing::at;
using testing::LedgerStore;
using testing::sample_row;

TEST(PackedRows, EveryFieldComesBack) {
  UsageRow full = sample_row("req_01k3", at(2026, 11, 21, 10, 30));
  full.usage = {.prompt_tokens = 1,
                .completion_tokens = 2,
                .total_tokens = 3,
                .cached_tokens = 4,
                .cache_write_tokens = 5,
                .reasoning_tokens = 6,
                .prompt_audio_tokens = 7,
                .completion_audio_tokens = 8,
                .known = true};
  const auto nanos = [](std::int64_t n) { return base::Money::nanos(n); };
  full.cost = {.input = nanos(1),
               .cached = nanos(-2),
               .cache_write = nanos(3),
               .output = nanos(4),
               .reasoning = nanos(5),
               .audio = nanos(6),
               .request = nanos(10'000'000'000'000'000)};
  full.price_known = false;
  full.streamed = true;
  full.status = 503;
  full.error = "overloaded";
  full.cache = "hit-exact";
  full.attempts = 3;
  full.queued_us = 10;
  full.time_to_first_byte_us = 12;
  full.duration_us = 20;
  // Before it, after it and in between: rows that share nothing, all or some of it.
  const UsageRow plain = sample_row("req_01k4", at(2026, 11, 21, 10, 29, 59));
  const UsageRow empty{};
  const std::vector<std::pair<std::int64_t, UsageRow>> rows = {{7, full},  {7, full},  {1, plain}, {9, full},
                                                               {0, empty}, {1, plain}, {1, plain}};
  RowPacker packer;
  for (const auto& [dimensions, row] : rows) packer.add(dimensions, row);
  EXPECT_EQ(packer.rows(), rows.size());
  EXPECT_EQ(packer.first_us(), 0);
  EXPECT_EQ(packer.last_us(), micros_of(full.time));
  RowUnpacker unpacker(packer.bytes());
  UsageRow row;
  std::int64_t dimensions = 0;
  for (const auto& [wanted_dimensions, wanted] : rows) {
    ASSERT_TRUE(unpacker.next(dimensions, row).value());
    EXPECT_EQ(dimensions, wanted_dimensions);
    EXPECT_EQ(row.time, wanted.time);
    EXPECT_EQ(row.usage, wanted.usage);
    EXPECT_EQ(row.cost, wanted.cost);
    for (const auto member :
         {&UsageRow::request_id, &UsageRow::error, &UsageRow::finish_reason, &UsageRow::finish, &UsageRow::cache}) {
      EXPECT_EQ(row.*member, wanted.*member);
    }
    EXPECT_EQ(row.price_known, wanted.price_known);
    EXPECT_EQ(row.streamed, wanted.streamed);
    EXPECT_EQ(row.status, wanted.status);
    EXPECT_EQ(row.attempts, wanted.attempts);
    EXPECT_EQ(row.queued_us, wanted.queued_us);
    EXPECT_EQ(row.time_to_first_byte_us, wanted.time_to_first_byte_us);
    EXPECT_EQ(row.duration_us, wanted.duration_us);
  }
  EXPECT_FALSE(unpacker.next(dimensions, row).value());
}

TEST(PackedRows, RefusesWhatIsCut) {
  RowPacker packer;
  packer.add(3, sample_row("req_1", at(2026, 11, 21)));
  const std::string bytes(packer.bytes());
  UsageRow row;
  std::int64_t dimensions = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (size == 1) continue;  // no rows at all
    const std::string cut = bytes.substr(0, size);
    EXPECT_FALSE(RowUnpacker(cut).next(dimensions, row)) << size;
  }
  EXPECT_FALSE(RowUnpacker("\x02" + bytes.substr(1)).next(dimensions, row));
}

TEST(PackedRows, OnesLikeTheRowBeforeTakeFewBytes) {
  RowPacker packer;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = fmt::format("req_01k3abcdef{:016}", i);
    UsageRow row = sample_row(id, at(2026, 11, 21) + std::chrono::microseconds(15 * i));
    row.duration_us = 1000 + i % 300;
    row.time_to_first_byte_us = 900 + i % 300;
    packer.add(1, row);
  }
  EXPECT_LT(packer.bytes().size() / 1000, 35u);
}

// A store as version 1 of the schema left it: its rows one by one.
class OldAndNew : public ::testing::Test {
 protected:
  void put_old(std::string_view id, base::WallTime time, std::int64_t dimensions, std::string_view finish) {
    auto database = ledger_.open();
    auto insert = database->prepare(
        "INSERT INTO ledger_rows VALUES($1, $2, $3, 1, 1, 0, 200, '', 'stop', $4, '', 1, 0, -1, 1500, 100, 20, 120, "
        "40, "
        "0, 0, 0, 0, 1000, 0, 0, 2000, 0, 0, 0)");
    ASSERT_TRUE(insert);
    ASSERT_TRUE((*insert)
                    ->bind_integer(1, micros_of(time))
                    .bind_text(2, id)
                    .bind_integer(3, dimensions)
                    .bind_text(4, finish)
                    .run());
  }
  LedgerStore ledger_;
};

TEST_F(OldAndNew, AreReadAsOneFromTheNewestToTheOldest) {
  std::mt19937 random(7);
  std::vector<std::pair<std::int64_t, std::string>> all;
  for (int commit = 0; commit < 60; ++commit) {
    std::vector<std::string> ids;
    std::vector<UsageRow> rows;
    for (int i = 0; i < 20; ++i) ids.push_back(fmt::format("req_{:02}{:02}", commit, i));
    for (int i = 0; i < 20; ++i) {
      // Many began long before others that were committed earlier, some at the same time.
      const auto time = at(2026, 11, 21, 10) + std::chrono::seconds(5 * commit) - std::chrono::seconds(random() % 120);
      rows.push_back(sample_row(ids[i], time));
      all.emplace_back(micros_of(time), ids[i]);
    }
    ASSERT_TRUE(ledger_.writer().insert(rows));
  }
  for (int i = 0; i < 100; ++i) {
    const auto time = at(2026, 11, 21, 9, 55) + std::chrono::seconds(random() % 700);
    const std::string id = fmt::format("old_{:03}", i);
    put_old(id, time, 1, "complete");
    all.emplace_back(micros_of(time), id);
  }
  std::ranges::sort(all, std::greater());
  for (const std::size_t limit : {1UL, 7UL, 500UL, kMaxRows}) {
    std::vector<std::pair<std::int64_t, std::string>> seen;
    RowQuery query{.limit = limit};
    do {
      auto cursor = list_rows(ledger_.reader(), query, [&](const UsageRow& row) {
        EXPECT_EQ(row.team, "support");
        EXPECT_EQ(row.finish, "complete");
        EXPECT_EQ(row.cost.output.nanos(), 2000);
        seen.emplace_back(micros_of(row.time), row.request_id);
      });
      ASSERT_TRUE(cursor);
      query.cursor = *cursor;
    } while (!query.cursor.empty());
    ASSERT_EQ(seen, all) << limit;
  }
  // A stretch of it, in any order, by both ways of reading.
  const auto from = at(2026, 11, 21, 9, 58, 30);
  const auto to = at(2026, 11, 21, 10, 3, 3);
  const auto within = std::ranges::count_if(
      all, [&](const auto& one) { return one.first >= micros_of(from) && one.first < micros_of(to); });
  std::ptrdiff_t listed = 0;
  ASSERT_TRUE(
      list_rows(ledger_.reader(), {.from = from, .to = to, .limit = kMaxRows}, [&](const UsageRow&) { ++listed; }));
  EXPECT_EQ(listed, within);
  std::ptrdiff_t visited = 0;
  ASSERT_TRUE(each_raw_row(ledger_.reader(), micros_of(from), micros_of(to), [&](std::int64_t, const UsageRow&) {
    ++visited;
    return Result<>();
  }));
  EXPECT_EQ(visited, within);
}

TEST_F(OldAndNew, RowsOfBeforeAreSummedKeptOnceAndDeleted) {
  const auto time = at(2026, 11, 21, 10, 30);
  ledger_.insert(sample_row("new", time));
  put_old("old", time, 1, "interrupted");
  const auto answer = query_usage(ledger_.reader(), {.by = {{Dimension::finish, ""}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->total[Measure::requests], 2);
  EXPECT_EQ(answer->total[Measure::cost], 6000);
  ASSERT_EQ(answer->groups.size(), 2u);
  ledger_.insert(sample_row("old", time));
  EXPECT_EQ(ledger_.writer().repeated(), 1u) << "it is there, one by one";
  EXPECT_EQ(ledger_.writer().delete_rows_before(time + std::chrono::seconds(1)).value(), 2);
  EXPECT_EQ(ledger_.rows(), 0);
}

}  // namespace
}  // namespace gatehouse::govern
