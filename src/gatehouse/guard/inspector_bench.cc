// What looking at a text costs with every detector that ships, in all readings: a request's text as it comes, and its
// parts.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/guard/leakage/leakage_detector.h"
#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/guard/pii/pii_detector.h"
#include "gatehouse/guard/secrets/secrets_detector.h"
#include "gatehouse/guard/unsafe/unsafe_detector.h"

namespace gatehouse::guard {
namespace {

// A letter as one writes it to an assistant: names and numbers here and there, nothing to be found.
constexpr std::string_view kLetter =
    "Could you help me with a letter to our landlord? We moved in three years ago, and since last autumn the heating "
    "in "
    "the back room hardly works: it gets warm for ten minutes or so and then goes cold again. I have written twice, in "
    "October and in January, and he answered that somebody would come \"next week\". Nobody came. My neighbour says "
    "that we may pay less rent until it is repaired, but I don't want to quarrel with him, he is a kind old man. "
    "Please keep it friendly, not longer than a page, and mention that we'd like to stay. If there is something I "
    "should ask the tenants' union before I send it, tell me that too. By the way, the rent is 940 a month, and the "
    "room is about a fifth of the flat.\n\n";
// What a tool gives back.
constexpr std::string_view kJson =
    R"({"order":{"id":48213,"placed":"2024-11-03T09:14:22Z","status":"shipped","total":149.9,"currency":"EUR"},)"
    R"("lines":[{"sku":"KT-2201-B","name":"Desk lamp, black","count":1,"price":49.9},{"sku":"KT-0930","name":)"
    R"("Bookshelf \"Oslo\" 80 x 200","count":1,"price":100}],"carrier":{"code":"dhl","parcels":2,"delivered":false},)"
    R"("note":"leave it with the neighbours"},)"
    "\n";
constexpr std::string_view kCode =
    "def load(path: str, limit: int = 1000) -> list[dict]:\n    \"\"\"Reads rows of a CSV file.\"\"\"\n    rows = []\n"
    "    with open(path, newline='') as file:\n        for number, row in enumerate(csv.DictReader(file)):\n"
    "            if number >= limit:\n                break\n            row['total'] = float(row['price']) * "
    "int(row['count'])\n            rows.append(row)\n    return rows\n\n# The caller sorts them.\n"
    "for row in load(sys.argv[1]):\n    print(f\"{row['name']:<30} {row['total']:>10.2f}\")\n\n";
constexpr std::string_view kGerman =
    "K\xC3\xB6nnten Sie mir bei einem Brief an unseren Vermieter helfen? Wir wohnen seit drei Jahren hier, und seit "
    "dem "
    "letzten Herbst w\xC3\xA4rmt die Heizung im hinteren Zimmer kaum noch. Ich habe zweimal geschrieben, im Oktober "
    "und "
    "im Januar; er antwortete, es k\xC3\xA4me bald jemand. Die Nachbarin sagt, man d\xC3\xBCrfe die Miete mindern, bis "
    "alles repariert ist, aber streiten m\xC3\xB6"
    "chten wir nicht. Bitte freundlich und nicht l\xC3\xA4nger als eine "
    "Seite.\n\n";

std::string filled(std::string_view with, std::size_t size) {
  std::string text;
  while (text.size() < size) text += with;
  text.resize(size);
  return text;
}

std::shared_ptr<const DetectorSet> everything() {
  static const auto set = [] {
    std::vector<std::shared_ptr<const Detector>> detectors;
    detectors.push_back(std::make_unique<SecretsDetector>());
    detectors.push_back(*pii::PiiDetector::make({}));
    detectors.push_back(std::make_unique<NamesDetector>());
    detectors.push_back(std::make_unique<injection::InjectionDetector>());
    detectors.push_back(make_leakage_detector({}));
    detectors.push_back(make_unsafe_detector());
    return *DetectorSet::make(std::move(detectors));
  }();
  return set;
}

void all(benchmark::State& state, std::string_view with) {
  const std::string text = filled(with, static_cast<std::size_t>(state.range(0)));
  Inspector inspector(everything());
  Findings findings;
  Look look;
  look.text = text;
  for (auto _ : state) benchmark::DoNotOptimize(inspector.look(look, everything()->all(), findings));
  state.counters["findings"] = static_cast<double>(findings.list().size());
  state.counters["failed"] = findings.failure().empty() ? 0 : 1;
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void readings(benchmark::State& state, std::string_view with) {
  const std::string text = filled(with, static_cast<std::size_t>(state.range(0)));
  text::Views views;
  for (auto _ : state) {
    views.build(text, text::ViewKinds::all());
    benchmark::DoNotOptimize(views.all().size());
  }
  state.counters["readings"] = static_cast<double>(views.all().size());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void triggers(benchmark::State& state, std::string_view with) {
  const std::string text = filled(with, static_cast<std::size_t>(state.range(0)));
  const auto scratch = everything()->matcher().make_scratch();
  for (auto _ : state) benchmark::DoNotOptimize(everything()->matcher().scan(text, *scratch));
  for (std::size_t i = 0; i < everything()->size(); ++i) {
    state.counters[std::string((*everything())[i].name())] = static_cast<double>(scratch->hits(i).size());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

// One detector's part of `all`, without matcher and readings.
void part(benchmark::State& state, std::string_view with, std::size_t detector) {
  const std::string text = filled(with, static_cast<std::size_t>(state.range(0)));
  const auto scratch = everything()->matcher().make_scratch();
  if (!everything()->matcher().scan(text, *scratch)) state.SkipWithError("matcher");
  Findings findings;
  Look look;
  look.text = text;
  for (auto _ : state) {
    findings.clear();
    benchmark::DoNotOptimize((*everything())[detector].look(look, scratch->hits(detector), findings));
  }
  state.SetLabel(std::string((*everything())[detector].name()));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

BENCHMARK_CAPTURE(all, letter, kLetter)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(all, json, kJson)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(all, code, kCode)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(all, german, kGerman)->Arg(1'000)->Arg(100'000);
// Those of a megabyte that cost most.
BENCHMARK_CAPTURE(all, hostile_leet, "1gn0r3 ")->Arg(1'000'000);
BENCHMARK_CAPTURE(all, hostile_reversed, "erongi lla ")->Arg(1'000'000);
BENCHMARK_CAPTURE(all, hostile_nines, "123456782 ")->Arg(1'000'000);
BENCHMARK_CAPTURE(readings, letter, kLetter)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(triggers, letter, kLetter)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(triggers, json, kJson)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(triggers, code, kCode)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(triggers, german, kGerman)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(part, secrets, kLetter, 0)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(part, pii, kLetter, 1)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(part, names, kLetter, 2)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(part, injection, kLetter, 3)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(part, leakage, kLetter, 4)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(part, unsafe, kLetter, 5)->Arg(1'000)->Arg(100'000);

}  // namespace
}  // namespace gatehouse::guard
