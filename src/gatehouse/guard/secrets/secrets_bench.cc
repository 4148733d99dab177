// What the secrets' triggers and their confirmation cost: the pass over the text with these triggers only, and the
// look.
#include <map>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/matcher.h"
#include "gatehouse/guard/secrets/secrets_detector.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kProse =
    "Thank you for your question about the delivery. We have looked at the order that you placed last week and found "
    "that "
    "the second parcel left our warehouse on Monday; it should arrive by the end of this week. If the token of our "
    "regret "
    "is welcome, we offer you a discount on the next order. Passengers who travel at night keep no secret: the key to "
    "good "
    "sleep is a basic routine. See https://example.org/help for the details, or write to us at any time of the day.\n";
constexpr std::string_view kCode =
    "  const auto token = lexer.next(); if (token.kind == Kind::identifier) { return parse(token, options_); }\n"
    "  std::map<std::string, std::string> values; values[\"key\"] = compute(secret, 42); // the key: a name\n"
    "  auth_.password = config.password; for (auto& [key, value] : values) out << key << \": \" << value << '\\n';\n"
    "  return fetch(`https://api.internal/${path}?page_token=${next}`, { headers: { Authorization: auth } });\n";

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  text.resize(size);
  return text;
}

struct Setup {
  Setup() {
    const Detector* const list[] = {&detector};
    matcher = *Matcher::make(list);
    scratch = matcher->make_scratch();
  }
  SecretsDetector detector;
  std::shared_ptr<const Matcher> matcher;
  std::unique_ptr<Matcher::Scratch> scratch;
};

void run(benchmark::State& state, std::string_view piece, bool look) {
  static Setup setup;
  const std::string text = repeated(piece, static_cast<std::size_t>(state.range(0)));
  Findings findings;
  for (auto _ : state) {
    findings.clear();
    if (!setup.matcher->scan(text, *setup.scratch)) findings.fail("matcher");
    if (look) {
      Look at;
      at.text = text;
      benchmark::DoNotOptimize(setup.detector.look(at, setup.scratch->hits(0), findings));
    }
  }
  state.counters["hits"] = static_cast<double>(setup.scratch->hits(0).size());
  state.counters["found"] = static_cast<double>(findings.list().size());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

BENCHMARK_CAPTURE(run, prose_scan, kProse, false)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(run, prose, kProse, true)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(run, code_scan, kCode, false)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(run, code, kCode, true)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(run, hostile_A, "A", true)->Arg(1'000'000);
BENCHMARK_CAPTURE(run, hostile_sk, "sk-", true)->Arg(1'000'000);
BENCHMARK_CAPTURE(run, hostile_token, "token=", true)->Arg(1'000'000);
BENCHMARK_CAPTURE(run, hostile_password, "password=x ", true)->Arg(1'000'000);
BENCHMARK_CAPTURE(run, hostile_secret, "secret_token=a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8 ", true)->Arg(1'000'000);
BENCHMARK_CAPTURE(run, hostile_url, "a://b:", true)->Arg(1'000'000);
BENCHMARK_CAPTURE(run, hostile_jwt, " eyJabcd", true)->Arg(1'000'000);

}  // namespace
}  // namespace gatehouse::guard
