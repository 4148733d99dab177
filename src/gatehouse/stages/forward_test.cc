#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/route/weighted.h"
#include "gatehouse/stages/test_support.h"

namespace gatehouse::stages {
namespace {

using pipeline::testing::ask;
using pipeline::testing::FakeReply;
using pipeline::testing::json_reply;
using testing::bench_of;
using testing::chat;
using testing::kAll;

TEST(Forward, TheCallersBytesButForTheModelsName) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = bench_of(loop);
    auto& far = *bench->upstreams[0];
    const auto body = [](std::string_view model) {
      const std::string wire = chat(model);
      return wire.substr(wire.find("\r\n\r\n") + 4);
    };
    far.replies.emplace_back(json_reply("{ \"a\" : 1.50 }", 201));
    const auto got = co_await ask(loop, *bench, chat("same"));
    EXPECT_EQ(got.status, 201);
    EXPECT_EQ(got.body, "{ \"a\" : 1.50 }");
    far.replies.emplace_back(json_reply("{}"));
    EXPECT_EQ((co_await ask(loop, *bench, chat("alias"))).status, 200);
    bench->upstreams[1]->replies.emplace_back(json_reply("{}"));
    EXPECT_EQ((co_await ask(loop, *bench, chat("wild-x"))).field("x-gatehouse-model"), "inner-x");
    EXPECT_EQ(far.calls.at(0).body, body("same"));
    EXPECT_EQ(far.calls.at(1).body, body("real \\\"name\\\""));
    EXPECT_EQ(bench->upstreams[1]->calls.at(0).body, body("inner-x"));
    EXPECT_EQ(far.calls.at(0).path, "/chat/completions");
    EXPECT_TRUE(far.calls.at(0).inspected);
    EXPECT_EQ(far.alive, 0);
  });
}

TEST(Forward, AnotherTargetOnlyWhenNothingWasSent) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    struct Case {
      Code code;
      int status;
      std::size_t calls;
    };
    for (const auto& c : {Case{Code::upstream_unreachable, 200, 2}, Case{Code::upstream_tls, 200, 2},
                          Case{Code::upstream_broken, 502, 1}, Case{Code::upstream_timeout, 504, 1},
                          Case{Code::upstream_protocol, 502, 1}}) {
      auto bench = bench_of(loop);
      // The order is drawn: whoever is asked first fails.
      for (int i = 0; i < 10; ++i) {
        std::size_t calls = 0;
        for (auto* upstream : bench->upstreams) {
          upstream->calls.clear();
          upstream->replies.clear();
        }
        bench->worker.random = base::Random(static_cast<std::uint64_t>(i));
        base::Random same_draw(static_cast<std::uint64_t>(i));
        (void)base::new_request_id(bench->clock.wall(), same_draw);
        const auto order = route::weighted_order(bench->runtime->snapshot->models[2].targets, same_draw);
        bench->upstreams[order[0]]->replies.emplace_back(fail(c.code, "told to fail"));
        bench->upstreams[order[1]]->replies.emplace_back(json_reply("{}"));
        const auto got = co_await ask(loop, *bench, chat("both"));
        EXPECT_EQ(got.status, c.status) << base::code_info(c.code).slug;
        for (const auto* upstream : bench->upstreams) calls += upstream->calls.size();
        EXPECT_EQ(calls, c.calls);
        EXPECT_EQ(got.field("x-gatehouse-attempts"), std::to_string(c.calls));
      }
    }
  });
}

TEST(Forward, WhenEveryTargetFailsTheLastErrorIsTold) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = bench_of(loop);
    for (auto* upstream : bench->upstreams) upstream->replies.emplace_back(fail(Code::upstream_unreachable, "no way"));
    const auto got = co_await ask(loop, *bench, chat("both"));
    EXPECT_EQ(got.status, 502);
    EXPECT_NE(got.body.find("upstream_unreachable"), std::string::npos);
    EXPECT_NE(bench->metrics_text().find(
                  "gatehouse_upstream_errors_total{provider=\"second\",code=\"upstream_unreachable\"} 1"),
              std::string::npos);
    EXPECT_EQ(bench->logged.size(), 2U);
  });
}

TEST(Forward, TheProvidersOwnErrorsPassButNotItsViewOfOurKey) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = bench_of(loop);
    auto& far = *bench->upstreams[0];
    for (const int status : {400, 403, 429, 500, 503}) {
      far.replies.emplace_back(json_reply("{\"error\":{\"message\":\"theirs\"}}", status));
      far.replies.back()->fields.emplace_back("retry-after", "7");
      const auto got = co_await ask(loop, *bench, chat("same"));
      EXPECT_EQ(got.status, status);
      EXPECT_EQ(got.body, "{\"error\":{\"message\":\"theirs\"}}");
      EXPECT_EQ(got.field("retry-after"), "7");
    }
    far.replies.emplace_back(json_reply("{\"error\":{\"message\":\"Incorrect key sk-pro*1234\"}}", 401));
    far.replies.back()->fields.emplace_back("www-authenticate", "Bearer realm=sk-pro");
    const auto got = co_await ask(loop, *bench, chat("same"));
    EXPECT_EQ(got.status, 502);
    EXPECT_NE(got.body.find("upstream_credentials"), std::string::npos);
    EXPECT_EQ((got.head + got.body).find("sk-pro"), std::string::npos);
    for (const auto& line : bench->logged) EXPECT_EQ(line.find("sk-pro"), std::string::npos);
    EXPECT_EQ(far.alive, 0);
  });
}

