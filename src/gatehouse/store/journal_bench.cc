#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/store/journal.h"
#include "gatehouse/store/journal_format.h"
#include "gatehouse/store/testing/temp_folder.h"

namespace gatehouse::store {
namespace {

class CountingSink final : public JournalSink {
 public:
  Result<std::vector<JournalPosition>> positions() override { return std::vector<JournalPosition>(); }
  Result<> commit(const JournalBatch& batch) override {
    for (const auto& entry : batch.entries) bytes += entry.payload.size();
    return {};
  }
  std::size_t bytes = 0;
};

// What a request costs its worker: an intent and its settlement, with a writer that keeps up.
void open_and_settle(benchmark::State& state) {
  const testing::TempFolder folder;
  CountingSink sink;
  auto journal = *Journal::open({.folder = folder.path("journal")}, sink);
  JournalLane& lane = **journal->make_lane();
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'p');
  std::size_t since_drain = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto ticket = lane.open(payload);
    benchmark::DoNotOptimize(ticket);
    if (!lane.settle(ticket, payload)) std::abort();
    if (++since_drain == 2000) {
      state.PauseTiming();
      if (!journal->drain()) std::abort();
      since_drain = 0;
      state.ResumeTiming();
    }
  }
}
BENCHMARK(open_and_settle)->Arg(250)->Arg(1000);

void update(benchmark::State& state) {
  const testing::TempFolder folder;
  CountingSink sink;
  auto journal = *Journal::open({.folder = folder.path("journal")}, sink);
  JournalLane& lane = **journal->make_lane();
  const std::string payload(250, 'p');
  const auto ticket = lane.open(payload);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(lane.update(ticket, payload));
}
BENCHMARK(update);

void checksum(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'p');
  std::uint64_t number = 0;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(journal::checksum(1, ++number, 3, payload));
}
BENCHMARK(checksum)->Arg(250);

}  // namespace
}  // namespace gatehouse::store
