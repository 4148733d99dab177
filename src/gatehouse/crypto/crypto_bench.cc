#include <string>

#include <benchmark/benchmark.h>

#include "gatehouse/crypto/fingerprint.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/crypto/virtual_key.h"

namespace gatehouse::crypto {
namespace {

void hmac(benchmark::State& state) {
  HmacSha256 mac("a secret of the installation, 32+ bytes long");
  const std::string message(static_cast<std::size_t>(state.range(0)), 'x');
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(mac(message));
}
BENCHMARK(hmac)->Arg(39)->Arg(50)->Arg(1000);

void fingerprint(benchmark::State& state) {
  Fingerprinter name("a random key of the process");
  const std::string message(static_cast<std::size_t>(state.range(0)), 'x');
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(name(message));
}
BENCHMARK(fingerprint)->Arg(50)->Arg(1000)->Arg(100'000);

void form(benchmark::State& state) {
  const std::string key = make_virtual_key();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(key_form(key));
}
BENCHMARK(form);

}  // namespace
}  // namespace gatehouse::crypto
