#include "gatehouse/pipeline/pipeline.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/pipeline/testing/fakes.h"

namespace gatehouse::pipeline {
namespace {

using testing::ask;
using testing::Bench;
using testing::Caller;
using testing::FakeReply;
using testing::Step;

using Log = std::vector<std::string>;
using Decide = std::function<Verdict(Exchange&)>;

// Says what it is asked, and how the request ended.
class FakeStage final : public Stage {
 public:
  FakeStage(async::Loop& loop, Log& log, std::string name, Decide decide, bool pause)
      : loop_(loop), log_(log), name_(std::move(name)), decide_(std::move(decide)), pause_(pause) {}
  std::string_view name() const override { return name_; }
  Eventually<Verdict> on_request(Exchange& exchange) const override {
    log_.push_back(name_ + "?");
    if (pause_) return later(exchange);
    return decided(exchange);
  }
  void on_answer(Exchange&, Answer& answer) const override {
    log_.push_back(name_ + "<" + std::to_string(answer.status));
  }
  void on_finish(Exchange& exchange) const override {
    const auto& outcome = exchange.outcome;
    std::string line = name_ + "." + std::to_string(outcome.status);
    line.append(" ").append(observe::name(outcome.finish));
    if (outcome.failed) line.append(" ").append(base::code_info(outcome.error).slug);
    if (exchange.streamed) line.append(" streamed");
    log_.push_back(line);
  }

 private:
  Verdict decided(Exchange& exchange) const { return decide_ ? decide_(exchange) : Verdict(Continue{}); }
  Task<Verdict> later(Exchange& exchange) const {
    co_await loop_.after_ready();
    co_return decided(exchange);
  }
  async::Loop& loop_;
  Log& log_;
  std::string name_;
  Decide decide_;
  bool pause_;
};

struct Rig {
  // The stages a, b and c; `deciding` is what b does.
  Rig(async::Loop& loop, Decide deciding, bool pause = false, config::Snapshot snapshot = {}) {
    Stages stages;
    stages.push_back(std::make_unique<FakeStage>(loop, log, "a", Decide{}, pause));
    stages.push_back(std::make_unique<FakeStage>(loop, log, "b", std::move(deciding), pause));
    stages.push_back(std::make_unique<FakeStage>(loop, log, "c", Decide{}, pause));
    bench.emplace(loop, std::make_shared<const config::Snapshot>(std::move(snapshot)), std::move(stages));
  }
  Log log;
  int alive = 0;
  std::optional<Bench> bench;
};

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nhost: a\r\n\r\n";

Verdict text_reply(int status, std::string text) {
  Answer answer;
  answer.status = status;
  http::append_field(answer.fields, "content-type", "text/plain");
  answer.body = std::make_unique<TextSource>(std::move(text));
  return Reply{std::move(answer)};
}

// A reply whose body plays these steps.
Decide playing(async::Loop& loop, int& alive, std::vector<Step> steps, Form form) {
  return [&loop, &alive, steps = std::move(steps), form](Exchange& exchange) -> Verdict {
    Answer answer;
    answer.body = make_source(
        std::make_unique<testing::FakeAnswer>(loop, FakeReply{.steps = steps}, &exchange.in.abort(), &alive), form,
        nullptr, {});
    return Reply{std::move(answer)};
  };
}

Log ending(const std::string& how) { return {"a." + how, "b." + how, "c." + how}; }

void expect_log(const Log& log, Log begin, int answer_status, const std::string& how) {
  for (const auto* stage : {"a", "b", "c"}) begin.push_back(stage + ("<" + std::to_string(answer_status)));
  for (const auto& line : ending(how)) begin.push_back(line);
  EXPECT_EQ(log, begin);
}

TEST(Pipeline, AReplyPassesEveryStageOnItsWayBack) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool pause : {false, true}) {
      Rig rig(loop, [](Exchange&) { return text_reply(201, "made"); }, pause);
      const auto got = co_await ask(loop, *rig.bench, kGet);
      EXPECT_EQ(got.status, 201);
      EXPECT_EQ(got.body, "made");
      EXPECT_EQ(got.field("content-length"), "4");
      EXPECT_TRUE(got.field("x-gatehouse-request-id").starts_with("req_"));
      expect_log(rig.log, {"a?", "b?"}, 201, "201 complete");
    }
  });
}

