#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/value.h"
#include "gatehouse/stages/keep_response/keep_response.h"
#include "gatehouse/stages/recall_response/recall_response.h"
#include "gatehouse/stages/test_support.h"
#include "gatehouse/state/state_testing.h"

// Responses that the gateway stores, from the request that makes one to those that name it.
namespace gatehouse::stages {
namespace {

using http::testing::Received;
using pipeline::testing::ask;
using pipeline::testing::json_reply;
using pipeline::testing::post_json;
using testing::get;

constexpr std::string_view kOwn = "authorization: Bearer key-of-our-team\r\n";
constexpr std::string_view kSome = "authorization: Bearer key-for-claude\r\n";
constexpr std::string_view kOther = "authorization: Bearer key-of-others\r\n";
constexpr std::string_view kOtherSome = "authorization: Bearer key-of-others-for-claude\r\n";

config::Snapshot snapshot_of() {
  config::Snapshot snapshot;
  config::Provider claude;
  claude.name = "claude";
  claude.kind = config::ProviderKind::anthropic;
  config::Provider openai;
  openai.name = "openai";
  openai.kind = config::ProviderKind::openai;
  snapshot.providers = {claude, openai};
  snapshot.models.push_back({.name = "claude", .targets = {{.provider = 0, .model = "claude-haiku-4-5"}}});
  snapshot.models.push_back({.name = "gpt", .targets = {{.provider = 1, .model = "gpt-5"}}});
  snapshot.index = config::Index(snapshot.models);
  snapshot.passthrough.emplace().provider = 1;
  return snapshot;
}

std::shared_ptr<const govern::DirectoryView> keys() {
  static const govern::Node ours(govern::NodeKind::team, "ours", nullptr);
  static const govern::Node own(govern::NodeKind::key, "own", &ours);
  static const govern::Node others(govern::NodeKind::team, "others", nullptr);
  static const govern::Node other(govern::NodeKind::key, "other", &others);
  govern::Traits some;
  some.models = *govern::NameRules::parse({"claude"});
  return pipeline::testing::view_of(
      {{.key = "key-of-our-team", .name = "own", .node = &own},
       {.key = "key-for-claude", .name = "some", .node = &own, .traits = some},
       {.key = "key-of-others", .name = "other", .node = &other},
       {.key = "key-of-others-for-claude", .name = "other-some", .node = &other, .traits = some}});
}

// Stages in the order of app, over a store of its own.
struct House {
  explicit House(async::Loop& loop) : sealed(state::testing::sealed()), store(*sealed) {
    pipeline::Stages stages;
    stages.push_back(std::make_unique<Authenticate>());
    stages.push_back(std::make_unique<Decode>());
    stages.push_back(std::make_unique<Authorise>());
    stages.push_back(std::make_unique<RecallResponse>());
    stages.push_back(std::make_unique<Route>());
    stages.push_back(std::make_unique<Forward>());
    stages.push_back(std::make_unique<Meter>());
    stages.push_back(std::make_unique<KeepResponse>());
    bench = std::make_unique<pipeline::testing::Bench>(loop, std::make_shared<const config::Snapshot>(snapshot_of()),
                                                       std::move(stages), keys());
    bench->worker.responses = &store;
  }
  pipeline::testing::FakeUpstream& claude() { return *bench->upstreams[0]; }
  pipeline::testing::FakeUpstream& openai() { return *bench->upstreams[1]; }

