#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/schema/answer_schema.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kSchema =
    R"({"type":"object","properties":{"steps":{"type":"array","items":{"$ref":"#/$defs/step"}},
  "answer":{"type":"string"}},"$defs":{"step":{"type":"object","properties":{"explanation":{"type":"string"},"output":{"type":
  "string"},"weight":{"type":["number","null"],"minimum":0}},"required":["explanation","output","weight"],
  "additionalProperties":false}},"required":["steps","answer"],"additionalProperties":false})";

void compile_schema(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(AnswerSchema::compile(kSchema));
}
BENCHMARK(compile_schema);

void check_answer(benchmark::State& state) {
  const auto schema = *AnswerSchema::compile(kSchema);
  std::string answer = R"({"steps":[)";
  for (int i = 0; i < state.range(0); ++i) {
    if (i > 0) answer += ',';
    answer += R"({"explanation":"a sentence of some length about the step","output":"x = 3","weight":0.5})";
  }
  answer += R"(],"answer":"3"})";
  for (auto _ : state) benchmark::DoNotOptimize(schema->check(answer));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * answer.size()));
}
BENCHMARK(check_answer)->Arg(10)->Arg(10'000);

void hostile_schema(benchmark::State& state) {
  const auto schema = *AnswerSchema::compile(
      R"({"$defs":{"n":{"type":"array","items":{"anyOf":[{"$ref":"#/$defs/n"},{"$ref":"#/$defs/n"}]}}},"$ref":"#/$defs/n"})");
  std::string deep = "1";
  for (int i = 0; i < 60; ++i) deep = "[" + deep + "]";
  for (auto _ : state) benchmark::DoNotOptimize(schema->check(deep));
}
BENCHMARK(hostile_schema)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gatehouse::guard
