#include "gatehouse/stages/admit/admit.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/llm/catalogue/price_book.h"
#include "gatehouse/pipeline/governance.h"
#include "gatehouse/stages/test_support.h"

namespace gatehouse::stages {
namespace {

using pipeline::testing::ask;
using pipeline::testing::Caller;
using pipeline::testing::FakeReply;
using pipeline::testing::json_reply;
using pipeline::testing::post_json;
using pipeline::testing::Step;
using testing::kAll;

// A ledger that can be read.
class FakeLane final : public pipeline::UsageLane {
 public:
  struct Row {
    std::string finish;
    llm::Usage usage;
    base::Money cost;
    int status;
  };
  Result<Ticket> open(const govern::UsageRow& row) override {
    if (full) return fail(Code::overloaded, "full");
    opened.push_back(keep(row));
    return Ticket{.number = opened.size(), .slot = 0};
  }
  void settle(Ticket, const govern::UsageRow& row) override { settled.push_back(keep(row)); }
  void drop(Ticket) override { ++dropped; }

  bool full = false;
  std::vector<Row> opened, settled;
  int dropped = 0;

 private:
  static Row keep(const govern::UsageRow& row) {
    return {std::string(row.finish), row.usage, row.cost.total(), row.status};
  }
};

class Events final : public pipeline::GovernanceEvents {
 public:
  void limit_reached(const pipeline::Exchange&, const govern::LimitRef& limit, bool refused) override {
    told.push_back((refused ? "hard " : "soft ") + limit.limit->id);
  }
  std::vector<std::string> told;
};

// A caller in a tree of three levels, a dollar a token, and two providers that play what they are told.
struct Governed {
  explicit Governed(async::Loop& loop, config::Snapshot snapshot = testing::two_providers()) {
    // A model whose tokens are counted exactly.
    for (auto& model : snapshot.models) {
      if (model.name == "same") model.targets[0].model = "gpt-4o";
    }
    bench = testing::bench_of(loop, with_fast_queue(std::move(snapshot)));
    auto identities = std::make_shared<pipeline::Identities>(*bench->worker.identities);
    identities->keys = pipeline::testing::view_of({{.key = "key-for-everything", .name = "all", .node = &key}});
    bench->worker.identities = identities;
    auto stages = std::make_shared<pipeline::Stages>(testing::all_stages());
    bench->runtime->stages = stages;
    bench->runtime->prices = *llm::PriceBook::make(
        llm::Catalogue::built_in(), {{.provider = {}, .model = "*", .input = "1000000", .output = "1000000"}});
    governance.events = &events;
    bench->worker.governance = &governance;
    bench->worker.usage = &lane;
  }
  static config::Snapshot with_fast_queue(config::Snapshot snapshot) {
    snapshot.queue.max_wait = std::chrono::milliseconds(0);
    return snapshot;
  }
  govern::Moment now() const { return govern::Moment::of(bench->clock); }
  void limit(const govern::Node& node, govern::Resource resource, std::int64_t amount, govern::Limit more = {}) {
    more.id = "the-limit";
    more.resource = resource;
    more.amount = amount;
    ASSERT_TRUE(admission.set_limits(node, {more}, now()));
  }
  std::int64_t used(const govern::Node& node) const { return admission.snapshot(node, now()).at(0).used; }
  std::int64_t held(const govern::Node& node) const { return admission.snapshot(node, now()).at(0).held; }

