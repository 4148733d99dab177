#include <algorithm>
#include <array>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/govern/ledger/ledger_writer.h"
#include "gatehouse/govern/ledger/row_codec.h"
#include "gatehouse/govern/ledger/testing/ledger_fixture.h"
#include "gatehouse/govern/ledger/totals.h"
#include "gatehouse/store/journal.h"

namespace gatehouse::govern {
namespace {

using testing::at;
using ::testing::ElementsAre;
using testing::LedgerStore;
using ::testing::Pair;
using testing::sample_row;

TEST(RowCodec, EveryFieldComesBack) {
  UsageRow row = sample_row("req_1", at(2026, 11, 21, 10, 30));
  row.unit = "emea";
  row.project = "p";
  row.user = "u";
  row.end_user = "customer \xc3\xa9";
  row.usage = {.prompt_tokens = 1,
               .completion_tokens = 2,
               .total_tokens = 3,
               .cached_tokens = 4,
               .cache_write_tokens = 5,
               .reasoning_tokens = 6,
               .prompt_audio_tokens = 7,
               .completion_audio_tokens = 8,
               .known = true};
  const auto nanos = [](std::int64_t n) { return base::Money::nanos(n); };
  row.cost = {.input = nanos(1),
              .cached = nanos(-2),
              .cache_write = nanos(3),
              .output = nanos(4),
              .reasoning = nanos(5),
              .audio = nanos(6),
              .request = nanos(7)};
  row.price_known = false;
  row.status = 503;
  row.error = "overloaded";
  row.cache = "hit-exact";
  row.attempts = 3;
  row.streamed = true;
  row.queued_us = 10;
  row.time_to_first_byte_us = -1;
  row.duration_us = 20;
  std::array<char, kMaxEncodedRow> out{};
  const auto again = decode(encode(row, out));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->time, row.time);
  EXPECT_EQ(again->usage, row.usage);
  EXPECT_EQ(again->cost, row.cost);
  for (const auto member :
       {&UsageRow::request_id, &UsageRow::org, &UsageRow::unit, &UsageRow::team, &UsageRow::project, &UsageRow::user,
        &UsageRow::key_id, &UsageRow::key_name, &UsageRow::end_user, &UsageRow::tags, &UsageRow::operation,
        &UsageRow::model_asked, &UsageRow::model_sent, &UsageRow::provider, &UsageRow::error, &UsageRow::finish_reason,
        &UsageRow::finish, &UsageRow::cache}) {
    EXPECT_EQ((*again).*member, row.*member);
  }
  EXPECT_EQ(again->price_known, false);
  EXPECT_EQ(again->streamed, true);
  EXPECT_EQ(again->status, 503);
  EXPECT_EQ(again->attempts, 3u);
  EXPECT_EQ(again->queued_us, 10);
  EXPECT_EQ(again->time_to_first_byte_us, -1);
  EXPECT_EQ(again->duration_us, 20);
}

TEST(RowCodec, TheLargestRowFitsAndTextsAreCutWhole) {
  std::string wide;
  while (wide.size() < 600) wide += "\xe2\x82\xac";  // three bytes each
  std::string tags = "a=1";
  while (tags.size() < 600) tags += ",k=" + std::string(30, 'v');
  UsageRow row = sample_row("req_1", base::WallTime::max());
  for (const auto member : {&UsageRow::request_id, &UsageRow::org, &UsageRow::unit, &UsageRow::team, &UsageRow::project,
                            &UsageRow::user, &UsageRow::key_id, &UsageRow::key_name, &UsageRow::end_user,
                            &UsageRow::operation, &UsageRow::model_asked, &UsageRow::model_sent, &UsageRow::provider,
                            &UsageRow::error, &UsageRow::finish_reason, &UsageRow::finish, &UsageRow::cache}) {
    row.*member = wide;
  }
  row.tags = tags;
  row.usage.prompt_tokens = UINT64_MAX;
  row.cost.input = base::Money::max();
  row.duration_us = INT64_MAX;
  std::array<char, kMaxEncodedRow> out{};
  const auto again = decode(encode(row, out));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->team.size(), kMaxNodeId - kMaxNodeId % 3) << "no half of a character";
  EXPECT_LE(again->tags.size(), kMaxRowTags);
  EXPECT_TRUE(
      again->tags.ends_with(","
                            "k=" +
                            std::string(30, 'v')))
      << "no half of a tag";
  EXPECT_EQ(again->usage.prompt_tokens, 1'000'000'000'000'000u);
}

TEST(RowCodec, TextsThatAreKnownAreNotReadAgain) {
  std::array<char, kMaxEncodedRow> out{};
  UsageRow row = sample_row("req_1", at(2026, 11, 21));
  row.finish_reason = "stop";
  const std::string bytes(encode(row, out));
  std::string_view dimensions;
  ASSERT_TRUE(decode(bytes, dimensions));
  const std::string known(dimensions);
  const auto again = decode(bytes, dimensions, known);
  ASSERT_TRUE(again);
  EXPECT_EQ(dimensions, known);
  EXPECT_EQ(again->request_id, "req_1");
  EXPECT_EQ(again->team, "");
  EXPECT_EQ(again->finish_reason, "stop");
  EXPECT_EQ(again->usage, row.usage);
  // One text more at the end of them, and one less: other combinations.
  for (const std::string_view provider : {"", "another"}) {
    row.provider = provider;
    const auto other = decode(encode(row, out), dimensions, known);
    ASSERT_TRUE(other);
    EXPECT_NE(dimensions, known);
    EXPECT_EQ(other->team, row.team);
    EXPECT_EQ(other->provider, provider);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size), dimensions, known)) << size;
  }
}

