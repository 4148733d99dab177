// What a large directory costs: 100,000 keys in 10,000 nodes.
#include <malloc.h>

#include <cstdio>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "gatehouse/govern/directory/directory.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::govern {
namespace {

constexpr int kTeams = 10'000;
constexpr int kKeys = 100'000;

// A store in a file, filled once.
struct Filled {
  Filled() {
    std::remove(path.c_str());
    database = std::move(*store::open("sqlite:" + path));
    const auto components = std::to_array<store::Component>({DirectoryStore::component()});
    (void)store::migrate(*database, components, clock.wall());
    rows = std::move(*DirectoryStore::open(*database));
    (void)rows->commit({.time = clock.wall()}, [&]() -> Result<> {
      for (int i = 0; i < kTeams; ++i) {
        (void)rows->put(NodeRow{.kind = "team",
                                .id = "team-" + std::to_string(i),
                                .parent = "org:default",
                                .name = "A team",
                                .access = "{}"});
      }
      return rows->put(NodeRow{.kind = "org", .id = "default", .access = "{}"});
    });
    crypto::HmacSha256 hash("a secret");
    (void)rows->commit({.time = clock.wall()}, [&]() -> Result<> {
      for (int i = 0; i < kKeys; ++i) {
        const auto digest = hash("gh-" + std::to_string(i));
        static constexpr std::string_view kDigits = "0123456789abcdef";
        std::string hex;
        for (const auto byte : digest) hex.append({kDigits[byte >> 4], kDigits[byte & 15]});
        char id[24];
        std::snprintf(id, sizeof(id), "key_%011d", i);
        (void)rows->put(KeyRow{.id = id,
                               .parent = "team:team-" + std::to_string(i % kTeams),
                               .name = "key number " + std::to_string(i),
                               .hint = "gh-abcd",
                               .access = i % 10 == 0 ? R"({"models":["gpt-5*","claude*"]})" : "{}",
                               .digest = hex,
                               .priority = "normal"});
      }
      return {};
    });
  }
  ~Filled() { std::remove(path.c_str()); }
  std::unique_ptr<Directory> load() {
    return std::move(*Directory::open(*rows, {.clock = &clock, .hash_secret = base::Secret("a secret")}));
  }
  std::string path = "/tmp/gatehouse-directory-bench.db";
  base::ManualClock clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<DirectoryStore> rows;
};

Filled& filled() {
  static Filled made;
  return made;
}

std::size_t heap() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void load(benchmark::State& state) {
  Filled& store = filled();
  std::size_t bytes = 0;
  std::size_t awake = 0;
  for (auto _ : state) {
    const std::size_t before = heap();
    auto directory = store.load();
    const auto view = directory->view();
    state.PauseTiming();
    bytes = heap() - before;
    crypto::HmacSha256 hash("a secret");
    for (int i = 0; i < kKeys; ++i) benchmark::DoNotOptimize(view->find(hash("gh-" + std::to_string(i))));
    awake = heap() - before;
    state.ResumeTiming();
  }
  state.counters["MB"] = static_cast<double>(bytes) / 1e6;
  state.counters["MB_all_keys_used"] = static_cast<double>(awake) / 1e6;
}
BENCHMARK(load)->Unit(benchmark::kMillisecond)->Iterations(3);

void find(benchmark::State& state) {
  auto directory = filled().load();
  const auto view = directory->view();
  crypto::HmacSha256 hash("a secret");
  std::vector<std::string> keys;
  for (int i = 0; i < 1024; ++i) keys.push_back("gh-" + std::to_string(i * 97 + 100));
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(view->find(hash(keys[++at & 1023])));
  }
}
BENCHMARK(find);

// What a change costs beside the store: the view of one changed key.
void publish(benchmark::State& state) {
  auto directory = filled().load();
  const Author author{.id = "bench", .address = {}, .time = filled().clock.wall()};
  bool blocked = false;
  for (auto _ : state) {
    blocked = !blocked;
    auto done = directory->block_key("key_00000000007", blocked, author);
    benchmark::DoNotOptimize(directory->view());
  }
}
BENCHMARK(publish)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace gatehouse::govern