  govern::Node org{govern::NodeKind::org, "acme", nullptr};
  govern::Node team{govern::NodeKind::team, "support", &org};
  govern::Node key{govern::NodeKind::key, "ci", &team};
  govern::Admission admission;
  llm::Estimator estimator;
  llm::CompletionLengths lengths;
  Events events;
  pipeline::Governance governance{.admission = admission, .estimator = estimator, .lengths = lengths};
  FakeLane lane;
  std::unique_ptr<pipeline::testing::Bench> bench;
};

// "hi" is eight tokens by OpenAI's rules for chats.
constexpr std::int64_t kPrompt = 8;
constexpr std::int64_t kDollar = 1'000'000'000;

std::string chat(std::string_view more, std::string_view model = "same", std::string_view fields = kAll) {
  return post_json("/v1/chat/completions",
                   "{\"model\":\"" + std::string(model) + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" +
                       std::string(more) + "}",
                   fields);
}

FakeReply told(int prompt, int completion) {
  return json_reply(
      R"({"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":)" +
      std::to_string(prompt) + ",\"completion_tokens\":" + std::to_string(completion) + "}}");
}

FakeReply sse(std::vector<std::string> events, bool hangs = false) {
  FakeReply reply{.status = 200, .fields = {{"content-type", "text/event-stream"}}, .steps = {}};
  for (std::size_t i = 0; i < events.size(); ++i) {
    reply.steps.push_back({.bytes = "data: " + events[i] + "\n\n", .last = !hangs && i + 1 == events.size()});
  }
  if (hangs) reply.steps.push_back({.hangs = true});
  return reply;
}

std::string word() { return R"({"id":"c","choices":[{"index":0,"delta":{"content":" word"}}]})"; }
const std::string kUsage = R"({"id":"c","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2}})";

TEST(Admit, ChargesEveryLevelFromTheProvidersCount) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    g.limit(g.org, govern::Resource::usd, 100 * kDollar);
    g.limit(g.team, govern::Resource::total_tokens, 100);
    g.limit(g.key, govern::Resource::requests, 10);
    g.bench->upstreams[0]->replies.push_back(told(9, 4));
    const auto got = co_await ask(loop, *g.bench, chat(",\"max_tokens\":20"));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("x-gatehouse-cost-usd"), "13");
    EXPECT_EQ(g.used(g.org), 13 * kDollar);
    EXPECT_EQ(g.used(g.team), 13);
    EXPECT_EQ(g.used(g.key), 1);
    EXPECT_EQ(g.held(g.org) + g.held(g.team), 0);
    EXPECT_EQ(g.lane.settled.size(), 1U);
    EXPECT_EQ(g.lane.settled.at(0).cost, base::Money::usd(13));
    EXPECT_EQ(g.lane.opened.at(0).finish, "interrupted");
    // Rounded up by some nanodollars.
    EXPECT_GE(g.lane.opened.at(0).cost, base::Money::usd(kPrompt + 20));
    EXPECT_LT(g.lane.opened.at(0).cost, base::Money::usd(kPrompt + 20) + base::Money::nanos(10));
    // The caller's own bound was enough: his bytes went out as they were.
    EXPECT_NE(g.bench->upstreams[0]->calls.at(0).body.find(",\"max_tokens\":20}"), std::string::npos);
  });
}

TEST(Admit, RefusesWhatCannotBePaidAndForwardsNothing) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    govern::Limit more;
    more.notify = true;
    g.limit(g.team, govern::Resource::usd, 5 * kDollar, more);
    const auto got = co_await ask(loop, *g.bench, chat(",\"max_tokens\":20"));
    EXPECT_EQ(got.status, 429);
    EXPECT_NE(got.body.find("\"code\":\"budget_exceeded\""), std::string::npos);
    EXPECT_EQ(got.field("x-should-retry"), "false");
    EXPECT_TRUE(g.bench->upstreams[0]->calls.empty());
    EXPECT_TRUE(g.lane.opened.empty());
    EXPECT_EQ(g.held(g.team), 0);
  });
}

TEST(Admit, ShrinksTheBoundBeforeItRefuses) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    g.limit(g.team, govern::Resource::usd, (kPrompt + 30) * kDollar + 10);
    g.bench->upstreams[0]->replies.push_back(told(8, 10));
    const auto got = co_await ask(loop, *g.bench, chat(",\"max_tokens\":500"));
    EXPECT_EQ(got.status, 200);
    EXPECT_NE(g.bench->upstreams[0]->calls.at(0).body.find("\"max_tokens\":30"), std::string::npos);
    EXPECT_EQ(g.used(g.team), 18 * kDollar);
  });
}