TEST(RowCodec, RefusesWhatIsCutOrTooLong) {
  std::array<char, kMaxEncodedRow> out{};
  const std::string bytes(encode(sample_row("req_1", at(2026, 11, 21)), out));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode(bytes.substr(0, size))) << size;
  EXPECT_FALSE(decode(bytes + "x"));
  EXPECT_FALSE(decode("\x02" + bytes.substr(1)));
}

TEST(LedgerWriter, ARowThatIsSeenTwiceCountsOnce) {
  LedgerStore ledger;
  ledger.insert(sample_row("req_1", at(2026, 11, 21, 10, 59, 59)));
  ledger.insert(sample_row("req_1", at(2026, 11, 21, 10, 59, 59)));
  ledger.insert(sample_row("req_2", at(2026, 11, 21, 11)));
  EXPECT_EQ(ledger.writer().repeated(), 1u);
  EXPECT_EQ(ledger.rows(), 2);
  EXPECT_EQ(ledger.number("SELECT count(*) FROM ledger_dimensions"), 1);
  EXPECT_EQ(ledger.number("SELECT count(*) FROM ledger_rollups WHERE bucket = 0"), 2) << "two hours";
  for (const char* bucket : {"0", "1", "2"}) {
    const std::string of = std::string(" FROM ledger_rollups WHERE bucket = ") + bucket;
    EXPECT_EQ(ledger.number("SELECT sum(requests)" + of), 2);
    EXPECT_EQ(ledger.number("SELECT sum(prompt_tokens)" + of), 200);
    EXPECT_EQ(ledger.number("SELECT sum(cost)" + of), 6000);
    EXPECT_EQ(ledger.number("SELECT sum(cost_output)" + of), 4000);
  }
  EXPECT_EQ(ledger.number("SELECT start FROM ledger_rollups WHERE bucket = 2"), seconds_of(at(2026, 11, 1)));
}

TEST(LedgerWriter, RollUpsEqualTheRowsWhateverTheDimensions) {
  LedgerStore ledger;
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) texts.push_back("v" + std::to_string(i));
  for (std::size_t i = 0; i < 500; ++i) {
    UsageRow row = sample_row(texts[i], at(2026, 10, 1 + i % 28, static_cast<int>(i % 24)));
    row.team = texts[i % 7];
    row.end_user = texts[i % 50];
    row.usage.prompt_tokens = i;
    row.usage.known = i % 2 == 0;
    ledger.insert(row);
  }
  Sums sums;
  ledger.each_row([&](const UsageRow& row) { sums.add(sums_of(row)); });
  EXPECT_EQ(sums[Measure::requests], 500);
  for (std::size_t i = 0; i < kMeasureCount; ++i) {
    const auto measure = static_cast<Measure>(i);
    for (const char* bucket : {"0", "1", "2"}) {
      EXPECT_EQ(
          ledger.number(fmt::format("SELECT sum({}) FROM ledger_rollups WHERE bucket = {}", name(measure), bucket)),
          sums[measure])
          << name(measure);
    }
  }
  EXPECT_EQ(ledger.number("SELECT sum(estimated) FROM ledger_rollups WHERE bucket = 2"), 250);
}

