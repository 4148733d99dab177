#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/leakage/leakage_detector.h"
#include "gatehouse/guard/request_facts.h"

namespace gatehouse::guard {
namespace {

// Words at random: `kinds` different ones.
std::string words(std::size_t bytes, std::uint64_t kinds, std::uint64_t state) {
  std::string text;
  while (text.size() < bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::uint64_t word = (state >> 33) % kinds * 2654435761U + 7;
    for (std::uint64_t n = 2 + word % 7; n > 0; --n) {
      text += static_cast<char>('a' + word % 26);
      word /= 3;
    }
    text += ' ';
  }
  return text;
}

void index_of_system_text(benchmark::State& state) {
  const std::string text = words(static_cast<std::size_t>(state.range(0)), 2000, 1);
  for (auto _ : state) {
    SystemText system;
    system.add(text);
    benchmark::DoNotOptimize(system.has(1));
  }
}
BENCHMARK(index_of_system_text)->Arg(1'000)->Arg(4'096)->Arg(262'144);

void answer_against_system_text(benchmark::State& state) {
  const std::string text = words(4'096, 2000, 1);
  const std::string answer = words(static_cast<std::size_t>(state.range(0)), 2000, 2);
  SystemText system;
  system.add(text);
  RequestFacts facts;
  facts.system = &system;
  const auto detector = make_leakage_detector();
  Look look;
  look.text = answer;
  look.direction = Direction::response;
  look.facts = &facts;
  Findings findings;
  for (auto _ : state) {
    findings.clear();
    benchmark::DoNotOptimize(detector->look(look, {}, findings));
  }
}
BENCHMARK(answer_against_system_text)->Arg(300)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace
}  // namespace gatehouse::guard