TEST(Admit, WhatNoProviderSawIsGivenBack) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    g.limit(g.key, govern::Resource::requests, 1);
    for (int i = 0; i < 2; ++i) {
      g.bench->upstreams[0]->replies.emplace_back(fail(Code::upstream_unreachable, "away"));
      EXPECT_EQ((co_await ask(loop, *g.bench, chat(""))).status, 502);
    }
    EXPECT_EQ(g.used(g.key), 0);
    EXPECT_EQ(g.lane.dropped, 2);
    // What it did see counts, also when it failed, but for free.
    g.limit(g.team, govern::Resource::usd, 100 * kDollar);
    g.bench->upstreams[0]->replies.push_back(json_reply(R"({"error":{"message":"no"}})", 500));
    EXPECT_EQ((co_await ask(loop, *g.bench, chat(""))).status, 500);
    EXPECT_EQ(g.used(g.key), 1);
    EXPECT_EQ(g.used(g.team), 0);
    EXPECT_EQ(g.lane.settled.at(0).cost, base::Money());
  });
}

TEST(Admit, AsksForAStreamsUsageAndKeepsItToItself) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    g.limit(g.team, govern::Resource::usd, 100 * kDollar);
    g.bench->upstreams[0]->replies.push_back(sse({word(), kUsage, "[DONE]"}));
    const auto got = co_await ask(loop, *g.bench, chat(",\"stream\":true,\"max_tokens\":9"));
    EXPECT_EQ(got.body, "data: " + word() + "\n\ndata: [DONE]\n\n");
    EXPECT_NE(g.bench->upstreams[0]->calls.at(0).body.find("{\"stream_options\":{\"include_usage\":true},"),
              std::string::npos);
    EXPECT_EQ(g.used(g.team), 10 * kDollar);
    // Who asked himself gets it.
    g.bench->upstreams[0]->replies.push_back(sse({word(), kUsage, "[DONE]"}));
    const auto asked = co_await ask(
        loop, *g.bench, chat(",\"stream\":true,\"max_tokens\":9,\"stream_options\":{\"include_usage\":true}"));
    EXPECT_NE(asked.body.find(kUsage), std::string::npos);
  });
}

TEST(Admit, AStreamIsExtendedWhileThereIsMoneyAndThenEndsInOrder) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto snapshot = testing::two_providers();
    snapshot.completion.default_tokens = 20;
    Governed g(loop, std::move(snapshot));
    g.limit(g.team, govern::Resource::usd, (kPrompt + 100) * kDollar);
    g.bench->upstreams[0]->replies.push_back(sse(std::vector<std::string>(500, word()), true));
    const auto got = co_await ask(loop, *g.bench, chat(",\"stream\":true"));
    std::size_t words = 0;
    for (auto at = got.body.find(" word"); at != std::string::npos; at = got.body.find(" word", at + 1)) ++words;
    EXPECT_LE(words, 100U);
    EXPECT_GE(words, 80U);
    EXPECT_TRUE(got.body.ends_with("\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n"));
    EXPECT_EQ(g.bench->upstreams[0]->alive, 0) << "the provider is stopped";
    EXPECT_EQ(g.lane.settled.at(0).finish, "budget_cut");
    EXPECT_LE(g.used(g.team), (kPrompt + 100) * kDollar);
    EXPECT_GE(g.used(g.team), (kPrompt + 80) * kDollar);
    EXPECT_EQ(g.held(g.team), 0);
  });
}

TEST(Admit, WhoLeavesPaysForWhatHeWasGiven) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    g.limit(g.team, govern::Resource::usd, 100 * kDollar);
    g.bench->upstreams[0]->replies.push_back(sse(std::vector<std::string>(5, word()), true));
    auto caller = co_await Caller::open(loop, *g.bench);
    co_await caller->client.send(chat(",\"stream\":true,\"max_tokens\":50"));
    while (g.bench->upstreams[0]->alive == 0) co_await loop.after_ready();
    // All five are there before he goes.
    (void)co_await caller->client.bytes(400);
    co_await caller->over();
    EXPECT_EQ(g.lane.settled.size(), 1U);
    EXPECT_EQ(g.lane.settled.at(0).finish, "client_closed");
    EXPECT_FALSE(g.lane.settled.at(0).usage.known);
    EXPECT_GE(g.used(g.team), (kPrompt + 1) * kDollar);
    EXPECT_LE(g.used(g.team), (kPrompt + 5) * kDollar);
    EXPECT_EQ(g.held(g.team), 0);
  });
}