TEST(LedgerWriter, AnInterruptedIntentIsChargedAsItSays) {
  LedgerStore ledger;
  const store::JournalOptions options{.folder = ledger.path("journal"),
                                      .segment_bytes = 65536,
                                      .segments = 2,
                                      .slots = 4,
                                      .max_payload = kMaxEncodedRow,
                                      .sync_every = {}};
  std::array<char, kMaxEncodedRow> out{};
  {
    auto journal = *store::Journal::open(options, ledger.writer());
    store::JournalLane& lane = **journal->make_lane();
    UsageRow row = sample_row("req_done", at(2026, 11, 21));
    const auto done = lane.open(encode(row, out));
    row.request_id = "req_open";
    row.cost.output = base::Money::nanos(500);
    row.finish = "";
    ASSERT_TRUE(lane.open(encode(row, out)));
    row.request_id = "req_done";
    row.cost.output = base::Money::nanos(7);
    row.finish = "complete";
    ASSERT_TRUE(lane.settle(done, encode(row, out)));
    ASSERT_TRUE(lane.record("no row at all"));
  }
  auto journal = *store::Journal::open(options, ledger.writer());
  EXPECT_EQ(journal->recovered().interrupted, 1u);
  EXPECT_EQ(ledger.writer().unreadable(), 1u);
  std::map<std::string, std::string> seen;
  ledger.each_row([&](const UsageRow& row) {
    seen[std::string(row.request_id)] = fmt::format("{} {}", row.finish, row.cost.output.nanos());
  });
  EXPECT_THAT(seen, ElementsAre(Pair("req_done", "complete 7"), Pair("req_open", "interrupted 500")));
  EXPECT_EQ(ledger.number("SELECT count(*) FROM ledger_lanes"), 0);
}

TEST(LedgerWriter, AFailedCommitChangesNothingAndCanBeDoneAgain) {
  LedgerStore ledger;
  auto other = ledger.open();
  ASSERT_TRUE(other->execute("CREATE TEMP TABLE t(a)"));
  // A row that violates nothing, then a trigger that refuses the roll-up.
  ASSERT_TRUE(
      other->execute("CREATE TRIGGER refuse BEFORE INSERT ON ledger_rollups BEGIN SELECT RAISE(ABORT, 'no'); END"));
  const UsageRow row = sample_row("req_1", at(2026, 11, 21));
  EXPECT_FALSE(ledger.writer().insert({&row, 1}));
  EXPECT_EQ(ledger.rows(), 0);
  ASSERT_TRUE(other->execute("DROP TRIGGER refuse"));
  EXPECT_TRUE(ledger.writer().insert({&row, 1}));
  ledger.each_row([](const UsageRow& row) { EXPECT_EQ(row.team, "support") << "its combination was written anew"; });
  EXPECT_EQ(ledger.rows(), 1);
  EXPECT_EQ(ledger.number("SELECT requests FROM ledger_rollups WHERE bucket = 0"), 1);
}

TEST(LedgerWriter, RowsThatAreTooOldGoAndTheirSumsStay) {
  LedgerStore ledger;
  const auto commit = [&](std::string_view id, base::WallTime time) {
    std::array<char, kMaxEncodedRow> out{};
    const store::JournalBatch::Entry entry{.payload = encode(sample_row(id, time), out)};
    ASSERT_TRUE(ledger.writer().commit({.entries = {&entry, 1}, .positions = {}, .forget = {}}));
  };
  commit("old", at(2026, 10, 1));
  commit("1", at(2026, 11, 1, 0, 30));
  EXPECT_EQ(ledger.rows(), 2) << "nothing said: nothing goes";
  ledger.writer().keep_rows_for(std::chrono::days(30));
  commit("2", at(2026, 11, 1, 1));
  EXPECT_EQ(ledger.rows(), 2);
  commit("3", at(2026, 12, 1, 1, 30));
  EXPECT_EQ(ledger.rows(), 1);
  EXPECT_EQ(ledger.number("SELECT sum(requests) FROM ledger_rollups WHERE bucket = 2"), 4);
  EXPECT_EQ(ledger.number("SELECT value FROM ledger_state WHERE name = 'raw_since'"),
            micros_of(at(2026, 11, 1, 1, 30)));
}

