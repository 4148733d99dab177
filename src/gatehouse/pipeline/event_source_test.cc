#include "gatehouse/pipeline/event_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/encode.h"
#include "gatehouse/pipeline/testing/fakes.h"

namespace gatehouse::pipeline {
namespace {

using testing::FakeAnswer;
using testing::Step;

struct Pulled {
  std::vector<std::string> batches;
  std::string all;
  std::string error;  // slug
};

Task<Pulled> pull(async::Loop& loop, std::vector<Step> steps, Form form, AnswerLimits limits = {},
                  std::string_view coding = {}) {
  async::AbortSource abort;
  auto decoder = http::make_content_decoder(coding);
  EXPECT_TRUE(decoder.has_value());
  auto source =
      make_source(std::make_unique<FakeAnswer>(
                      loop, testing::FakeReply{.status = 200, .fields = {}, .steps = std::move(steps)}, &abort),
                  form, std::move(*decoder), limits);
  EXPECT_EQ(source->form(), form);
  Pulled pulled;
  for (;;) {
    auto e = source->next();
    const auto batch = e.ready() ? e.take() : co_await e.task();
    if (!batch) {
      pulled.error = batch.error().slug();
      co_return pulled;
    }
    pulled.batches.emplace_back(batch->bytes);
    pulled.all.append(batch->bytes);
    if (batch->last) co_return pulled;
  }
}

std::vector<Step> in_two(std::string_view bytes, std::size_t cut, bool pause) {
  return {{.bytes = std::string(bytes.substr(0, cut)), .pause = pause},
          {.bytes = std::string(bytes.substr(cut)), .last = true, .pause = pause}};
}

std::vector<Step> by_the_byte(std::string_view bytes) {
  std::vector<Step> steps;
  for (const char byte : bytes) steps.push_back({.bytes = std::string(1, byte), .pause = steps.size() % 2 == 0});
  steps.push_back({.last = true});
  return steps;
}

// Whether a batch is whole events: a cutter that starts fresh finds nothing left over. (A LF that belongs to a CR of
// the batch before it is whole by itself.)
bool only_whole(std::string_view batch) {
  if (batch.starts_with('\n')) batch.remove_prefix(1);
  http::SseCutter cutter;
  return cutter.whole(batch) == batch.size();
}

const std::vector<std::string>& streams() {
  static const std::vector<std::string> kStreams = {
      "data: {\"a\":1}\n\ndata: {\"b\":\"\xc3\xa4\xf0\x9f\x98\x80\"}\n\ndata: [DONE]\n\n",
      ": hello\n\nevent: x\nid: 1\ndata: a\ndata: b\n\n: still here\n\n\n\ndata:\n\n",
      "data: a\r\n\r\ndata: b\r\n\r\n: ping\r\n\r\ndata: [DONE]\r\n\r\n",
      "data: a\r\rdata: b\r\rdata: c\r\n\ndata: d\n\r\n",
      "\xef\xbb\xbf"
      "data: with a mark\n\n",
      "",
  };
  return kStreams;
}

TEST(SseSource, EveryCutGivesTheSameBytesAndWholeEventsOnly) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const auto& stream : streams()) {
      for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        for (const bool pause : {false, true}) {
          const auto got = co_await pull(loop, in_two(stream, cut, pause), Form::events);
          EXPECT_EQ(got.error, "") << cut;
          EXPECT_EQ(got.all, stream) << cut;
          for (const auto& batch : got.batches) EXPECT_TRUE(only_whole(batch)) << cut << ": " << batch;
        }
      }
      const auto got = co_await pull(loop, by_the_byte(stream), Form::events);
      EXPECT_EQ(got.all, stream);
      for (const auto& batch : got.batches) EXPECT_TRUE(only_whole(batch)) << batch;
    }
  });
}

// The recorded streams of real providers, cut at every byte.
TEST(SseSource, RecordedStreamsCutEverywhere) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    int seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator(GATEHOUSE_GOLDEN "/openai_chat")) {
      if (entry.path().extension() != ".sse" || entry.path().stem() == "stream_cut.in") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string stream((std::istreambuf_iterator<char>(file)), {});
      ++seen;
      for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        const auto got = co_await pull(loop, in_two(stream, cut, false), Form::events);
        EXPECT_EQ(got.error, "") << entry.path() << " " << cut;
        EXPECT_EQ(got.all, stream) << entry.path() << " " << cut;
      }
    }
    EXPECT_GT(seen, 5);
  });
}

TEST(SseSource, AnEndInsideAnEventIsBrokenAfterTheWholeOnesWentOut) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string whole = "data: a\n\ndata: b\n\n";
    const std::string stream = whole + "data: {\"c\":";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      for (const bool pause : {false, true}) {
        const auto got = co_await pull(loop, in_two(stream, cut, pause), Form::events);
        EXPECT_EQ(got.error, "upstream_broken") << cut;
        EXPECT_EQ(got.all, whole) << cut;
      }
    }
    const auto alone = co_await pull(loop, in_two("data: {\"c\":", 4, false), Form::events);
    EXPECT_EQ(alone.error, "upstream_broken");
    EXPECT_TRUE(alone.batches.empty());
  });
}

