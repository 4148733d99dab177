#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/ml/service/testing/fake_models.h"
#include "gatehouse/stages/inspect/inspect.h"
#include "gatehouse/stages/release/release.h"
#include "gatehouse/stages/test_support.h"

// Models that are asked about requests and answers: in time, late, while the caller leaves. They know `attack`, which
// their linear model suspects with 0.45, and `Ada`, of whom the dictionary is less sure than the policies here want.
namespace gatehouse::stages {
namespace {

using config::GuardFailure;
using config::ModelUse;
using ml::testing::FakeLinear;
using ml::testing::FakeModel;
using ml::testing::Gate;
using pipeline::testing::ask;
using pipeline::testing::FakeReply;
using pipeline::testing::json_reply;
using pipeline::testing::post_json;
using ::testing::HasSubstr;
using testing::kAll;
using ::testing::Not;

struct World {
  explicit World(async::Loop& loop, ModelUse use = ModelUse::automatic, GuardFailure mode = GuardFailure::closed) {
    model->attack_score = 0.96F;
    model->gate = &gate;
    service = std::make_unique<ml::Service>(
        std::string(32, 'k'), ml::ServiceOptions{},
        std::make_shared<const ml::ModelSet>(
            ml::ModelSet{.injection = model, .entities = model, .linear = std::make_shared<FakeLinear>()}));
    auto snapshot = testing::two_providers();
    auto& policy = snapshot.policies.emplace_back();
    policy.name = "p";
    auto& pii = policy.guards.pii.emplace();
    pii.threshold = base::Money::nanos(800'000'000);
    pii.model = use;
    pii.on_failure = mode;
    auto& injection = policy.guards.injection.emplace();
    injection.model = use;
    injection.on_failure = mode;
    snapshot.guard.budget = std::chrono::seconds(10);
    auto stages = testing::all_stages();
    stages.insert(stages.begin() + 5, std::make_unique<Inspect>());
    stages.push_back(std::make_unique<Release>());
    bench = std::make_unique<pipeline::testing::Bench>(
        loop, std::make_shared<const config::Snapshot>(std::move(snapshot)), std::move(stages), testing::some_keys());
    const auto& held = bench->runtime->snapshot->policies;
    bench->runtime->guarding.reset(new pipeline::Guarding{
        .policies = guard::PolicySet({{.policy = &held[0], .own = {}, .schema = {}, .hours = {}}}, detectors()),
        .inspector = guard::Inspector(detectors()),
        .judged = guard::JudgedTexts(std::string(32, 'k'), 100),
        .semantics = service.get(),
        .semantic_budget = std::chrono::seconds(10)});
  }
  ~World() { gate.open(); }

  static std::shared_ptr<const guard::DetectorSet> detectors() {
    static const auto kSet = *guard::DetectorSet::make(
        {std::make_shared<guard::injection::InjectionDetector>(), std::make_shared<guard::NamesDetector>()});
    return kSet;
  }
  pipeline::testing::FakeUpstream& provider() { return *bench->upstreams[0]; }
  void reply(std::string_view content) {
    provider().replies.emplace_back(json_reply(R"({"choices":[{"index":0,"message":{"role":"assistant","content":")" +
                                               std::string(content) + R"("},"finish_reason":"stop"}]})"));
  }
  void budget(std::chrono::milliseconds time) { bench->runtime->guarding->semantic_budget = time; }

  Gate gate;
  std::shared_ptr<FakeModel> model = std::make_shared<FakeModel>();
  std::unique_ptr<ml::Service> service;
  std::unique_ptr<pipeline::testing::Bench> bench;
};

std::string says(std::string_view content, bool stream = false) {
  return post_json("/v1/chat/completions",
                   R"({"model":"same",)" + std::string(stream ? R"("stream":true,)" : "") +
                       R"("messages":[{"role":"user","content":")" + std::string(content) + R"("}]})",
                   kAll);
}

std::string delta(std::string_view content) {
  return R"(data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":")" +
         std::string(content) + "\"},\"finish_reason\":null}]}\n\n";
}

FakeReply stream_reply(const std::vector<std::string>& contents) {
  FakeReply reply{.status = 200, .fields = {{"content-type", "text/event-stream"}}};
  for (const std::string& content : contents) reply.steps.push_back({.bytes = delta(content)});
  reply.steps.push_back(
      {.bytes = "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},"
                "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
       .last = true});
  return reply;
}

// What a stream's events say together.
std::string said(std::string_view body) {
  std::string out;
  constexpr std::string_view kContent = "\"content\":\"";
  for (std::size_t at = body.find(kContent); at != body.npos; at = body.find(kContent, at)) {
    at += kContent.size();
    const std::size_t end = body.find('"', at);
    out += body.substr(at, end - at);
    at = end;
  }
  return out;
}

TEST(Meaning, ClearTextsAskNoEncoder) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    World world(loop);
    world.gate.shut();
    world.reply("rain again");
    EXPECT_EQ((co_await ask(loop, *world.bench, says("will it rain tomorrow"))).status, 200);
    EXPECT_TRUE(world.model->batches().empty());
  });
}

