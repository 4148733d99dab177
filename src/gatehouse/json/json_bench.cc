#include <string>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::json {
namespace {

// A chat request of about `size` bytes, prose with the escapes that prose has.
std::string chat_request(std::size_t size) {
  std::string body =
      R"({"model":"gpt-4o-mini","stream":true,"temperature":0.7,"max_tokens":256,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":")";
  const std::string_view prose =
      "The quick brown fox jumps over the lazy dog, said \\\"nobody\\\".\\nThen it slept in the sun for a while, "
      "and d\xC3\xA9j\xC3\xA0 vu came over it. ";
  while (body.size() + prose.size() + 60 < size) body += prose;
  return body + R"("}],"stream_options":{"include_usage":true},"user":"u-1"})";
}

std::string embeddings_answer() {
  std::string body;
  Writer writer(body);
  writer.begin_object().key("object").string("list").key("data").begin_array();
  for (int row = 0; row < 4; ++row) {
    writer.begin_object().key("index").integer(row).key("embedding").begin_array();
    for (int i = 0; i < 1536; ++i) writer.number((i * 7919 % 2000 - 1000) / 23456.789);
    writer.end_array().end_object();
  }
  writer.end_array().key("usage").begin_object().key("prompt_tokens").integer(9).end_object().end_object();
  return body;
}

void scan(benchmark::State& state, const std::string& body) {
  for (auto _ : state) {
    std::size_t members = 0;
    const auto scanned = scan_object(body, [&](const Member& member) { members += member.key.size(); });
    if (!scanned) state.SkipWithError("not valid");
    benchmark::DoNotOptimize(members);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
  state.counters["bytes"] = static_cast<double>(body.size());
}

void dom(benchmark::State& state, const std::string& body) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  for (auto _ : state) {
    auto root = parser.parse(padded);
    benchmark::DoNotOptimize(root);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}

BENCHMARK_CAPTURE(scan, chat_844, chat_request(844));
BENCHMARK_CAPTURE(scan, chat_100k, chat_request(100'000));
BENCHMARK_CAPTURE(scan, embeddings_4x1536, embeddings_answer());
BENCHMARK_CAPTURE(dom, chat_844, chat_request(844));
BENCHMARK_CAPTURE(dom, chat_100k, chat_request(100'000));
BENCHMARK_CAPTURE(dom, embeddings_4x1536, embeddings_answer());

}  // namespace
}  // namespace gatehouse::json
