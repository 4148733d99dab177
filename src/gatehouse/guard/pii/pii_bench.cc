#include <string>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/matcher.h"
#include "gatehouse/guard/pii/pii_detector.h"

namespace gatehouse::guard::pii {
namespace {

std::string filled(std::size_t size, std::string_view with) {
  std::string text;
  while (text.size() < size) text += with;
  text.resize(size);
  return text;
}

constexpr std::string_view kProse =
    "When the ferry left the harbour in the spring of 1987, nobody on board thought that the crossing would take more "
    "than a few hours. The captain, a well-known man of 54, had made it twice a week for 12 years; he knew each rock, "
    "each light, and every fisherman between here and the islands. So he said: \"We will be there for dinner.\" The "
    "wind turned at noon, though, and by three o'clock the waves stood higher than the railing. ";
constexpr std::string_view kTable =
    "2024-03-15;100482;4711;19.99;DE;118-3421;7730019284;ok\n2024-03-16;100483;0815;249.00;FR;118-3422;7730019291;ok\n"
    "{\"id\": 93847561, \"qty\": 12, \"price\": 1049.5, \"stamp\": 1710513742, \"order\": \"A-20931\"}\n";
constexpr std::string_view kPersonal =
    "Name: A. Sample, born 12 March 1984, SSN 536-90-4399, card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00, "
    "mail a.sample@example.org, phone (415) 555-0132, from 203.0.113.7. ";

void look(benchmark::State& state, const std::string& text, float least = 0.5F) {
  const auto detector = PiiDetector::make({.least_score = least});
  if (!detector) {
    state.SkipWithError(detector.error().detail.c_str());
    return;
  }
  Findings found;
  for (auto _ : state) {
    found.clear();
    benchmark::DoNotOptimize((*detector)->look({.text = text}, {}, found));
  }
  state.counters["findings"] = static_cast<double>(found.list().size());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void prose_1k(benchmark::State& state) { look(state, filled(1000, kProse)); }
void prose_100k(benchmark::State& state) { look(state, filled(100'000, kProse)); }
void table_100k(benchmark::State& state) { look(state, filled(100'000, kTable)); }
void personal_1k(benchmark::State& state) { look(state, filled(1000, kPersonal)); }
void personal_1k_all_scores(benchmark::State& state) { look(state, filled(1000, kPersonal), 0.01F); }
// Each of a megabyte, made to cost as much as it can.
void hostile_digits(benchmark::State& state) { look(state, filled(1'000'000, "1")); }
void hostile_groups(benchmark::State& state) { look(state, filled(1'000'000, "1 2 ")); }
void hostile_cards(benchmark::State& state) { look(state, filled(1'000'000, "4111 1111 ")); }
void hostile_nines(benchmark::State& state) { look(state, filled(1'000'000, "123456782 ")); }
void hostile_phones(benchmark::State& state) { look(state, filled(1'000'000, "+49 30 1234567,")); }
void hostile_words(benchmark::State& state) { look(state, filled(1'000'000, "ssn passport 12345 iban ")); }
void hostile_marks(benchmark::State& state) { look(state, filled(1'000'000, "@:.-://a.b@")); }
void hostile_schemes(benchmark::State& state) { look(state, filled(1'000'000, "ab://c.d.e.f.g.h.")); }
void hostile_colons(benchmark::State& state) { look(state, filled(1'000'000, "a:1:")); }
void hostile_wallets(benchmark::State& state) { look(state, filled(1'000'000, "1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3 ")); }
void hostile_dates(benchmark::State& state) { look(state, filled(1'000'000, "1 de marzo de 199 March 5, ")); }
void hostile_mixed(benchmark::State& state) { look(state, filled(1'000'000, "A1 B2C3-D4.E5/F6:G7_8 ")); }

BENCHMARK(prose_1k);
BENCHMARK(prose_100k);
BENCHMARK(table_100k);
BENCHMARK(personal_1k);
BENCHMARK(personal_1k_all_scores);
BENCHMARK(hostile_digits);
BENCHMARK(hostile_groups);
BENCHMARK(hostile_cards);
BENCHMARK(hostile_nines);
BENCHMARK(hostile_phones);
BENCHMARK(hostile_words);
BENCHMARK(hostile_marks);
BENCHMARK(hostile_schemes);
BENCHMARK(hostile_colons);
BENCHMARK(hostile_wallets);
BENCHMARK(hostile_dates);
BENCHMARK(hostile_mixed);

}  // namespace
}  // namespace gatehouse::guard::pii
