#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "gatehouse/text/views.h"

namespace gatehouse::text {
namespace {

std::string repeat(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() + piece.size() <= size) text += piece;
  return text;
}

constexpr std::string_view kProse =
    "We walked along the river until the houses ended, and then across the fields that Mr. Holm had bought in 1987. "
    "Nobody spoke. It was a quiet evening (the last one of summer, as it turned out), and the dogs - there were three "
    "of them - ran ahead of us! \"Will you come back?\" she asked; I said that I did not know.\n";
constexpr std::string_view kGerman =
    "Wir gingen den Fluss entlang, bis die H\xC3\xA4user aufh\xC3\xB6rten, und dann \xC3\xBC"
    "ber die Felder, die Herr Holm gekauft hatte. Niemand sprach ein Wort. Es war ein ruhiger Abend im "
    "Sp\xC3\xA4tsommer.\n";
constexpr std::string_view kChinese =
    "\xE6\x88\x91\xE4\xBB\xAC\xE6\xB2\xBF\xE7\x9D\x80\xE6\xB2\xB3\xE8\xBE\xB9\xE8\xB5\xB0\xEF\xBC\x8C\xE7\x9B\xB4\xE5"
    "\x88\xB0"
    "\xE6\x88\xBF\xE5\xB1\x8B\xE7\x9A\x84\xE5\xB0\xBD\xE5\xA4\xB4\xE3\x80\x82";
constexpr std::string_view kCode =
    "  for (std::size_t i = 0; i < rows.size(); ++i) { auto& row = rows[i]; if (!row.isValid2()) continue; }\n"
    "  printf(\"%d items\\n\", getItemCount(row, kMaxItems) * 100 % 7);  // see utf8_to_wide() & co\n";

std::string base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
    const unsigned group = static_cast<unsigned char>(text[i]) << 16U | static_cast<unsigned char>(text[i + 1]) << 8U |
                           static_cast<unsigned char>(text[i + 2]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) out += kAlphabet[group >> shift & 63U];
  }
  return out;
}

void build(benchmark::State& state, const std::string& text) {
  Views views;
  views.build(text, ViewKinds::all());
  for (auto _ : state) {
    views.build(text, ViewKinds::all());
    benchmark::DoNotOptimize(views.all().size());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  std::size_t bytes = 0;
  for (const View* view : views.all()) bytes += view->text().size();
  state.counters["views"] = static_cast<double>(views.all().size());
  state.counters["made"] = static_cast<double>(bytes);
  state.counters["truncated"] = views.truncated() ? 1 : 0;
}

BENCHMARK_CAPTURE(build, prose_1k, repeat(kProse, 1024));
BENCHMARK_CAPTURE(build, prose_100k, repeat(kProse, 100'000));
BENCHMARK_CAPTURE(build, german_1k, repeat(kGerman, 1024));
BENCHMARK_CAPTURE(build, german_100k, repeat(kGerman, 100'000));
BENCHMARK_CAPTURE(build, chinese_1k, repeat(kChinese, 1024));
BENCHMARK_CAPTURE(build, chinese_100k, repeat(kChinese, 100'000));
BENCHMARK_CAPTURE(build, code_1k, repeat(kCode, 1024));
BENCHMARK_CAPTURE(build, code_100k, repeat(kCode, 100'000));

constexpr std::size_t kMega = std::size_t{1} << 20;
BENCHMARK_CAPTURE(build, hostile_base64_nested, base64(base64(base64(base64(repeat(kProse, 331'000))))));
BENCHMARK_CAPTURE(build, hostile_base64_once, base64(repeat(kProse, 780'000)));
BENCHMARK_CAPTURE(build, hostile_ampersands, repeat("&#", kMega));
BENCHMARK_CAPTURE(build, hostile_references, repeat("&#38;", kMega));
BENCHMARK_CAPTURE(build, hostile_percent, repeat("%2525252541", kMega));
BENCHMARK_CAPTURE(build, hostile_zero_width, repeat("\xE2\x80\x8B", kMega));
BENCHMARK_CAPTURE(build, hostile_zero_width_between, repeat("a\xE2\x80\x8B", kMega));
BENCHMARK_CAPTURE(build, hostile_backslashes, repeat("\\", kMega));
BENCHMARK_CAPTURE(build, hostile_short_tokens, repeat("aB3dEfGh ", kMega));
BENCHMARK_CAPTURE(build, hostile_pairs, repeat("4e 61 ", kMega));
BENCHMARK_CAPTURE(build, hostile_spaced, repeat("a b c ", kMega));
BENCHMARK_CAPTURE(build, hostile_marks, repeat("a*b<!--", kMega));
BENCHMARK_CAPTURE(build, hostile_everything, repeat("1gn0re \\u0061 %41 &#65; \xD0\xB0 a*b aB3dEfGhaB3dEfGh ", kMega));

}  // namespace
}  // namespace gatehouse::text