TEST(Forward, WhichFieldsComeBack) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = bench_of(loop);
    auto reply = json_reply("{}");
    for (const auto& field :
         std::vector<std::pair<std::string, std::string>>{{"connection", "x-hop"},
                                                          {"x-hop", "1"},
                                                          {"set-cookie", "a=b"},
                                                          {"x-gatehouse-model", "forged"},
                                                          {"x-ratelimit-remaining-requests", "9"}}) {
      reply.fields.push_back(field);
    }
    bench->upstreams[0]->replies.emplace_back(std::move(reply));
    const auto got = co_await ask(loop, *bench, chat("same"));
    EXPECT_EQ(got.field("x-ratelimit-remaining-requests"), "9");
    EXPECT_EQ(got.field("x-hop"), "");
    EXPECT_EQ(got.field("set-cookie"), "");
    EXPECT_EQ(got.field("x-gatehouse-model"), "same");
  });
}

TEST(Forward, AnUnknownCodingIsTheProvidersFault) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = bench_of(loop);
    auto reply = json_reply("{}");
    reply.fields.emplace_back("content-encoding", "compress");
    bench->upstreams[0]->replies.emplace_back(std::move(reply));
    const auto got = co_await ask(loop, *bench, chat("same"));
    EXPECT_EQ(got.status, 502);
    EXPECT_NE(got.body.find("upstream_protocol"), std::string::npos);
  });
}

TEST(Forward, UploadsArePulledAndBounded) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto snapshot = testing::two_providers();
    snapshot.passthrough.emplace().provider = 0;
    snapshot.limits.upload_bytes = 10;
    const std::string head =
        "POST /v1/files?purpose=x HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data\r\n" + std::string(kAll);
    struct Case {
      std::string rest;
      int status;
      bool known;
    };
    for (const auto& c :
         {Case{"content-length: 10\r\n\r\n0123456789", 200, true},
          Case{"content-length: 11\r\n\r\n01234567890", 413, true},
          Case{"transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n", 200, false},
          Case{"transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n", 413, false}}) {
      auto bench = bench_of(loop, snapshot);
      auto& far = *bench->upstreams[0];
      far.replies.emplace_back(FakeReply{.status = 200, .fields = {}, .steps = {{.bytes = "opaque", .last = true}}});
      EXPECT_EQ((co_await ask(loop, *bench, head + c.rest)).status, c.status) << c.rest;
      EXPECT_EQ(far.calls.size(), c.status == 200 ? 1U : 0U);
      if (c.status != 200) continue;
      EXPECT_EQ(far.calls[0].path, "/files?purpose=x");
      EXPECT_EQ(far.calls[0].body, "0123456789");
      EXPECT_EQ(far.calls[0].length.has_value(), c.known);
    }
  });
}

TEST(Meter, ReadsTheUsageOfWholeAnswersAndStreams) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    struct Finish final : pipeline::Stage {
      explicit Finish(std::uint64_t& seen) : total(seen) {}
      std::string_view name() const override { return "finish"; }
      void on_finish(pipeline::Exchange& exchange) const override { total = exchange.reader.usage().total_tokens; }
      std::uint64_t& total;
    };
    const std::string usage = R"("usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7})";
    std::uint64_t total = 0;
    auto stages = testing::all_stages();
    stages.push_back(std::make_unique<Finish>(total));
    pipeline::testing::Bench bench(loop, std::make_shared<const config::Snapshot>(testing::two_providers()),
                                   std::move(stages), testing::some_keys());
    auto& far = *bench.upstreams[0];
    far.replies.emplace_back(json_reply("{\"choices\":[]," + usage + "}"));
    EXPECT_EQ((co_await ask(loop, bench, chat("same"))).status, 200);
    EXPECT_EQ(total, 7U);
    total = 0;
    const std::string stream = "data: {\"choices\":[]," + usage + "}\n\ndata: [DONE]\n\n";
    for (std::size_t cut = 0; cut <= stream.size(); cut += 7) {
      far.replies.emplace_back(
          FakeReply{.status = 200,
                    .fields = {{"content-type", "text/event-stream; charset=utf-8"}},
                    .steps = {{.bytes = stream.substr(0, cut)}, {.bytes = stream.substr(cut), .last = true}}});
      EXPECT_EQ((co_await ask(loop, bench, chat("same"))).body, stream);
      EXPECT_EQ(std::exchange(total, 0), 7U) << cut;
    }
  });
}

}  // namespace
}  // namespace gatehouse::stages
