// What looking for names costs: prose with few capitals, prose with many, and nothing but capitals.
#include <map>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/matcher.h"
#include "gatehouse/guard/names/names_detector.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kSmall =
    "thank you for your question about the delivery. we have looked at the order that you placed last week and found "
    "that "
    "the second parcel left our warehouse and should arrive by the end of this week, if all goes well on the road.\n";
constexpr std::string_view kProse =
    "Thank you for your question about the delivery. We have looked at the order that you placed last week and found "
    "that "
    "the second parcel left our warehouse on Monday; it should arrive by the end of this week. Mr. Schneider, who "
    "works at "
    "night, will call Anna Petrova about it. The case was closed after the customer in Lisbon had the goods in hand.\n";
constexpr std::string_view kCode =
    "  const auto token = lexer.next(); if (token.kind == Kind::identifier) { return parse(token, options_); }\n"
    "  std::map<std::string, std::string> values; values[\"key\"] = compute(secret, 42); // the key: a name\n";

void names(benchmark::State& state, std::string_view piece) {
  static const NamesDetector detector;
  static const auto matcher = [] {
    const Detector* const list[] = {&detector};
    return *Matcher::make(list);
  }();
  static const auto scratch = matcher->make_scratch();
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0))) text += piece;
  text.resize(static_cast<std::size_t>(state.range(0)));
  Findings findings;
  for (auto _ : state) {
    findings.clear();
    if (!matcher->scan(text, *scratch)) findings.fail("matcher");
    Look look;
    look.text = text;
    benchmark::DoNotOptimize(detector.look(look, scratch->hits(0), findings));
  }
  state.counters["found"] = static_cast<double>(findings.list().size());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK_CAPTURE(names, small_letters, kSmall)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(names, prose, kProse)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(names, code, kCode)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(names, hostile_A, "A")->Arg(1'000'000);
BENCHMARK_CAPTURE(names, hostile_words, "A ")->Arg(1'000'000);
BENCHMARK_CAPTURE(names, hostile_names, "Anna Schmidt. ")->Arg(1'000'000);

}  // namespace
}  // namespace gatehouse::guard