TEST(Admit, TheLedgerKnowsWhatWasGivenWhereNobodyIsLimited) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    // A server that tells no usage.
    g.bench->upstreams[0]->replies.push_back(
        json_reply(R"({"choices":[{"index":0,"message":{"content":" word word"},"finish_reason":"stop"}]})"));
    EXPECT_EQ((co_await ask(loop, *g.bench, chat(""))).status, 200);
    EXPECT_FALSE(g.lane.settled.at(0).usage.known);
    EXPECT_EQ(g.lane.settled.at(0).usage.prompt_tokens, static_cast<std::uint64_t>(kPrompt));
    EXPECT_EQ(g.lane.settled.at(0).usage.completion_tokens, 2U);
    EXPECT_EQ(g.lane.settled.at(0).cost, base::Money::usd(kPrompt + 2));
  });
}

TEST(Admit, ASoftLimitWarnsTellsOnceAndDowngrades) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    govern::Limit more;
    more.soft = 0.1;
    more.notify = true;
    more.downgrade_to = "alias";
    g.limit(g.team, govern::Resource::usd, 100 * kDollar, more);
    for (int i = 0; i < 3; ++i) {
      g.bench->upstreams[0]->replies.push_back(told(8, 4));
      const auto got = co_await ask(loop, *g.bench, chat(",\"max_tokens\":4"));
      EXPECT_EQ(got.status, 200);
      EXPECT_EQ(got.field("x-gatehouse-warning").empty(), i == 0) << i;
    }
    EXPECT_EQ(g.events.told, std::vector<std::string>{"soft the-limit"});
    EXPECT_NE(g.bench->upstreams[0]->calls.at(0).body.find("\"model\":\"gpt-4o\""), std::string::npos);
    EXPECT_NE(g.bench->upstreams[0]->calls.at(2).body.find("\"model\":\"real \\\"name\\\"\""), std::string::npos);
  });
}

TEST(Admit, NothingIsServedThatCannotBeNoted) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    g.limit(g.team, govern::Resource::usd, 100 * kDollar);
    g.lane.full = true;
    EXPECT_EQ((co_await ask(loop, *g.bench, chat(""))).status, 503);
    EXPECT_TRUE(g.bench->upstreams[0]->calls.empty());
    EXPECT_EQ(g.held(g.team), 0);
  });
}

TEST(Admit, AFullProviderIsPassedOver) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    const govern::Node first(govern::NodeKind::provider, "first", nullptr);
    const govern::Node second(govern::NodeKind::provider, "second", nullptr);
    g.bench->runtime->provider_nodes = {&first, &second};
    g.limit(first, govern::Resource::requests, 0);
    g.bench->upstreams[1]->replies.push_back(told(8, 1));
    g.bench->upstreams[1]->replies.push_back(told(8, 1));
    for (int i = 0; i < 2; ++i) EXPECT_EQ((co_await ask(loop, *g.bench, chat("", "both"))).status, 200);
    EXPECT_TRUE(g.bench->upstreams[0]->calls.empty());
    govern::Limit more;
    more.id = "other";
    more.resource = govern::Resource::requests;
    EXPECT_TRUE(g.admission.set_limits(second, {more}, g.now()));
    EXPECT_EQ((co_await ask(loop, *g.bench, chat("", "both"))).status, 503);
    // The only provider of a model is part of the admission.
    EXPECT_EQ((co_await ask(loop, *g.bench, chat("", "same"))).status, 429);
  });
}

TEST(Admit, WhatNobodyLimitsPassesUntouched) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    g.bench->worker.usage = nullptr;
    g.bench->upstreams[0]->replies.push_back(sse({word(), "[DONE]"}));
    const auto got = co_await ask(loop, *g.bench, chat(",\"stream\":true"));
    EXPECT_EQ(g.bench->upstreams[0]->calls.at(0).body,
              R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true})");
    EXPECT_TRUE(got.field("x-ratelimit-limit-requests").empty());
  });
}

TEST(Admit, PrioritiesAndTagsThatCannotBeRead) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Governed g(loop);
    for (const auto* field : {"x-gatehouse-priority: first\r\n", "x-gatehouse-tags: none\r\n"}) {
      const auto got = co_await ask(loop, *g.bench, chat("", "same", std::string(kAll) + field));
      EXPECT_EQ(got.status, 400);
    }
    EXPECT_TRUE(g.bench->upstreams[0]->calls.empty());
  });
}

}  // namespace
}  // namespace gatehouse::stages
