#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/stages/test_support.h"

// The stages that judge a request before it costs anything: what they let through reaches a provider's ledger, what
// they refuse does not.
namespace gatehouse::stages {
namespace {

using pipeline::testing::ask;
using pipeline::testing::json_reply;
using pipeline::testing::post_json;
using testing::bench_of;
using testing::chat;
using testing::get;
using testing::kAll;

// The status of the answer; 200 only when a provider was asked, and any other only when none was.
Task<http::testing::Received> judged(async::Loop& loop, std::string_view wire,
                                     config::Snapshot snapshot = testing::two_providers()) {
  auto bench = bench_of(loop, std::move(snapshot));
  for (auto* upstream : bench->upstreams)
    upstream->replies.emplace_back(
        json_reply(R"({"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]})"));
  auto got = co_await ask(loop, *bench, wire);
  const auto calls = bench->upstreams[0]->calls.size() + bench->upstreams[1]->calls.size();
  EXPECT_EQ(calls, got.status == 200 ? 1U : 0U) << wire;
  co_return got;
}

TEST(Authenticate, WhoseKey) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    struct Case {
      std::string fields;
      int status;
      bool required = true;
    };
    const std::vector<Case> cases = {
        {std::string(kAll), 200},
        {"Authorization: bEARER   key-for-everything  \r\n", 200},
        {"x-api-key: key-for-everything\r\n", 200},
        {"API-Key: key-for-everything\r\n", 200},
        {"x-goog-api-key: key-for-everything\r\n", 200},
        {"x-api-key: key-for-everything\r\nauthorization: Bearer key-for-everything\r\n", 200},
        {"x-api-key: key-for-chat-only\r\nauthorization: Bearer key-for-everything\r\n", 401},
        {"authorization: Bearer key-for-chat-only\r\nauthorization: Bearer key-for-everything\r\n", 401},
        {"authorization: Basic key-for-everything\r\n", 401},
        {"authorization: key-for-everything\r\n", 401},
        {"authorization: Bearer \r\n", 401},
        {"authorization: Bearer key-for-everythinG\r\n", 401},
        {"x-api-key: \r\n", 401},
        {"", 401},
        {"", 200, false},
        {"authorization: Bearer unknown-to-us\r\n", 200, false},
        {"x-api-key: one-of-two-keys\r\napi-key: another-of-two\r\n", 401, false},
    };
    for (const auto& c : cases) {
      auto snapshot = testing::two_providers();
      snapshot.auth.required = c.required;
      const auto got = co_await judged(loop, chat("same", c.fields), snapshot);
      EXPECT_EQ(got.status, c.status) << c.fields;
      EXPECT_EQ(got.body.find("verythin"), std::string::npos) << "no key is shown";
    }
  });
}

TEST(Authenticate, BeforeABodyIsRead) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const auto got = co_await judged(loop,
                                     "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n"
                                     "content-length: 20\r\n\r\n");
    EXPECT_EQ(got.status, 401);  // and no 100 before it
  });
}

TEST(Decode, PathsThatCanBeReadInTwoWays) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto one = testing::two_providers();
    one.passthrough.emplace().provider = 0;
    const auto asked = [](std::string_view path) {
      return "DELETE " + std::string(path) + " HTTP/1.1\r\nhost: a\r\n" + std::string(kAll) + "\r\n";
    };
    for (const auto* path :
         {"/v1/files/abc", "/v1/files/a..b", "/v1/files/Abc", "/v1/models/ft%3Aorg%2Fname", "/v1/models/a%2e%2eb"}) {
      EXPECT_EQ((co_await judged(loop, asked(path), one)).status, 200) << path;
    }
    for (const auto* path :
         {"/v1/files/../x", "/v1/files/..", "/v1/files/./x", "/v1/files/.", "/v1//files", "/v1/files//x", "/v1/files/",
          "/v1/files/%2e%2e/x", "/v1/files/a%5cb", "/v1/files/..%2fx", "/v1/files/a;b", "/v1/Embeddings",
          "/v1/models/%2e%2e/files", "/v1/Files", "/v1/models/a%252e", "/v1/models/x%2f..%2F..%2ffiles",
          "/v1/models/x%2f%2E%2e%2fy", "/v1/models/x%5c..%5Cy"}) {
      const auto got = co_await judged(loop, asked(path), one);
      EXPECT_EQ(got.status, 404) << path;
      EXPECT_NE(got.body.find("read in two ways"), std::string::npos) << path;
    }
  });
}

