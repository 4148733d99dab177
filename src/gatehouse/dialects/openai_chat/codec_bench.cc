#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/dialects/openai_chat/codec.h"

namespace gatehouse::dialects::openai_chat {
namespace {

constexpr std::string_view kChunk =
    R"({"id":"chatcmpl-D8Z5f52zQqikDBEKQMQoYcWMcWPeU","object":"chat.completion.chunk","created":1770933883,"model":"gpt-4.1-nano-2025-04-14","service_tier":"default","system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":{"content":" holiday"},"logprobs":null,"finish_reason":null}],"usage":null})";

// One chunk of a text, as most are: read, written, and both.
void decode_chunk(benchmark::State& state) {
  const Rewrites none;
  const llm::Quirks quirks;
  const auto decoder = back().make_decoder({.rewrites = none, .quirks = quirks});
  std::vector<llm::ChatEvent> events;
  for (auto _ : state) {
    events.clear();
    decoder->on_event({}, kChunk, events);
    benchmark::DoNotOptimize(events.data());
  }
}
BENCHMARK(decode_chunk);

void encode_chunk(benchmark::State& state) {
  const llm::ChatRequest asked;
  const Writing writing{.request = asked, .model = {}, .seed = "s", .now = 1};
  const auto encoder = front().make_encoder(writing);
  std::string out;
  encoder->write({.kind = llm::ChatEvent::Kind::started, .id = "id", .name = "model"}, out);
  encoder->write({.kind = llm::ChatEvent::Kind::block_started}, out);
  const llm::ChatEvent event{.kind = llm::ChatEvent::Kind::text, .text = " holiday"};
  for (auto _ : state) {
    out.clear();
    encoder->write(event, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(encode_chunk);

std::string request(std::size_t messages) {
  std::string body = R"({"model":"m","stream":true,"temperature":0.5,"messages":[)";
  for (std::size_t i = 0; i < messages; ++i) {
    body += i % 2 == 0 ? R"({"role":"user","content":")" : R"({"role":"assistant","content":")";
    body += std::string(400, 'x') + R"(\n"},)";
  }
  body.back() = ']';
  return body +
         R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}]})";
}

void read_request(benchmark::State& state) {
  const std::string body = request(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto read = front().read_request(body, {}, false);
    benchmark::DoNotOptimize(read);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK(read_request)->Arg(1)->Arg(20)->Arg(400);

void write_request(benchmark::State& state) {
  const std::string body = request(static_cast<std::size_t>(state.range(0)));
  const auto read = front().read_request(body, {}, false);
  const llm::Quirks quirks;
  for (auto _ : state) {
    Losses losses;
    Rewrites rewrites;
    auto written = back().write_request(*read, {.model = "t", .stream = true, .quirks = quirks}, losses, rewrites);
    benchmark::DoNotOptimize(written);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK(write_request)->Arg(1)->Arg(20)->Arg(400);

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
