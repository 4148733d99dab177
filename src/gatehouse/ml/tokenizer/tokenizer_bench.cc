#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/ml/tokenizer/fixtures.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

// Bytes of text a second on one core. The fixtures' vocabularies are small, so that words become more tokens than with
// a real one.
namespace gatehouse::ml {
namespace {

std::string repeated(std::string_view text) {
  std::string out;
  while (out.size() < (64U << 10)) out += text;
  return out;
}

void encode(benchmark::State& state, std::string_view file, std::string_view text) {
  const auto tokenizer = Tokenizer::parse(file).value();
  const std::string all = repeated(text);
  std::vector<Token> tokens;
  for (auto _ : state) {
    tokens.clear();
    tokenizer->encode(all, all.size(), tokens);
    benchmark::DoNotOptimize(tokens.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * all.size()));
}

constexpr std::string_view kProse =
    "Hello world, the lead and the trail: nobody said that the letter would come on Monday, and yet it did. ";
constexpr std::string_view kMixed = "Привет, мир! Größe und Café, 你好世界 and hello. ";

BENCHMARK_CAPTURE(encode, bert_prose, tokenizer::fixtures::kBert, kProse);
BENCHMARK_CAPTURE(encode, bert_mixed, tokenizer::fixtures::kBert, kMixed);
BENCHMARK_CAPTURE(encode, byte_level_prose, tokenizer::fixtures::kByteLevel, kProse);
BENCHMARK_CAPTURE(encode, byte_level_mixed, tokenizer::fixtures::kByteLevel, kMixed);
BENCHMARK_CAPTURE(encode, unigram_prose, tokenizer::fixtures::kUnigram, kProse);
BENCHMARK_CAPTURE(encode, unigram_mixed, tokenizer::fixtures::kUnigram, kMixed);

void parse(benchmark::State& state, std::string_view file) {
  for (auto _ : state) benchmark::DoNotOptimize(Tokenizer::parse(file));
}
BENCHMARK_CAPTURE(parse, bert, tokenizer::fixtures::kBert);

}  // namespace
}  // namespace gatehouse::ml