  std::unique_ptr<state::SealedStore> sealed;
  state::ResponseStore store;
  std::unique_ptr<pipeline::testing::Bench> bench;
};

std::string message(const std::string& content) {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":)" + content +
         R"(,"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":2}})";
}
std::string says(const std::string& words) { return message(R"([{"type":"text","text":")" + words + R"("}])"); }

std::string create(const std::string& body, std::string_view key = kOwn) {
  return post_json("/v1/responses", body, key);
}

// "role: text|..." of what Claude was told.
std::string told(const std::string& body) {
  std::string out;
  json::Value(body)["messages"].elements([&](json::Value message) {
    out += message["role"].string_or("?") + ": ";
    if (const auto text = message["content"].string()) out += *text + "|";
    message["content"].elements([&](json::Value block) {
      out += block["text"].string_or("") + block["name"].string_or("") + block["content"].string_or("") + "|";
    });
  });
  return out;
}

TEST(StoredResponses, AReferenceToWhatIsStoredHereIsTheItem) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    house.claude().replies.emplace_back(json_reply(
        message(R"([{"type":"text","text":"Let me see."},{"type":"tool_use","id":"toolu_1","name":"f","input":{}}])")));
    const Received first = co_await ask(loop, *house.bench, create(R"({"model":"claude","input":"What is it?"})"));
    EXPECT_EQ(first.status, 200) << first.body;
    std::vector<std::string> ids;
    json::Value(first.body)["output"].elements([&](json::Value item) { ids.push_back(item["id"].string_or("")); });
    EXPECT_EQ(ids.size(), 2U) << first.body;
    if (ids.size() != 2) co_return;
    const std::string call_id = [&] {
      std::string id;
      json::Value(first.body)["output"].elements([&](json::Value item) {
        if (const auto its = item["call_id"].string()) id = *its;
      });
      return id;
    }();

    house.claude().replies.emplace_back(json_reply(says("Sunny.")));
    const std::string body = R"({"model":"claude","input":[{"role":"user","content":"What is it?"},)"
                             R"({"type":"item_reference","id":")" +
                             ids[0] + R"("},{"id":")" + ids[1] + R"("},{"type":"function_call_output","call_id":")" +
                             call_id + R"(","output":"sun"}]})";
    const Received second = co_await ask(loop, *house.bench, create(body, kSome));
    EXPECT_EQ(second.status, 200) << second.body;
    if (second.status != 200) co_return;
    EXPECT_EQ(house.claude().calls.size(), 2U);
    EXPECT_EQ(told(house.claude().calls.back().body), "user: What is it?|assistant: Let me see.|f|user: sun|");

    // Nobody else's: to them it is nothing.
    const auto strange = co_await ask(loop, *house.bench, create(body, kOther));
    EXPECT_EQ(strange.status, 400) << strange.body;
    const json::Value error(strange.body);
    EXPECT_EQ(error["error"]["param"].string_or(""), "input") << strange.body;
    EXPECT_NE(error["error"]["message"].string_or("").find("'" + ids[0] + "' not found"), std::string::npos);
    EXPECT_EQ(house.claude().calls.size(), 2U);
  });
}

TEST(StoredResponses, ReferencesAndAHistoryInOneRequest) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    house.claude().replies.emplace_back(json_reply(says("ONE")));
    house.claude().replies.emplace_back(json_reply(says("TWO")));
    house.claude().replies.emplace_back(json_reply(says("THREE")));
    house.claude().replies.emplace_back(json_reply(says("FOUR")));
    const Received first = co_await ask(loop, *house.bench, create(R"({"model":"claude","input":"one"})"));
    const Received other = co_await ask(loop, *house.bench, create(R"({"model":"claude","input":"two"})"));
    const std::string first_id = json::Value(first.body)["id"].string_or("");
    std::string item;
    json::Value(other.body)["output"].elements([&](json::Value value) { item = value["id"].string_or(""); });
    const auto before = house.sealed->stats().opened;
    const Received third = co_await ask(
        loop, *house.bench,
        create(R"({"input":[{"id":")" + item + R"("},{"role":"user","content":"three"}],"previous_response_id":")" +
               first_id + R"(","model":"claude"})"));
    EXPECT_EQ(third.status, 200) << third.body;
    if (third.status != 200) co_return;
    EXPECT_EQ(told(house.claude().calls.back().body), "user: one|assistant: ONE|TWO|user: three|");
    // The response that it follows, the item's place and its response: each once.
    EXPECT_EQ(house.sealed->stats().opened, before + 3);
    // What it brought is its own, and no more.
    const std::string third_id = json::Value(third.body)["id"].string_or("");
    const Received items = co_await ask(loop, *house.bench, get("/v1/responses/" + third_id + "/input_items", kOwn));
    EXPECT_EQ(json::Value(items.body)["data"].size(), 2U) << items.body;
    // Without any input the history alone.
    const Received fourth =
        co_await ask(loop, *house.bench, create(R"({"model":"claude","previous_response_id":")" + first_id + R"("})"));
    EXPECT_EQ(fourth.status, 200) << fourth.body;
    EXPECT_EQ(told(house.claude().calls.back().body), "user: one|assistant: ONE|");
  });
}