TEST(Pipeline, ARefusalPassesEveryStageToo) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool pause : {false, true}) {
      Rig rig(
          loop,
          [](Exchange&) -> Verdict {
            auto refused = refuse(Code::rate_limited, "slow down", "n");
            http::append_field(refused.fields, "retry-after", "3");
            return refused;
          },
          pause);
      const auto got = co_await ask(loop, *rig.bench, kGet);
      EXPECT_EQ(got.status, 429);
      EXPECT_EQ(got.field("retry-after"), "3");
      EXPECT_EQ(got.body,
                R"({"error":{"message":"slow down","type":"rate_limit_error","param":"n","code":"rate_limited"}})");
      expect_log(rig.log, {"a?", "b?"}, 429, "429 refused rate_limited");
    }
  });
}

TEST(Pipeline, WithoutAnAnswerItIsOurFault) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop, {});
    EXPECT_EQ((co_await ask(loop, *rig.bench, kGet)).status, 500);
    expect_log(rig.log, {"a?", "b?", "c?"}, 500, "500 refused internal_error");
  });
}

TEST(Pipeline, AnErrorBeforeTheFirstByteIsARefusal) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    struct Case {
      Code code;
      int status;
      const char* how;
    };
    for (const auto& c : {Case{Code::upstream_broken, 502, "502 upstream_broken upstream_broken"},
                          Case{Code::upstream_timeout, 504, "504 timeout upstream_timeout"},
                          Case{Code::upstream_too_large, 502, "502 upstream_broken upstream_too_large"}}) {
      for (const auto form : {Form::whole, Form::events, Form::opaque}) {
        for (const bool pause : {false, true}) {
          int alive = 0;
          Rig rig(loop, playing(loop, alive, {{.pause = pause, .error = c.code, .fails = true}}, form));
          const auto got = co_await ask(loop, *rig.bench, kGet);
          EXPECT_EQ(got.status, c.status);
          EXPECT_EQ(got.field("content-type"), "application/json");
          EXPECT_TRUE(got.whole);
          EXPECT_NE(got.body.find(base::code_info(c.code).slug), std::string::npos);
          expect_log(rig.log, {"a?", "b?"}, 200, c.how);
          EXPECT_EQ(alive, 0);
        }
      }
    }
  });
}

TEST(Pipeline, AStreamGoesOutAsItComes) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool pause : {false, true}) {
      int alive = 0;
      Rig rig(
          loop,
          playing(loop, alive,
                  {{.bytes = "data: a\n\nda", .pause = pause}, {.bytes = "ta: b\n\n", .pause = pause}, {.last = true}},
                  Form::events));
      const auto got = co_await ask(loop, *rig.bench, kGet);
      EXPECT_EQ(got.body, "data: a\n\ndata: b\n\n");
      EXPECT_TRUE(got.whole);
      expect_log(rig.log, {"a?", "b?"}, 200, "200 complete streamed");
      EXPECT_NE(rig.bench->metrics_text().find("gatehouse_streams_open 0"), std::string::npos);
      EXPECT_NE(rig.bench->metrics_text().find("gatehouse_requests_in_flight 0"), std::string::npos);
    }
  });
}

TEST(Pipeline, AnErrorInMidStreamIsAnEventAndABrokenConnection) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool pause : {false, true}) {
      int alive = 0;
      Rig rig(loop, playing(loop, alive,
                            {{.bytes = "data: a\n\n"}, {.pause = pause, .error = Code::upstream_broken, .fails = true}},
                            Form::events));
      const auto got = co_await ask(loop, *rig.bench, kGet);
      EXPECT_EQ(got.status, 200);
      EXPECT_TRUE(got.body.starts_with("data: a\n\ndata: {\"error\":{\"message\":")) << got.body;
      EXPECT_TRUE(got.body.ends_with("\"code\":\"upstream_broken\"}}\n\n")) << got.body;
      EXPECT_EQ(got.body.find("[DONE]"), std::string::npos);
      EXPECT_FALSE(got.whole);
      expect_log(rig.log, {"a?", "b?"}, 200, "200 upstream_broken upstream_broken streamed");
      EXPECT_EQ(alive, 0);
    }
  });
}

TEST(Pipeline, WhatNobodyReadsIsOnlyBrokenOff) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    int alive = 0;
    Rig rig(loop,
            playing(loop, alive, {{.bytes = "RIFF"}, {.error = Code::upstream_broken, .fails = true}}, Form::opaque));
    const auto got = co_await ask(loop, *rig.bench, kGet);
    EXPECT_EQ(got.body, "RIFF");
    EXPECT_FALSE(got.whole);
    expect_log(rig.log, {"a?", "b?"}, 200, "200 upstream_broken upstream_broken");
  });
}

