#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/llm/tokens/request_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"

namespace gatehouse::llm {
namespace {

constexpr std::size_t kSize = 1 << 20;

// Words at random from the text of our own, so that neither the branch predictor nor the cache knows what comes: about
// as many different words as an English page has, with the punctuation of prose.
std::string prose() {
  constexpr std::string_view kText =
      "A gateway stands between applications and model providers as one process. Callers speak to it in the language "
      "they already know; it decides who they are, where the request goes and what of it may pass, and it forwards the "
      "rest unchanged, nearly at the price of a bare proxy. Nobody would have thought, in the early years of the "
      "century, that a machine which answers questions might one day be asked about itself: yet here we are, and the "
      "questions that people ask are seldom the ones that it was built for. \"Where does the river begin?\" she said, "
      "when the children had gone home and the street was quiet again. He didn't know, of course, but he'd heard that "
      "old men in the villages upstream still told the story of a spring beneath three oak trees, visited on the first "
      "Sunday after Easter by those who couldn't sleep. Scientists measured the temperature of its water in 1912, 1947 "
      "and 2003, and found it (to within half a degree) unchanged. Prices rose; governments fell; the railway company "
      "sold its last engines to a museum near Manchester, where they remain under a corrugated roof. What matters most "
      "is neither the speed nor the distance but the patience with which small observations are collected, compared "
      "and, eventually, understood. Breakfast was served between seven and nine. The committee's recommendation was "
      "unanimous, although several members expressed reservations concerning the proposed timetable. ";
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < kText.size();) {
    const std::size_t space = kText.find(' ', at);
    words.push_back(kText.substr(at, space - at + 1));
    at = space + 1;
  }
  std::string text;
  std::uint64_t state = 1;
  std::size_t since = 0;
  while (text.size() < kSize) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += words[static_cast<std::size_t>(state >> 33U) % words.size()];
    if (++since % 90 == 0) text += "\n\n";
  }
  return text;
}

std::string code() {
  constexpr std::string_view kLine =
      "    for (std::size_t i = 0; i < parts.size(); ++i) {\n      if (auto found = table_.find(parts[i].key); found "
      "!= "
      "end) total += found->second * kScale;  // as above\n    }\n  return "
      "std::make_unique<HttpClient>(std::move(x));\n";
  std::string text;
  while (text.size() < kSize) text += kLine;
  return text;
}

std::string random_bytes() {
  std::string text;
  std::uint64_t state = 7;
  while (text.size() < kSize) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += static_cast<char>(state >> 56U);
  }
  return text;
}

std::string chinese() {
  std::string text;
  while (text.size() < kSize) {
    text +=
        "\xe7\xbd\x91\xe5\x85\xb3\xe7\xab\x99\xe5\x9c\xa8\xe5\xba\x94\xe7\x94\xa8\xe5\x92\x8c\xe6\xa8\xa1\xe5\x9e\x8b"
        "\xe4\xb9\x8b\xe9\x97\xb4\xef\xbc\x8c\xe5\xae\x83\xe5\x86\xb3\xe5\xae\x9a\xe8\xb0\x81\xe5\x8f\xaf\xe4\xbb\xa5"
        "\xe6\x8f\x90\xe9\x97\xae\xe3\x80\x82";
  }
  return text;
}

void count(benchmark::State& state, Encoding encoding, const std::string& text) {
  std::uint64_t tokens = 0;
  for (auto _ : state) benchmark::DoNotOptimize(tokens = count_tokens(encoding, text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.counters["bytes_per_token"] = static_cast<double>(text.size()) / static_cast<double>(tokens);
}

// A body as it comes: prose with escapes, in twelve messages.
void chat(benchmark::State& state) {
  const std::string text = prose();
  std::string body = R"({"model":"gpt-4o","messages":[)";
  for (std::size_t i = 0; i < 12; ++i) {
    body += i == 0 ? R"({"role":"system","content":")" : R"(,{"role":"user","content":")";
    for (const char c : text.substr(i * 2000, 2000)) {
      if (c == '\n') {
        body += "\\n";
      } else {
        if (c == '"') body += '\\';
        body += c;
      }
    }
    body += "\"}";
  }
  body += "]}";
  for (auto _ : state) {
    auto counted = count_chat(Encoding::o200k_base, "gpt-4o", body);
    benchmark::DoNotOptimize(counted);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}

BENCHMARK_CAPTURE(count, o200k_prose, Encoding::o200k_base, prose());
BENCHMARK_CAPTURE(count, cl100k_prose, Encoding::cl100k_base, prose());
BENCHMARK_CAPTURE(count, o200k_code, Encoding::o200k_base, code());
BENCHMARK_CAPTURE(count, cl100k_code, Encoding::cl100k_base, code());
BENCHMARK_CAPTURE(count, o200k_chinese, Encoding::o200k_base, chinese());
BENCHMARK_CAPTURE(count, o200k_random_bytes, Encoding::o200k_base, random_bytes());
BENCHMARK_CAPTURE(count, o200k_one_letter, Encoding::o200k_base, std::string(kSize, 'a'));
BENCHMARK_CAPTURE(count, o200k_spaces, Encoding::o200k_base, std::string(kSize, ' '));
BENCHMARK(chat);

}  // namespace
}  // namespace gatehouse::llm
