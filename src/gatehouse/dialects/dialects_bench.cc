#include <string>

#include <benchmark/benchmark.h>

#include "gatehouse/dialects/answer_reader.h"
#include "gatehouse/dialects/call.h"
#include "gatehouse/dialects/deltas.h"
#include "gatehouse/dialects/event_edit.h"
#include "gatehouse/dialects/routes.h"
#include "gatehouse/dialects/segments.h"

namespace gatehouse::dialects {
namespace {

const std::string kChunk =
    R"({"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk","created":1741569952,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_50cad350e4","choices":[{"index":0,"delta":{"content":" world"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"aB3x"})";
const std::string kPlainChunk =
    R"({"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk","created":1741569952,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_50cad350e4","choices":[{"index":0,"delta":{"content":" world"},"logprobs":null,"finish_reason":null}]})";
const std::string kAnswer =
    R"({"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion","created":1741569952,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I assist you today?","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default"})";

void on_event(benchmark::State& state, const std::string& chunk) {
  AnswerReader reader;
  reader.on_event(kPlainChunk);
  for (auto _ : state) reader.on_event(chunk);
  benchmark::DoNotOptimize(reader.usage());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * chunk.size()));
}
BENCHMARK_CAPTURE(on_event, plain_chunk, kPlainChunk);
BENCHMARK_CAPTURE(on_event, usage_null_chunk, kChunk);

void on_body(benchmark::State& state) {
  for (auto _ : state) {
    AnswerReader reader;
    reader.on_body(kAnswer, true);
    benchmark::DoNotOptimize(reader.usage());
  }
}
BENCHMARK(on_body);

void call(benchmark::State& state) {
  std::string body =
      R"({"model":"gpt-4o-mini","stream":true,"temperature":0.7,"max_tokens":256,"messages":[{"role":"user","content":")";
  while (body.size() < 760) body += "The quick brown fox.\\n";
  body += R"("}],"stream_options":{"include_usage":true},"user":"u-1"})";
  for (auto _ : state) {
    auto read = read_call(llm::Operation::chat_completions, body);
    benchmark::DoNotOptimize(read);
  }
  state.counters["bytes"] = static_cast<double>(body.size());
}
BENCHMARK(call);

void route(benchmark::State& state) {
  for (auto _ : state) {
    auto found = find_route("POST", "/v1/chat/completions");
    benchmark::DoNotOptimize(found);
  }
}
BENCHMARK(route);

// Messages of some 400 bytes, as a conversation has them.
std::string conversation(std::size_t bytes, std::string_view sentence) {
  std::string body = R"({"model":"gpt-4o-mini","stream":true,"temperature":0.7,"max_tokens":256,"messages":[)";
  for (bool first = true; body.size() < bytes; first = false) {
    if (!first) body += ',';
    body += R"({"role":"user","content":")";
    for (std::size_t size = 0; size < 400; size += sentence.size()) body += sentence;
    body += "\"}";
  }
  return body + R"(],"stream_options":{"include_usage":true},"user":"u-1"})";
}

void segments(benchmark::State& state, std::string_view sentence) {
  const std::string body = conversation(static_cast<std::size_t>(state.range(0)), sentence);
  llm::SegmentList list;
  for (auto _ : state) {
    read_segments(llm::Operation::chat_completions, body, list);
    benchmark::DoNotOptimize(list.segments.data());
  }
  state.counters["bytes"] = static_cast<double>(body.size());
}
BENCHMARK_CAPTURE(segments, plain, "The quick brown fox jumps over it. ")->Arg(600)->Arg(99'600);
BENCHMARK_CAPTURE(segments, escapes, "The quick brown fox jumps over it.\\n")->Arg(600)->Arg(99'600);

const std::string kResponsesDelta =
    R"({"type":"response.output_text.delta","sequence_number":12,"item_id":"msg_67ccd2bf17f0819081ff3bb2cf6508e60bb6a6b452d3795b","output_index":0,"content_index":0,"delta":" world","logprobs":[],"obfuscation":"aB3x"})";

void read_deltas(benchmark::State& state, llm::Operation operation, const std::string& data) {
  DeltaReader reader(operation);
  std::vector<llm::Delta> deltas;
  for (auto _ : state) {
    deltas.clear();
    reader.read_event(data, deltas);
    benchmark::DoNotOptimize(deltas.data());
  }
  if (deltas.size() != 1) state.SkipWithError("not one text");
}
BENCHMARK_CAPTURE(read_deltas, chat_chunk, llm::Operation::chat_completions, kChunk);
BENCHMARK_CAPTURE(read_deltas, responses_event, llm::Operation::responses, kResponsesDelta);
const std::string kMessageDelta =
    R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" world"}})";
BENCHMARK_CAPTURE(read_deltas, message_event, llm::Operation::messages, kMessageDelta);
const std::string kGeminiChunk =
    R"({"candidates":[{"content":{"parts":[{"text":" world"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":19,"candidatesTokenCount":2,"totalTokenCount":21,"promptTokensDetails":[{"modality":"TEXT","tokenCount":19}]},"modelVersion":"gemini-2.5-pro","responseId":"x3kPaJ2bG7uXz7IPz5Wg2A0"})";
BENCHMARK_CAPTURE(read_deltas, gemini_chunk, llm::Operation::stream_content, kGeminiChunk);

void split(benchmark::State& state) {
  DeltaReader reader(llm::Operation::chat_completions);
  std::vector<llm::Delta> deltas;
  reader.read_event(kChunk, deltas);
  const std::size_t released = 3;
  for (auto _ : state) {
    auto two = split_event(llm::Operation::chat_completions, kChunk, deltas, reader.logprobs(), {&released, 1});
    benchmark::DoNotOptimize(two);
  }
}
BENCHMARK(split);

void edit(benchmark::State& state) {
  DeltaReader reader(llm::Operation::chat_completions);
  std::vector<llm::Delta> deltas;
  reader.read_event(kChunk, deltas);
  const DeltaEdit change{0, 1, 4, "[NAME]"};
  for (auto _ : state) {
    auto edited = edit_event(kChunk, deltas, reader.logprobs(), {&change, 1});
    benchmark::DoNotOptimize(edited);
  }
}
BENCHMARK(edit);

}  // namespace
}  // namespace gatehouse::dialects