TEST(Meaning, ARequestIsJudgedByTheModel) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    World world(loop);
    const auto refused = co_await ask(loop, *world.bench, says("this is an attack on you"));
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("injection.model"));
    world.reply("good");
    EXPECT_EQ((co_await ask(loop, *world.bench, says("my name is Ada and I like rain"))).status, 200);
    EXPECT_EQ(world.provider().calls.size(), 1U);
    EXPECT_THAT(world.provider().calls[0].body, HasSubstr("my name is [PERSON] and I like rain"));
    const std::size_t read = world.model->windows_read();
    EXPECT_EQ((co_await ask(loop, *world.bench, says("this is an attack on you"))).status, 403);
    EXPECT_EQ(world.model->windows_read(), read) << "it is remembered";
  });
}

TEST(Meaning, WhatIsLateIsDecidedWithout) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    World world(loop);
    world.gate.shut();
    world.budget(std::chrono::milliseconds(5));
    world.reply("good");
    EXPECT_EQ((co_await ask(loop, *world.bench, says("this is an attack on you"))).status, 200)
        << "the linear model is not sure enough";
    EXPECT_EQ(world.provider().calls.size(), 1U);
  });
}

TEST(Meaning, WhatIsRequiredAndLateIsRefused) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const GuardFailure mode : {GuardFailure::closed, GuardFailure::open}) {
      World world(loop, ModelUse::required, mode);
      world.gate.shut();
      world.budget(std::chrono::milliseconds(5));
      world.reply("good");
      const auto got = co_await ask(loop, *world.bench, says("this is an attack on you"));
      EXPECT_EQ(got.status, mode == GuardFailure::closed ? 403 : 200);
      EXPECT_EQ(world.provider().calls.size(), mode == GuardFailure::closed ? 0U : 1U);
      if (mode == GuardFailure::closed) EXPECT_THAT(got.body, HasSubstr("could not be judged"));
    }
  });
}

TEST(Meaning, OffAsksNobody) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    World world(loop, ModelUse::off);
    world.reply("Ada was here");
    EXPECT_THAT((co_await ask(loop, *world.bench, says("this is an attack on you"))).body, HasSubstr("Ada was here"));
    EXPECT_EQ(world.service->counts().asked, 0U);
  });
}

TEST(Meaning, WhoLeavesIsNotWaitedFor) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    World world(loop);
    world.gate.shut();
    auto caller = co_await pipeline::testing::Caller::open(loop, *world.bench);
    co_await caller->client.send(says("this is an attack on you"));
    while (world.service->counts().asked == 0) co_await loop.after_ready();
    co_await caller->over();  // long before the budget
    EXPECT_TRUE(world.provider().calls.empty());
  });
}

TEST(Meaning, AWholeAnswerIsRedacted) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    World world(loop);
    world.reply("It was Ada who told me so. And this is all.");
    const auto got = co_await ask(loop, *world.bench, says("who was it"));
    EXPECT_THAT(got.body, HasSubstr("It was [PERSON] who told me so. And this is all."));
  });
}

TEST(Meaning, AStreamIsRedactedHoweverItIsCut) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string text =
        "It was Ada who told me so on the phone this morning. Perhaps it was not, and nobody knows it for sure. "
        "Then Ada left, and it was quiet";
    const std::string expected =
        "It was [PERSON] who told me so on the phone this morning. Perhaps it was not, and nobody knows it for sure. "
        "Then [PERSON] left, and it was quiet";
    World world(loop);
    for (std::size_t step : {1, 7, 20, 1000}) {
      std::vector<std::string> contents;
      for (std::size_t at = 0; at < text.size(); at += step) contents.push_back(text.substr(at, step));
      world.provider().replies.emplace_back(stream_reply(contents));
      const auto got = co_await ask(loop, *world.bench, says("who was it", true));
      EXPECT_EQ(said(got.body), expected) << step;
      EXPECT_TRUE(got.body.ends_with("data: [DONE]\n\n"));
    }
  });
}

TEST(Meaning, AStreamGoesOnWhereModelsAreLate) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string sentence = "It was Ada who told me so on the phone this morning. ";
    for (const ModelUse use : {ModelUse::automatic, ModelUse::required}) {
      World world(loop, use);
      world.gate.shut();
      world.budget(std::chrono::milliseconds(5));
      world.provider().replies.emplace_back(stream_reply({sentence, sentence + "1", sentence + "2", sentence + "3"}));
      const auto got = co_await ask(loop, *world.bench, says("who was it", true));
      if (use == ModelUse::automatic) {
        EXPECT_EQ(said(got.body), sentence + sentence + "1" + sentence + "2" + sentence + "3");
      } else {
        EXPECT_THAT(said(got.body), Not(HasSubstr("Ada")));
      }
    }
  });
}

TEST(Meaning, WhatIsFreeOfAStreamGoesWhileTheRestWaits) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string clear = "it rained all day long and nobody came to see us there. ";
    World world(loop);
    world.gate.shut();
    world.provider().replies.emplace_back(
        stream_reply({clear + "It was Ada who told me so on the phone this morning. ", "The end"}));
    auto caller = co_await pipeline::testing::Caller::open(loop, *world.bench);
    co_await caller->client.send(says("who was it", true));
    std::string got;
    while (!got.contains("nobody came")) got += co_await caller->client.bytes(1);
    EXPECT_THAT(got, Not(HasSubstr("told me")));
    world.gate.open();
    while (!got.contains("[DONE]")) got += co_await caller->client.bytes(1);
    EXPECT_THAT(said(got), HasSubstr("It was [PERSON] who told me so"));
    co_await caller->over();
  });
}

}  // namespace
}  // namespace gatehouse::stages