TEST(LedgerWriter, WhatComesAgainAfterACrashCountsOnce) {
  LedgerStore ledger;
  std::array<std::array<char, kMaxEncodedRow>, 3> out{};
  const auto time = at(2026, 11, 21, 10, 30);
  const std::array<store::JournalBatch::Entry, 3> entries = {{
      {.payload = encode(sample_row("req_1", time), out[0])},
      {.payload = encode(sample_row("req_2", time + std::chrono::minutes(5)), out[1])},
      {.payload = encode(sample_row("req_3", time), out[2]), .interrupted = true},
  }};
  const std::span all(entries);
  ASSERT_TRUE(ledger.writer().commit({.entries = all.first(1), .positions = {}, .forget = {}}));
  ASSERT_TRUE(ledger.writer().commit({.entries = all, .positions = {}, .forget = {}, .recovered = true}));
  ASSERT_TRUE(ledger.writer().commit({.entries = all, .positions = {}, .forget = {}, .recovered = true}));
  EXPECT_EQ(ledger.writer().repeated(), 4u);
  EXPECT_EQ(ledger.rows(), 3);
  EXPECT_EQ(ledger.number("SELECT sum(requests) FROM ledger_rollups WHERE bucket = 0"), 3);
}

TEST(LedgerWriter, TheCutOfRetentionGoesThroughACommit) {
  LedgerStore ledger;
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(fmt::format("req_{:03}", i));
  std::vector<UsageRow> rows;
  for (int i = 0; i < 100; ++i) rows.push_back(sample_row(ids[i], at(2026, 11, 21, 10, i / 50, i % 50)));
  ASSERT_TRUE(ledger.writer().insert(rows));
  EXPECT_EQ(ledger.number("SELECT count(*) FROM ledger_batches"), 2) << "one a minute";
  EXPECT_EQ(ledger.writer().delete_rows_before(at(2026, 11, 21, 10, 1, 10), 10).value(), 50) << "a whole commit's";
  EXPECT_EQ(ledger.writer().delete_rows_before(at(2026, 11, 21, 10, 1, 10)).value(), 10);
  EXPECT_EQ(ledger.writer().delete_rows_before(at(2026, 11, 21, 10, 1, 10)).value(), 0);
  std::vector<std::string> left;
  ledger.each_row([&](const UsageRow& row) { left.insert(left.begin(), std::string(row.request_id)); });
  EXPECT_EQ(left, std::vector(ids.begin() + 60, ids.end()));
  EXPECT_EQ(ledger.number("SELECT first_us FROM ledger_batches"), micros_of(at(2026, 11, 21, 10, 1, 10)));
  EXPECT_EQ(ledger.number("SELECT row_count FROM ledger_batches"), 40);
}

using Seen = std::map<std::string, std::pair<std::int64_t, std::int64_t>>;  // id -> requests, cost
Seen totals(LedgerStore& ledger, NodeKind kind, base::WallTime since, std::string_view model = {}) {
  Seen seen;
  const auto done = node_totals(
      ledger.reader(), kind, since, [&](std::string_view asked) { return model.empty() || asked == model; },
      [&](std::string_view id, const NodeTotals& sums) {
        EXPECT_TRUE(seen.emplace(id, std::pair(sums.requests, sums.cost.nanos())).second);
      });
  EXPECT_TRUE(done.has_value());
  return seen;
}