TEST(SseSource, AnEventThatLacksOnlyItsEmptyLineIsWhole) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const std::string stream :
         {"data: a\n\ndata: [DONE]\n", "data: a\r\n\r\ndata: [DONE]\r\n", "data: [DONE]\r"}) {
      for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        const auto got = co_await pull(loop, in_two(stream, cut, false), Form::events);
        EXPECT_EQ(got.error, "") << cut;
        EXPECT_EQ(got.all, stream) << cut;
      }
    }
  });
}

TEST(SseSource, TheProvidersErrorComesBehindWhatWasWhole) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool pause : {false, true}) {
      const auto got = co_await pull(loop,
                                     {{.bytes = "data: a\n\ndata: b", .pause = pause},
                                      {.pause = pause, .error = Code::upstream_timeout, .fails = true}},
                                     Form::events);
      EXPECT_EQ(got.error, "upstream_timeout");
      EXPECT_EQ(got.all, "data: a\n\n");
    }
  });
}

TEST(SseSource, AnEventOverTheLimit) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const AnswerLimits limits{.whole = 10, .event = 100};
    const std::string event = "data: " + std::string(200, 'x') + "\n\n";
    const auto dripped = co_await pull(loop, by_the_byte("data: ok\n\n" + event), Form::events, limits);
    EXPECT_EQ(dripped.error, "upstream_too_large");
    EXPECT_EQ(dripped.all, "data: ok\n\n");
    // Many small ones are no matter, however many there are.
    std::vector<Step> many;
    std::string all;
    for (int i = 0; i < 100; ++i) {
      many.push_back({.bytes = i == 0 ? "data: x" : "\n\ndata: x"});
      all += many.back().bytes;
    }
    many.push_back({.bytes = "\n\n", .last = true});
    const auto got = co_await pull(loop, many, Form::events, limits);
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.all, all + "\n\n");
  });
}

TEST(SseSource, CodingsComeOffFirst) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string stream = streams()[0];
    const std::string coded = http::testing::encode("gzip", stream);
    for (std::size_t cut = 0; cut <= coded.size(); ++cut) {
      const auto got = co_await pull(loop, in_two(coded, cut, cut % 2 == 0), Form::events, {}, "gzip");
      EXPECT_EQ(got.error, "") << cut;
      EXPECT_EQ(got.all, stream) << cut;
    }
    // The coding's end is missing: the whole events went out, the end is not taken for one.
    const auto cut = co_await pull(loop, in_two(coded.substr(0, coded.size() - 8), 5, false), Form::events, {}, "gzip");
    EXPECT_EQ(cut.error, "upstream_broken");
    const auto bomb = co_await pull(loop, in_two(http::testing::encode("gzip", std::string(100'000, 'x')), 5, true),
                                    Form::events, {.whole = 10, .event = 1000}, "gzip");
    EXPECT_EQ(bomb.error, "upstream_too_large");
  });
}

TEST(WholeSource, OneBatchHoweverItCame) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string body = "{\"a\":\"0123456789\"}";
    for (const auto* coding : {"", "gzip", "br"}) {
      const std::string wire = *coding == '\0' ? body : http::testing::encode(coding, body);
      for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        for (const bool pause : {false, true}) {
          const auto got = co_await pull(loop, in_two(wire, cut, pause), Form::whole, {}, coding);
          EXPECT_EQ(got.error, "");
          EXPECT_EQ(got.batches, std::vector<std::string>{body}) << coding << cut;
        }
      }
    }
    EXPECT_EQ((co_await pull(loop, {{.last = true}}, Form::whole)).batches, std::vector<std::string>{""});
  });
}

TEST(WholeSource, OverTheLimitOrBroken) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const AnswerLimits limits{.whole = 20, .event = 1000};
    for (std::size_t cut = 0; cut <= 21; ++cut) {
      for (const bool pause : {false, true}) {
        EXPECT_EQ((co_await pull(loop, in_two(std::string(20, 'x'), std::min<std::size_t>(cut, 20), pause), Form::whole,
                                 limits))
                      .all.size(),
                  20U);
        const auto over = co_await pull(loop, in_two(std::string(21, 'x'), cut, pause), Form::whole, limits);
        EXPECT_EQ(over.error, "upstream_too_large");
        EXPECT_TRUE(over.batches.empty());
      }
    }
    const auto bomb = co_await pull(loop, in_two(http::testing::encode("gzip", std::string(100'000, 'x')), 5, true),
                                    Form::whole, limits, "gzip");
    EXPECT_EQ(bomb.error, "upstream_too_large");
    const auto broken =
        co_await pull(loop, {{.bytes = "{"}, {.error = Code::upstream_broken, .fails = true}}, Form::whole);
    EXPECT_EQ(broken.error, "upstream_broken");
    EXPECT_TRUE(broken.batches.empty());
  });
}

TEST(OpaqueSource, PassesWhatComesAsItComes) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const auto got =
        co_await pull(loop, {{.bytes = "a", .pause = true}, {.bytes = std::string(5000, 'b')}, {.last = true}},
                      Form::opaque, {.whole = 1, .event = 1});
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.batches, (std::vector<std::string>{"a", std::string(5000, 'b'), ""}));
  });
}

}  // namespace
}  // namespace gatehouse::pipeline
