#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "gatehouse/http/body_decoder.h"
#include "gatehouse/http/head.h"
#include "gatehouse/http/sse.h"

namespace gatehouse::http {
namespace {

// What the official Python client sends, shortened in nothing: 12 fields.
constexpr std::string_view kRequest =
    "POST /v1/chat/completions HTTP/1.1\r\n"
    "Host: gateway.internal:8080\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Connection: keep-alive\r\n"
    "Accept: application/json\r\n"
    "Content-Type: application/json\r\n"
    "User-Agent: OpenAI/Python 1.99.1\r\n"
    "X-Stainless-Lang: python\r\n"
    "X-Stainless-Package-Version: 1.99.1\r\n"
    "X-Stainless-OS: Linux\r\n"
    "Authorization: Bearer gh-0123456789abcdefghijABCDEFGHIJ01\r\n"
    "X-Stainless-Raw-Response: true\r\n"
    "Content-Length: 1234\r\n"
    "\r\n{\"messages\":";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "Content-Type: text/event-stream; charset=utf-8\r\n"
    "Transfer-Encoding: chunked\r\n"
    "Connection: keep-alive\r\n"
    "openai-processing-ms: 123\r\n"
    "x-ratelimit-limit-requests: 10000\r\n"
    "x-ratelimit-remaining-requests: 9999\r\n"
    "x-request-id: req_0123456789abcdef0123456789abcdef\r\n"
    "\r\n5\r\n";

void BM_RequestHead(benchmark::State& state) {
  RequestHead head;
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(parse_request_head(kRequest, scanned, HeadLimits{}, head));
    benchmark::ClobberMemory();
  }
  if (head.fields.size() != 12) state.SkipWithError("not twelve fields");
}
BENCHMARK(BM_RequestHead);

void BM_ResponseHead(benchmark::State& state) {
  ResponseHead head;
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(parse_response_head(kResponse, scanned, HeadLimits{}, Method::post, head));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_ResponseHead);

constexpr std::string_view kEvent =
    "data: "
    "{\"id\":\"chatcmpl-123\",\"object\":\"chat.completion.chunk\",\"created\":1694268190,\"model\":\"gpt-5.6-mini\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}]}\n\n";

// One event, in one chunk of a body: unframed, cut and read.
void BM_StreamedEvent(benchmark::State& state) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", kEvent.size());
  const std::string chunk = size + std::string(kEvent) + "\r\n";
  BodyDecoder decoder(Framing::chunked, 0);
  SseCutter cutter;
  std::string scratch;
  for (auto _ : state) {
    std::string_view rest = chunk;
    for (;;) {
      const auto step = decoder.decode(rest);
      rest.remove_prefix(step.consumed);
      if (step.state != BodyDecoder::State::data) break;
      const std::size_t whole = cutter.whole(step.data);
      SseReader reader(step.data.substr(0, whole), scratch, false);
      SseEvent event;
      while (reader.next(event)) benchmark::DoNotOptimize(event.data);
      cutter.consumed(whole);
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kEvent.size()));
}
BENCHMARK(BM_StreamedEvent);

}  // namespace
}  // namespace gatehouse::http
