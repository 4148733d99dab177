#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "gatehouse/govern/ledger/row_codec.h"
#include "gatehouse/govern/ledger/testing/ledger_fixture.h"
#include "gatehouse/govern/ledger/totals.h"
#include "gatehouse/govern/ledger/usage_query.h"

namespace gatehouse::govern {
namespace {

using testing::at;
using testing::LedgerStore;
using testing::sample_row;

void encode_row(benchmark::State& state) {
  const UsageRow row = sample_row("req_01JD0000000000000000000000", at(2026, 11, 21));
  std::array<char, kMaxEncodedRow> out{};
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(encode(row, out));
}
BENCHMARK(encode_row);

// Rows a second into SQLite in batches as the journal's writer makes them; the argument is how many combinations of
// key, model and so on they spread over.
void write_rows(benchmark::State& state) {
  LedgerStore ledger;
  constexpr std::size_t kBatch = 1000;
  std::vector<std::string> ids(kBatch);
  std::vector<std::string> keys;
  for (std::int64_t i = 0; i < state.range(0); ++i) keys.push_back(fmt::format("key-{}", i));
  std::vector<std::string> payloads(kBatch);
  std::vector<store::JournalBatch::Entry> entries(kBatch);
  std::array<char, kMaxEncodedRow> out{};
  std::size_t number = 0;
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    for (std::size_t i = 0; i < kBatch; ++i) {
      ids[i] = fmt::format("req_{:026}", ++number);
      UsageRow row = sample_row(ids[i], at(2026, 11, 21) + std::chrono::milliseconds(number));
      row.key_id = keys[number * 7919 % keys.size()];
      payloads[i] = encode(row, out);
      entries[i] = {.payload = payloads[i]};
    }
    state.ResumeTiming();
    if (!ledger.writer().commit({.entries = entries, .positions = {}, .forget = {}})) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK(write_rows)->Arg(10)->Arg(1000)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond);

// A month in which 100,000 keys of 10,000 teams each called on some days: what budgets read at start.
void restore_budgets(benchmark::State& state) {
  LedgerStore ledger;
  constexpr std::size_t kKeys = 100'000;
  std::vector<std::string> keys;
  std::vector<std::string> teams;
  for (std::size_t i = 0; i < kKeys; ++i) keys.push_back(fmt::format("key-{:06}", i));
  for (std::size_t i = 0; i < 10'000; ++i) teams.push_back(fmt::format("team-{:05}", i));
  std::vector<std::string> ids(kKeys);
  std::vector<UsageRow> rows(kKeys);
  for (unsigned day = 1; day <= 21; day += 5) {
    for (std::size_t i = 0; i < kKeys; ++i) {
      ids[i] = fmt::format("req_{:02}_{:020}", day, i);
      rows[i] = sample_row(ids[i], at(2026, 11, day, static_cast<int>(i % 24), 30));
      rows[i].key_id = keys[i];
      rows[i].key_name = keys[i];
      rows[i].team = teams[i % teams.size()];
    }
    if (!ledger.writer().insert(rows)) std::abort();
  }
  // Berlin's month: an hour before that of UTC.
  const auto since = state.range(0) == 0 ? at(2026, 10, 31, 23) : at(2026, 11, 10, 10, 10);
  std::size_t nodes = 0;
  for ([[maybe_unused]] auto _ : state) {
    nodes = 0;
    for (const NodeKind kind : {NodeKind::key, NodeKind::team}) {
      if (!node_totals(
              ledger.reader(), kind, since, [](std::string_view) { return true; },
              [&](std::string_view, const NodeTotals&) { ++nodes; })) {
        std::abort();
      }
    }
  }
  state.counters["nodes"] = static_cast<double>(nodes);
}
BENCHMARK(restore_budgets)->Arg(0)->Arg(1)->Iterations(3)->UseRealTime()->Unit(benchmark::kMillisecond);

void query_month_by_team(benchmark::State& state) {
  LedgerStore ledger;
  std::vector<std::string> ids(20'000);
  std::vector<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(fmt::format("key-{}", i));
  std::vector<UsageRow> rows(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = std::to_string(i);
    rows[i] = sample_row(ids[i], at(2026, 11, 1 + static_cast<unsigned>(i % 30), 5));
    rows[i].key_id = keys[i % keys.size()];
    rows[i].team = keys[i % 20];
  }
  if (!ledger.writer().insert(rows)) std::abort();
  const UsageQuery query{
      .from = at(2026, 11, 1), .to = at(2026, 12, 1), .by = {{Dimension::day, ""}, {Dimension::team, ""}}};
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(query_usage(ledger.reader(), query));
}
BENCHMARK(query_month_by_team)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::govern
