#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "gatehouse/ml/linear/linear_model.h"

namespace gatehouse::ml {
namespace {

// As large as the one that ships: what its table costs in the caches is part of it.
std::shared_ptr<const LinearModel> model() {
  const std::string header =
      R"({"features":1,"bits":18,"outputs":{"injection":{"bias":-1,"scale":0.5},"entities":{"bias":0,"scale":0.25},)"
      R"("harmful":{"bias":0,"scale":1}}})";
  std::string file = "GHTL";
  for (const std::uint32_t number : {1U, static_cast<std::uint32_t>(header.size())}) {
    for (unsigned shift = 0; shift < 32; shift += 8) file += static_cast<char>(number >> shift & 255U);
  }
  file += header;
  for (std::uint32_t i = 0; i < 3U << 18U; ++i) file += static_cast<char>(i * 2654435761U >> 24U);
  return LinearModel::parse(file).value();
}

constexpr std::string_view kProse =
    "We walked along the river until the houses ended, and then across the fields that Mr. Holm had bought in 1987. "
    "Nobody spoke. It was a quiet evening (the last one of summer, as it turned out), and the dogs - there were three "
    "of them - ran ahead of us! \"Will you come back?\" she asked; I said that I did not know, since Anna had written "
    "from Lisbon only once. The ferry was late again, as it always is when the wind turns to the north-west, and the "
    "captain sold us coffee from a thermos flask. He told a story about a lighthouse keeper who kept bees, and lost "
    "them all in one storm; how he rowed out at dawn to look for the swarm, and found it on the bell buoy, humming. "
    "What would you have done? We laughed, of course. Later I learned that every word of it was true, and that the "
    "honey had won a prize in Aarhus the year before. So much for stories. On the pier my sister waited with the keys "
    "and a list: bread, lamp oil, stamps, 40 m of rope, and a new pane of glass for the kitchen window.\n";
constexpr std::string_view kChinese =
    "\xE6\x88\x91\xE4\xBB\xAC\xE6\xB2\xBF\xE7\x9D\x80\xE6\xB2\xB3\xE8\xBE\xB9\xE8\xB5\xB0\xEF\xBC\x8C\xE7\x9B\xB4\xE5"
    "\x88\xB0\xE6\x88\xBF\xE5\xB1\x8B\xE7\x9A\x84\xE5\xB0\xBD\xE5\xA4\xB4\xE3\x80\x82";

void score(benchmark::State& state, std::string_view piece, std::size_t size) {
  static const auto of = model();
  std::string text;
  while (text.size() < size) text += piece;
  text.resize(size);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(of->score(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK_CAPTURE(score, prose_100, kProse, 100);
BENCHMARK_CAPTURE(score, prose_1k, kProse, 1000);
BENCHMARK_CAPTURE(score, chinese_1k, kChinese, 1000);
BENCHMARK_CAPTURE(score, one_word_1k, "x", 1000);

}  // namespace
}  // namespace gatehouse::ml
