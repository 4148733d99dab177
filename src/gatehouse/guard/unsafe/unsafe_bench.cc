#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/matcher.h"
#include "gatehouse/guard/unsafe/unsafe_detector.h"

namespace gatehouse::guard {
namespace {

std::string prose(std::size_t size) {
  constexpr std::string_view kText =
      "Thank you for the question. There are two or three ways to do it, and which one you select depends on what "
      "you've "
      "got: in 1999 and 2004 the choices differed - or so it seems - from those of today. The committee wrote, \"it is "
      "neither the speed nor the distance\", and (as ever) was right. See https://www.example.org/guide for more; it's "
      "short. Prices rose by 4%, that is from 12.50 to 13.00, before they fell again.\n";
  std::string text;
  while (text.size() < size) text += kText;
  text.resize(size);
  return text;
}

// With the matcher: what a policy pays that looks for unsafe output alone.
void look_at(benchmark::State& state, const std::string& text) {
  const auto detector = make_unsafe_detector();
  const Detector* const list[] = {detector.get()};
  const auto matcher = *Matcher::make(list);
  const auto scratch = matcher->make_scratch();
  Findings findings;
  Look look;
  look.text = text;
  look.direction = Direction::response;
  for (auto _ : state) {
    findings.clear();
    matcher->scan(text, *scratch);
    benchmark::DoNotOptimize(detector->look(look, scratch->hits(0), findings));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.counters["hits"] = static_cast<double>(scratch->hits(0).size());
}

void prose_of(benchmark::State& state) { look_at(state, prose(static_cast<std::size_t>(state.range(0)))); }
BENCHMARK(prose_of)->Arg(1'000)->Arg(100'000);

void hostile(benchmark::State& state) {
  constexpr std::string_view kParts[] = {"' or ", "<a ",   "../",          "union select ", "{{",
                                         "${${",  "h://a", "\xE2\x80\x8B", "rm -rf ",       "a'--",
                                         "*)(",   "\x1b[", "http://a?b="};
  std::string text;
  while (text.size() < 1'000'000) text += kParts[state.range(0)];
  look_at(state, text);
}
BENCHMARK(hostile)->DenseRange(0, 12)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::guard
