// Customers' terms: a few patterns and words as triggers, and a list of a million words looked up at every word.
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "gatehouse/guard/matcher.h"
#include "gatehouse/guard/terms/term_table.h"
#include "gatehouse/guard/terms/terms_detector.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kProse =
    "Thank you for your question about the delivery. We have looked at the order that you placed last week and found "
    "that "
    "the second parcel left our warehouse on Monday; it should arrive by the end of this week. Employees who work at "
    "night "
    "see their manager about project hours. The case was closed after the customer had the goods in hand.\n";

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  text.resize(size);
  return text;
}

std::vector<std::string> million() {
  std::vector<std::string> terms;
  for (int i = 0; i < 1'000'000; ++i) terms.push_back(fmt::format("word{:06d} {:04d}", i * 7 % 1'000'000, i % 10'000));
  return terms;
}

struct Setup {
  explicit Setup(bool many) {
    TermsOptions options;
    options.terms.resize(3);
    options.terms[0].name = "EMPLOYEE_ID";
    options.terms[0].kind = TermKind::pattern;
    options.terms[0].pattern = "EMP-\\d{6}";
    options.terms[1].name = "CASE_NUMBER";
    options.terms[1].kind = TermKind::pattern;
    options.terms[1].pattern = "case no\\.? [0-9]{2}/[0-9]{3,4}";
    options.terms[2].name = "PROJECTS";
    if (many) {
      options.terms[2].words = million();
    } else {
      options.terms[2].words = {"project falcon", "red kite", "blue heron", "sparrow hawk", "kingfisher"};
    }
    detector = *TermsDetector::make(options);
    const Detector* const list[] = {detector.get()};
    matcher = *Matcher::make(list);
    scratch = matcher->make_scratch();
  }
  std::shared_ptr<const TermsDetector> detector;
  std::shared_ptr<const Matcher> matcher;
  std::unique_ptr<Matcher::Scratch> scratch;
};

void terms(benchmark::State& state, std::string_view piece, bool many) {
  static Setup few_setup(false);
  static Setup many_setup(true);
  Setup& setup = many ? many_setup : few_setup;
  const std::string text = repeated(piece, static_cast<std::size_t>(state.range(0)));
  Findings findings;
  for (auto _ : state) {
    findings.clear();
    if (!setup.matcher->scan(text, *setup.scratch)) findings.fail("matcher");
    Look look;
    look.text = text;
    benchmark::DoNotOptimize(setup.detector->look(look, setup.scratch->hits(0), findings));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
  state.counters["MB"] = static_cast<double>(setup.detector->memory()) / 1048576;
}
BENCHMARK_CAPTURE(terms, prose_few, kProse, false)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(terms, prose_million, kProse, true)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(terms, hostile_few, "emp-123456 ", false)->Arg(1'000'000);
BENCHMARK_CAPTURE(terms, hostile_A, "A", true)->Arg(1'000'000);
BENCHMARK_CAPTURE(terms, hostile_words, "word000000 ", true)->Arg(1'000'000);

void build_million(benchmark::State& state) {
  const std::vector<std::string> list = million();
  for (auto _ : state) {
    TermTable table;
    table.build(std::span<const std::string>(list), true);
    state.counters["MB"] = static_cast<double>(table.memory()) / 1048576;
  }
}
BENCHMARK(build_million)->Unit(benchmark::kMillisecond)->Iterations(2);

}  // namespace
}  // namespace gatehouse::guard