TEST(Decode, WhatIsAskedAndHow) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto small = testing::two_providers();
    small.limits.body_bytes = 200;
    struct Case {
      std::string wire;
      int status;
    };
    const std::vector<Case> cases = {
        {get("/v2/x"), 404},
        {get("/v1/chat/completions"), 405},
        {post_json("/v1/chat/completions", "{", kAll), 400},
        {post_json("/v1/chat/completions", R"({"messages":[]})", kAll), 400},
        {post_json("/v1/chat/completions", R"({"model":"same","model":"both","messages":[]})", kAll), 400},
        {post_json("/v1/chat/completions", R"({"model":"same","messages":[{"role":"user","content":"a"}]})",
                   std::string(kAll) + "content-encoding: gzip\r\n"),
         400},
        {chat("same"), 200},
        {chat(std::string(200, 'm')), 413},
        {post_json("/v1/responses", R"({"model":"same","input":"x"})", kAll), 200},
    };
    for (const auto& c : cases) EXPECT_EQ((co_await judged(loop, c.wire, small)).status, c.status) << c.wire;
  });
}

TEST(Authorise, KeysModelsAndOperations) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string some = "x-api-key: key-for-some-models\r\n";
    const std::string chatting = "x-api-key: key-for-chat-only\r\n";
    struct Case {
      std::string wire;
      int status;
    };
    const std::vector<Case> cases = {
        {chat("unknown"), 404},
        {chat("SAME"), 404},
        {chat("wild-"), 200},
        {chat("wild-one"), 200},
        {chat("same", some), 200},
        {chat("wild-one", some), 200},
        {chat("both", some), 403},
        {chat("unknown", some), 404},
        {chat("both", chatting), 200},
        {post_json("/v1/embeddings", R"({"model":"same","input":"x"})", chatting), 403},
        {get("/v1/files", chatting), 403},
        // Whose model cannot be read is not for a key that is limited to some.
        {get("/v1/files", some), 403},
        {post_json("/v1/moderations", R"({"input":"x"})", some), 403},
    };
    for (const auto& c : cases) EXPECT_EQ((co_await judged(loop, c.wire)).status, c.status) << c.wire;
  });
}

TEST(Route, RequestsThatNameNoModel) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto snapshot = testing::two_providers();
    EXPECT_EQ((co_await judged(loop, get("/v1/files"), snapshot)).status, 404);
    snapshot.passthrough.emplace().provider = 1;
    const auto got = co_await judged(loop, get("/v1/files"), snapshot);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("x-gatehouse-provider"), "second");
  });
}

TEST(ListModels, WhatTheCallerMayUse) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = bench_of(loop);
    const std::string some = "x-api-key: key-for-some-models\r\n";
    const auto all = co_await ask(loop, *bench, get("/v1/models"));
    const auto fewer = co_await ask(loop, *bench, get("/v1/models", some));
    EXPECT_NE(all.body.find("\"both\""), std::string::npos);
    EXPECT_EQ(all.body.find("wild-"), std::string::npos);
    EXPECT_NE(fewer.body.find("\"same\""), std::string::npos);
    EXPECT_EQ(fewer.body.find("\"both\""), std::string::npos);
    EXPECT_EQ((co_await ask(loop, *bench, get("/v1/models/wild-x", some))).status, 200);
    // Whether it exists is not told either.
    EXPECT_EQ((co_await ask(loop, *bench, get("/v1/models/both", some))).status, 404);
    EXPECT_EQ((co_await ask(loop, *bench, get("/v1/models/unknown"))).status, 404);
    EXPECT_TRUE(bench->upstreams[0]->calls.empty());
  });
}

}  // namespace
}  // namespace gatehouse::stages