TEST(StoredResponses, WhatTheProviderHoldsPasses) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    const std::string body =
        R"({ "model":"gpt", "input":[{"type":"item_reference","id":"msg_theirs"}, {"id":"rs_theirs"}], )"
        R"("previous_response_id":"resp_theirs" })";
    house.openai().replies.emplace_back(json_reply(R"({"id":"resp_2","object":"response","output":[]})"));
    const Received got = co_await ask(loop, *house.bench, create(body));
    EXPECT_EQ(got.status, 200) << got.body;
    std::string sent = body;
    sent.replace(sent.find("\"gpt\""), 5, "\"gpt-5\"");
    EXPECT_EQ(house.openai().calls.at(0).body, sent);
    // What the gateway holds goes in with the rest as it is.
    house.claude().replies.emplace_back(json_reply(says("ONE")));
    const Received first = co_await ask(loop, *house.bench, create(R"({"model":"claude","input":"one"})"));
    std::string item;
    std::string id;
    json::Value(first.body)["output"].elements([&](json::Value value) {
      item = value.raw();
      id = value["id"].string_or("");
    });
    house.openai().replies.emplace_back(json_reply(R"({"id":"resp_3","object":"response","output":[]})"));
    const std::string mixed = R"({"model":"gpt","input":[{"id":")" + id + R"("},{"id":"rs_theirs"}]})";
    EXPECT_EQ((co_await ask(loop, *house.bench, create(mixed))).status, 200);
    EXPECT_EQ(house.openai().calls.at(1).body, R"({"model":"gpt-5","input":[)" + item + R"(,{"id":"rs_theirs"}]})");
  });
}

TEST(StoredResponses, AKeyForSomeModelsHasItsOwn) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    house.claude().replies.emplace_back(json_reply(says("ONE")));
    const Received first = co_await ask(loop, *house.bench, create(R"({"model":"claude","input":"one"})", kSome));
    const std::string path = "/v1/responses/" + json::Value(first.body)["id"].string_or("");
    const auto erase = [&](std::string_view key) {
      return "DELETE " + path + " HTTP/1.1\r\nhost: a\r\n" + std::string(key) + "\r\n";
    };
    EXPECT_EQ((co_await ask(loop, *house.bench, get(path, kSome))).body, first.body);
    EXPECT_EQ((co_await ask(loop, *house.bench, get(path + "/input_items", kSome))).status, 200);
    const Received strange = co_await ask(loop, *house.bench, get(path, kOtherSome));
    EXPECT_EQ(strange.status, 404) << strange.body;
    EXPECT_EQ((co_await ask(loop, *house.bench, erase(kOtherSome))).status, 404);
    // What the provider may hold is not the affair of a key that is limited to some models.
    EXPECT_EQ((co_await ask(loop, *house.bench, get("/v1/responses/resp_theirs", kSome))).status, 404);
    EXPECT_EQ((co_await ask(loop, *house.bench, get("/v1/files", kSome))).status, 403);
    EXPECT_EQ(house.openai().calls.size(), 0U);
    const Received gone = co_await ask(loop, *house.bench, erase(kSome));
    EXPECT_EQ(gone.status, 200) << gone.body;
    EXPECT_EQ((co_await ask(loop, *house.bench, get(path, kSome))).status, 404);
  });
}

}  // namespace
}  // namespace gatehouse::stages
