#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/govern/key_store.h"

namespace gatehouse::govern {
namespace {

void find(benchmark::State& state) {
  std::vector<KeyEntry> entries(static_cast<std::size_t>(state.range(0)));
  std::vector<std::string> keys;
  for (KeyEntry& entry : entries) {
    keys.push_back(crypto::make_virtual_key());
    entry.key = base::Secret(keys.back());
  }
  const KeyStore store = *KeyStore::build(std::move(entries), "secret");
  crypto::HmacSha256 hash("secret");
  const base::WallTime now{};
  std::size_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(store.find(keys[i], hash, now));
    if (++i == keys.size()) i = 0;
  }
}
BENCHMARK(find)->Arg(1)->Arg(10000);

}  // namespace
}  // namespace gatehouse::govern