TEST(NodeTotals, CountsFromTheVeryMoment) {
  LedgerStore ledger;
  // One request every 40 minutes from September to November.
  std::vector<std::pair<base::WallTime, std::string>> all;
  for (base::WallTime time = at(2026, 9, 1); time < at(2026, 12, 1); time += std::chrono::minutes(40)) {
    all.emplace_back(time, "req_" + std::to_string(all.size()));
  }
  std::vector<UsageRow> rows;
  for (const auto& [time, id] : all) rows.push_back(sample_row(id, time));
  ASSERT_TRUE(ledger.writer().insert(rows));
  for (const base::WallTime since :
       {at(2026, 9, 1), at(2026, 9, 1, 0, 0, 1), at(2026, 10, 1), at(2026, 9, 30, 22), at(2026, 10, 1, 5),
        at(2026, 10, 15, 12), at(2026, 10, 17, 13, 40), at(2026, 10, 17, 13, 20, 1), at(2026, 11, 29, 18, 30),
        at(2026, 11, 30, 23, 59), at(2026, 12, 5)}) {
    const auto expected = std::ranges::count_if(all, [&](const auto& one) { return one.first >= since; });
    const auto seen = totals(ledger, NodeKind::team, since);
    if (expected == 0) {
      EXPECT_TRUE(seen.empty());
    } else {
      EXPECT_THAT(seen, ElementsAre(Pair("support", Pair(expected, expected * 3000))));
    }
  }
}

TEST(NodeTotals, OfEachKindAndModel) {
  LedgerStore ledger;
  const auto now = at(2026, 11, 21, 10);
  UsageRow row = sample_row("1", now);
  ledger.insert(row);
  row = sample_row("2", now);
  row.team = "sales";
  row.model_asked = "large";
  row.tags = "feature=search";
  ledger.insert(row);
  row = sample_row("3", now);
  row.team = "";
  row.tags = "";
  ledger.insert(row);
  const auto since = at(2026, 11, 1);
  EXPECT_THAT(totals(ledger, NodeKind::team, since),
              ElementsAre(Pair("sales", Pair(1, 3000)), Pair("support", Pair(1, 3000))));
  EXPECT_THAT(totals(ledger, NodeKind::team, since, "large"), ElementsAre(Pair("sales", Pair(1, 3000))));
  EXPECT_THAT(totals(ledger, NodeKind::tag, since),
              ElementsAre(Pair("env=prod", Pair(1, 3000)), Pair("feature=search", Pair(2, 6000))));
  EXPECT_THAT(totals(ledger, NodeKind::provider, since), ElementsAre(Pair("openai", Pair(3, 9000))));
  EXPECT_THAT(totals(ledger, NodeKind::org, since), ElementsAre(Pair("acme", Pair(3, 9000))));
  EXPECT_TRUE(totals(ledger, NodeKind::project, since).empty());
}

TEST(NodeTotals, WhereRawRowsAreGoneTheWholeHourCounts) {
  LedgerStore ledger;
  ledger.insert(sample_row("1", at(2026, 11, 21, 10, 10)));
  ledger.insert(sample_row("2", at(2026, 11, 21, 10, 50)));
  EXPECT_THAT(totals(ledger, NodeKind::team, at(2026, 11, 21, 10, 30)), ElementsAre(Pair("support", Pair(1, 3000))));
  EXPECT_EQ(ledger.writer().delete_rows_before(at(2026, 11, 21, 10, 40)).value(), 1);
  EXPECT_EQ(ledger.writer().delete_rows_before(at(2026, 11, 21, 10, 40)).value(), 0);
  EXPECT_THAT(totals(ledger, NodeKind::team, at(2026, 11, 21, 10, 30)), ElementsAre(Pair("support", Pair(2, 6000))));
  EXPECT_EQ(ledger.rows(), 1);
}

TEST(NodeTotals, TheFewestBuckets) {
  const auto since = [](base::WallTime time) { return stretches_since(seconds_of(time)); };
  EXPECT_EQ(since(at(2026, 11, 1)).size(), 1u);
  const auto second_day = since(at(2026, 11, 2, 3));
  ASSERT_EQ(second_day.size(), 3u);
  EXPECT_TRUE(second_day[0].negative) << "the day without its first three hours";
  EXPECT_EQ(second_day[0].to - second_day[0].from, 3 * 3600);
  EXPECT_TRUE(second_day[1].negative) << "the month without its first day";
  EXPECT_EQ(second_day[1].to - second_day[1].from, 86400);
  EXPECT_EQ(second_day[2].from, seconds_of(at(2026, 11, 1)));
}

}  // namespace
}  // namespace gatehouse::govern