TEST(Pipeline, AClientThatLeavesInMidStreamStopsTheProviderAndIsRecorded) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    int alive = 0;
    Rig rig(loop, playing(loop, alive, {{.bytes = "data: a\n\n"}, {.hangs = true}}, Form::events));
    auto caller = co_await Caller::open(loop, *rig.bench);
    co_await caller->client.send(kGet);
    EXPECT_FALSE((co_await caller->client.bytes(15)).empty());
    EXPECT_EQ(alive, 1);
    co_await caller->over();
    expect_log(rig.log, {"a?", "b?"}, 200, "200 client_closed client_closed streamed");
    EXPECT_EQ(alive, 0);
  });
}

TEST(Pipeline, AClientThatLeavesBeforeTheAnswerIs499) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    int alive = 0;
    Rig rig(loop, playing(loop, alive, {{.hangs = true}}, Form::whole));
    auto caller = co_await Caller::open(loop, *rig.bench);
    co_await caller->client.send(kGet);
    co_await caller->over();
    expect_log(rig.log, {"a?", "b?"}, 200, "499 client_closed client_closed");
    EXPECT_EQ(alive, 0);
  });
}

TEST(Pipeline, TheRequestsDeadline) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    config::Snapshot hurried;
    hurried.timeouts.request = std::chrono::milliseconds(60);
    for (const bool begun : {false, true}) {
      int alive = 0;
      std::vector<Step> steps{{.hangs = true}};
      if (begun) steps.insert(steps.begin(), {.bytes = "data: a\n\n"});
      Rig rig(loop, playing(loop, alive, steps, Form::events), false, hurried);
      const auto got = co_await ask(loop, *rig.bench, kGet);
      EXPECT_EQ(got.status, begun ? 200 : 504);
      EXPECT_NE(got.body.find("upstream_timeout"), std::string::npos);
      EXPECT_EQ(got.whole, !begun);
      expect_log(rig.log, {"a?", "b?"}, 200,
                 begun ? "200 timeout upstream_timeout streamed" : "504 timeout upstream_timeout");
    }
  });
}

TEST(Pipeline, AReloadHoldsForTheNextRequest) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop,
            [](Exchange& exchange) { return text_reply(200, std::to_string(exchange.config().limits.connections)); });
    auto next = std::make_shared<config::Snapshot>();
    next->limits.connections = 5;
    auto runtime =
        std::make_shared<Runtime>(Runtime{.snapshot = next, .upstreams = {}, .stages = rig.bench->runtime->stages});
    EXPECT_EQ((co_await ask(loop, *rig.bench, kGet)).body, "20000");
    rig.bench->pipeline->set_runtime(runtime);
    EXPECT_EQ((co_await ask(loop, *rig.bench, kGet)).body, "5");
  });
}

TEST(Pipeline, WhatIsNotHttpIsCountedAndRefusedInTheDialect) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop, {});
    const auto got = co_await ask(loop, *rig.bench, "GET /x HTTP/1.1\r\n\r\n");
    EXPECT_EQ(got.status, 400);
    EXPECT_NE(got.body.find("\"code\":\"invalid_request\""), std::string::npos);
    EXPECT_TRUE(rig.log.empty());
    EXPECT_NE(rig.bench->metrics_text().find("gatehouse_refusals_total{code=\"invalid_request\"} 1"),
              std::string::npos);
  });
}

// Who the client is: only a peer that is trusted is believed.
TEST(Exchange, TheClientsAddress) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool trusted : {false, true}) {
      config::Snapshot snapshot;
      if (trusted) snapshot.listen.trusted_proxies.push_back(*base::Cidr::parse("127.0.0.0/8"));
      Rig rig(loop, [](Exchange& exchange) { return text_reply(200, exchange.client_ip); }, false, snapshot);
      const auto got = co_await ask(loop, *rig.bench,
                                    "GET /x HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 10.9.9.9\r\n"
                                    "X-Forwarded-For: 192.0.2.7, 127.0.0.2\r\n\r\n");
      EXPECT_EQ(got.body, trusted ? "192.0.2.7" : "127.0.0.1");
    }
  });
}

}  // namespace
}  // namespace gatehouse::pipeline
