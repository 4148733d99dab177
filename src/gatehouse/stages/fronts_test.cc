#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/value.h"
#include "gatehouse/llm/catalogue/price_book.h"
#include "gatehouse/pipeline/governance.h"
#include "gatehouse/stages/test_support.h"

// Callers who speak Anthropic's and Gemini's dialect to providers that do, too.
namespace gatehouse::stages {
namespace {

using pipeline::testing::ask;
using pipeline::testing::FakeReply;
using pipeline::testing::json_reply;
using pipeline::testing::post_json;
using testing::get;
using testing::kAll;

constexpr std::string_view kKey = "x-api-key: key-for-everything\r\n";
constexpr std::string_view kGoogKey = "x-goog-api-key: key-for-everything\r\n";

config::Snapshot two_fronts() {
  config::Snapshot snapshot;
  config::Provider claude;
  claude.name = "claude";
  claude.kind = config::ProviderKind::anthropic;
  config::Provider google;
  google.name = "google";
  google.kind = config::ProviderKind::gemini;
  snapshot.providers = {claude, google};
  const auto target = [](std::uint32_t provider, std::string model) {
    return config::Target{.provider = provider, .model = std::move(model)};
  };
  snapshot.models.push_back({.name = "sonnet", .targets = {target(0, "claude-sonnet-5")}});
  snapshot.models.push_back({.name = "claude-sonnet-5", .targets = {target(0, "claude-sonnet-5")}});
  snapshot.models.push_back({.name = "pro", .targets = {target(1, "gemini-2.5-pro")}});
  snapshot.models.push_back({.name = "gemini-2.5-pro", .targets = {target(1, "gemini-2.5-pro")}});
  snapshot.index = config::Index(snapshot.models);
  snapshot.passthrough.emplace().provider = 0;
  return snapshot;
}

std::unique_ptr<pipeline::testing::Bench> fronts(async::Loop& loop) { return testing::bench_of(loop, two_fronts()); }

FakeReply sse(std::string text) {
  return {.status = 200,
          .fields = {{"content-type", "text/event-stream"}},
          .steps = {{.bytes = std::move(text), .last = true}}};
}

constexpr std::string_view kMessage =
    R"({ "id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":2}, "x": 1.50 })";
const std::string kMessageStream =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":9,"output_tokens":1}}})"
    "\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello there"}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" and everywhere"}})"
    "\n\nevent: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\nevent: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}})"
    "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

TEST(AnthropicFront, TheCallersBytesPass) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = fronts(loop);
    auto& far = *bench->upstreams[0];
    const auto body = [](std::string_view model) {
      return R"({ "model" : ")" + std::string(model) +
             R"(", "max_tokens": 64, "messages":[{"role":"user","content":"hi"}], "new": 1e2 })";
    };
    far.replies.emplace_back(json_reply(std::string(kMessage)));
    auto got = co_await ask(loop, *bench, post_json("/v1/messages", body("claude-sonnet-5"), kKey));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, kMessage);
    EXPECT_EQ(far.calls.at(0).body, body("claude-sonnet-5"));
    EXPECT_EQ(far.calls.at(0).path, "/v1/messages");
    far.replies.emplace_back(sse(kMessageStream));
    got = co_await ask(loop, *bench, post_json("/v1/messages", body("sonnet"), kKey));
    EXPECT_EQ(got.body, kMessageStream);
    EXPECT_EQ(far.calls.at(1).body, body("claude-sonnet-5"));
    far.replies.emplace_back(json_reply(R"({"input_tokens":14})"));
    got = co_await ask(loop, *bench, post_json("/v1/messages/count_tokens", body("sonnet"), kKey));
    EXPECT_EQ(got.body, R"({"input_tokens":14})");
    EXPECT_EQ(far.calls.at(2).path, "/v1/messages/count_tokens");
    // Batches are the provider's affair.
    far.replies.emplace_back(json_reply(R"({"id":"msgbatch_1"})"));
    got = co_await ask(loop, *bench, post_json("/v1/messages/batches", R"({"requests":[]})", kKey));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(far.calls.at(3).path, "/v1/messages/batches");
    EXPECT_EQ(far.calls.at(3).body, R"({"requests":[]})");
  });
}

TEST(AnthropicFront, RefusalsAreInItsWords) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = fronts(loop);
    struct Case {
      std::string wire;
      int status;
      std::string type;
    };
    const std::string fine = R"({"model":"sonnet","messages":[]})";
    const std::vector<Case> cases = {
        {post_json("/v1/messages", fine, ""), 401, "authentication_error"},
        {post_json("/v1/messages", "{", kKey), 400, "invalid_request_error"},
        {post_json("/v1/messages", R"({"messages":[]})", kKey), 400, "invalid_request_error"},
        {post_json("/v1/messages", R"({"model":"none","messages":[]})", kKey), 404, "not_found_error"},
        {post_json("/v1/messages", fine, "x-api-key: key-for-chat-only\r\n"), 403, "permission_error"},
        {get("/v1/messages", kKey), 405, "invalid_request_error"},
        {post_json("/v1/messages/", fine, kKey), 404, "not_found_error"},
        {"POST /v1/messages HTTP/1.1\r\nhost: a\r\nbroken field\r\n\r\n", 400, "invalid_request_error"},
    };
    for (const auto& c : cases) {
      const auto got = co_await ask(loop, *bench, c.wire);
      EXPECT_EQ(got.status, c.status) << c.wire;
      EXPECT_EQ(json::read_string(json::find(got.body, "type")), "error") << got.body;
      EXPECT_EQ(json::read_string(json::find(got.body, "error.type")), c.type) << got.body;
    }
    EXPECT_TRUE(bench->upstreams[0]->calls.empty());
    // A provider that breaks off after its 200 has gone out.
    FakeReply broken = sse(kMessageStream.substr(0, kMessageStream.find("event: ping")));
    broken.steps = {{.bytes = broken.steps[0].bytes}, {.error = Code::upstream_broken, .fails = true}};
    bench->upstreams[0]->replies.emplace_back(std::move(broken));
    const auto got = co_await ask(loop, *bench, post_json("/v1/messages", fine, kKey));
    EXPECT_NE(got.body.find("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\""),
              std::string::npos)
        << got.body;
  });
}

TEST(Fronts, ModelsAreListedInTheCallersWords) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = fronts(loop);
    const std::string claude = std::string(kKey) + "anthropic-version: 2023-06-01\r\n";
    auto got = co_await ask(loop, *bench, get("/v1/models", claude));
    EXPECT_EQ(json::read_string(json::find(got.body, "first_id")), "sonnet") << got.body;
    got = co_await ask(loop, *bench, get("/v1/models/sonnet", claude));
    EXPECT_EQ(json::read_string(json::find(got.body, "type")), "model") << got.body;
    got = co_await ask(loop, *bench, get("/v1/models/none", claude));
    EXPECT_EQ(json::read_string(json::find(got.body, "error.type")), "not_found_error") << got.body;
    got = co_await ask(loop, *bench, get("/v1beta/models", kGoogKey));
    EXPECT_TRUE(got.body.starts_with(R"({"models":[{"name":"models/sonnet",)")) << got.body;
    got = co_await ask(loop, *bench, get("/v1beta/models/pro?key=key-for-everything", ""));
    EXPECT_EQ(json::read_string(json::find(got.body, "name")), "models/pro") << got.body;
    got = co_await ask(loop, *bench, get("/v1/models", kAll));
    EXPECT_EQ(json::read_string(json::find(got.body, "object")), "list") << got.body;
  });
}

constexpr std::string_view kContents = R"({ "contents":[{"role":"user","parts":[{"text":"hi"}]}], "new": 1e2 })";
constexpr std::string_view kCandidate =
    R"({ "candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2}, "x": 1.50 })";
const std::string kContentStream =
    R"(data: {"candidates":[{"content":{"parts":[{"text":"Hello there"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2},"modelVersion":"g","responseId":"r"})"
    "\r\n\r\n"
    R"(data: {"candidates":[{"content":{"parts":[{"text":" and everywhere"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4},"modelVersion":"g","responseId":"r"})"
    "\r\n\r\n"
    R"(data: {"candidates":[{"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":5},"modelVersion":"g","responseId":"r"})"
    "\r\n\r\n";

TEST(GeminiFront, TheCallersBytesPassAndTheModelIsInThePath) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = fronts(loop);
    auto& far = *bench->upstreams[1];
    far.replies.emplace_back(json_reply(std::string(kCandidate)));
    auto got = co_await ask(loop, *bench, post_json("/v1beta/models/pro:generateContent", kContents, kGoogKey));
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.body, kCandidate);
    EXPECT_EQ(got.field("x-gatehouse-model"), "gemini-2.5-pro");
    EXPECT_EQ(far.calls.at(0).body, kContents);
    EXPECT_EQ(far.calls.at(0).path, "/v1beta/models/gemini-2.5-pro:generateContent");
    far.replies.emplace_back(sse(kContentStream));
    got =
        co_await ask(loop, *bench, post_json("/v1beta/models/pro:streamGenerateContent?alt=sse", kContents, kGoogKey));
    EXPECT_EQ(got.body, kContentStream);
    EXPECT_EQ(far.calls.at(1).path, "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse");
    // Embeddings name the model in the body, too.
    far.replies.emplace_back(json_reply(R"({"embedding":{"values":[0.5]}})"));
    got = co_await ask(loop, *bench,
                       post_json("/v1beta/models/pro:embedContent",
                                 R"({"model":"models/pro","content":{"parts":[{"text":"x"}]}})", kGoogKey));
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(far.calls.at(2).body, R"({"model":"models/gemini-2.5-pro","content":{"parts":[{"text":"x"}]}})");
    got = co_await ask(loop, *bench,
                       post_json("/v1beta/models/pro:embedContent",
                                 R"({"model":"models/other","content":{"parts":[{"text":"x"}]}})", kGoogKey));
    EXPECT_EQ(got.status, 400);
    EXPECT_EQ(far.calls.size(), 3u);
  });
}

TEST(GeminiFront, WhoAsksForNoEventsGetsAnArrayOfThem) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = fronts(loop);
    bench->upstreams[1]->replies.emplace_back(sse(kContentStream));
    const auto got =
        co_await ask(loop, *bench, post_json("/v1beta/models/pro:streamGenerateContent", kContents, kGoogKey));
    EXPECT_TRUE(got.field("content-type").starts_with("application/json"));
    EXPECT_EQ(json::Value(got.body).size(), 3u) << got.body;
    EXPECT_NE(bench->upstreams[1]->calls.at(0).path.find("alt=sse"), std::string::npos);
  });
}

TEST(GeminiFront, AKeyInTheQueryGoesNoFurther) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = fronts(loop);
    auto& far = *bench->upstreams[1];
    const auto path = [](std::string_view query) { return "/v1beta/models/pro:generateContent?" + std::string(query); };
    far.replies.emplace_back(json_reply(std::string(kCandidate)));
    auto got = co_await ask(loop, *bench, post_json(path("x=1&key=key-for-everything"), kContents));
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(far.calls.at(0).path, "/v1beta/models/gemini-2.5-pro:generateContent");
    EXPECT_EQ((co_await ask(loop, *bench, post_json(path("key=wrong"), kContents))).status, 401);
    EXPECT_EQ((co_await ask(loop, *bench, post_json(path("key=key-for-everything&key=b"), kContents))).status, 401);
    got = co_await ask(loop, *bench, post_json(path("key=key-for-some-models"), kContents, kGoogKey));
    EXPECT_EQ(got.status, 401);
    EXPECT_EQ(json::read_string(json::find(got.body, "error.status")), "UNAUTHENTICATED") << got.body;
    // Elsewhere a query is no place for a key.
    EXPECT_EQ((co_await ask(loop, *bench, post_json("/v1/messages?key=key-for-everything", "{}"))).status, 401);
    EXPECT_EQ(far.calls.size(), 1u);
    for (const auto& line : bench->logged) EXPECT_EQ(line.find("key-for"), std::string::npos);
  });
}

TEST(GeminiFront, RefusalsAreInItsWords) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto bench = fronts(loop);
    struct Case {
      std::string wire;
      int status;
      std::string text;
    };
    const std::vector<Case> cases = {
        {post_json("/v1beta/models/pro:generateContent", kContents, ""), 401, "UNAUTHENTICATED"},
        {post_json("/v1beta/models/pro:generateContent", "{", kGoogKey), 400, "INVALID_ARGUMENT"},
        {post_json("/v1beta/models/pro:generateContent", "{}", kGoogKey), 400, "INVALID_ARGUMENT"},
        {post_json("/v1beta/models/none:generateContent", kContents, kGoogKey), 404, "NOT_FOUND"},
        {post_json("/v1beta/models/pro:GenerateContent", kContents, kGoogKey), 404, "NOT_FOUND"},
        {post_json("/v1beta/models/..%2Fpro:generateContent", kContents, kGoogKey), 404, "NOT_FOUND"},
        {post_json("/v1beta/models/pro:generateContent", kContents, "x-goog-api-key: key-for-chat-only\r\n"), 403,
         "PERMISSION_DENIED"},
        {"POST /v1beta/models/x:generateContent HTTP/1.1\r\nhost: a\r\nbroken field\r\n\r\n", 400, "INVALID_ARGUMENT"},
    };
    for (const auto& c : cases) {
      const auto got = co_await ask(loop, *bench, c.wire);
      EXPECT_EQ(got.status, c.status) << c.wire << got.body;
      EXPECT_EQ(json::find(got.body, "error.code"), std::to_string(c.status)) << got.body;
      EXPECT_EQ(json::read_string(json::find(got.body, "error.status")), c.text) << got.body;
    }
    EXPECT_TRUE(bench->upstreams[1]->calls.empty());
  });
}

class Lane final : public pipeline::UsageLane {
 public:
  Result<Ticket> open(const govern::UsageRow&) override { return Ticket{.number = ++opened, .slot = 0}; }
  void settle(Ticket, const govern::UsageRow& row) override {
    settled.push_back({row.usage, std::string(row.finish_reason)});
  }
  void drop(Ticket) override {}
  struct Row {
    llm::Usage usage;
    std::string reason;
  };
  std::uint64_t opened = 0;
  std::vector<Row> settled;
};

// A dollar a token, and a limit of tokens.
struct Limited {
  Limited(async::Loop& loop, std::int64_t tokens) : bench(fronts(loop)) {
    auto identities = std::make_shared<pipeline::Identities>(*bench->worker.identities);
    identities->keys = pipeline::testing::view_of({{.key = "key-for-everything", .name = "all", .node = &key}});
    bench->worker.identities = identities;
    bench->runtime->prices = *llm::PriceBook::make(
        llm::Catalogue::built_in(), {{.provider = {}, .model = "*", .input = "1000000", .output = "1000000"}});
    bench->worker.governance = &governance;
    bench->worker.usage = &lane;
    govern::Limit limit;
    limit.id = "l";
    limit.resource = govern::Resource::total_tokens;
    limit.amount = tokens;
    EXPECT_TRUE(admission.set_limits(key, {limit}, govern::Moment::of(bench->clock)));
  }
  std::int64_t used() const { return admission.snapshot(key, govern::Moment::of(bench->clock)).at(0).used; }

  govern::Node key{govern::NodeKind::key, "ci", nullptr};
  govern::Admission admission;
  llm::Estimator estimator;
  llm::CompletionLengths lengths;
  pipeline::Governance governance{.admission = admission, .estimator = estimator, .lengths = lengths};
  Lane lane;
  std::unique_ptr<pipeline::testing::Bench> bench;
};

std::string message(std::string_view more) {
  return post_json("/v1/messages",
                   R"({"model":"sonnet","messages":[{"role":"user","content":"hi"}])" + std::string(more) + "}", kKey);
}

TEST(AnthropicFront, WhatItUsedIsCounted) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Limited l(loop, 1'000'000);
    l.bench->upstreams[0]->replies.emplace_back(json_reply(std::string(kMessage)));
    EXPECT_EQ((co_await ask(loop, *l.bench, message(R"(,"max_tokens":50)"))).status, 200);
    EXPECT_EQ(l.used(), 11);
    l.bench->upstreams[0]->replies.emplace_back(sse(kMessageStream));
    EXPECT_EQ((co_await ask(loop, *l.bench, message(R"(,"max_tokens":50,"stream":true)"))).status, 200);
    EXPECT_EQ(l.used(), 11 + 14);
    EXPECT_EQ(l.lane.settled.at(1).usage.completion_tokens, 5u);
    EXPECT_EQ(l.lane.settled.at(1).reason, "stop");
    // To count costs nothing.
    l.bench->upstreams[0]->replies.emplace_back(json_reply(R"({"input_tokens":14})"));
    const auto got = co_await ask(loop, *l.bench,
                                  post_json("/v1/messages/count_tokens", R"({"model":"sonnet","messages":[]})", kKey));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(l.used(), 11 + 14);
  });
}

TEST(AnthropicFront, TheBoundIsSentAndAStreamEndsInOrderWhereItIsReached) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Limited l(loop, 40);
    auto& far = *l.bench->upstreams[0];
    far.replies.emplace_back(json_reply(std::string(kMessage)));
    EXPECT_EQ((co_await ask(loop, *l.bench, message(R"(,"max_tokens":5000)"))).status, 200);
    const auto sent = json::read_count(json::find(far.calls.at(0).body, "max_tokens"));
    EXPECT_TRUE(sent && *sent > 0 && *sent <= 40) << far.calls.at(0).body;
    // A provider that does not keep to it.
    std::string stream = kMessageStream.substr(0, kMessageStream.find("event: content_block_stop"));
    for (int i = 0; i < 100; ++i) {
      stream +=
          "event: content_block_delta\ndata: "
          R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" and more words"}})"
          "\n\n";
    }
    far.replies.emplace_back(sse(stream));
    const auto got = co_await ask(loop, *l.bench, message(R"(,"max_tokens":5000,"stream":true)"));
    EXPECT_EQ(got.status, 200) << got.body;
    const std::string end =
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\",";
    EXPECT_NE(got.body.find(end), std::string::npos) << got.body;
    EXPECT_TRUE(got.body.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
    EXPECT_LE(l.used(), 40);
    EXPECT_EQ(l.lane.settled.at(1).reason, "length");
    // What was told at the beginning is not all that was given.
    EXPECT_GT(l.lane.settled.at(1).usage.completion_tokens, 1u);
  });
}

TEST(GeminiFront, TheBoundIsSentAndAStreamEndsInOrderWhereItIsReached) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Limited l(loop, 40);
    auto& far = *l.bench->upstreams[1];
    far.replies.emplace_back(json_reply(std::string(kCandidate)));
    const auto asked = [](std::string_view verb) {
      return post_json("/v1beta/models/pro:" + std::string(verb),
                       R"({"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":5000}})",
                       kGoogKey);
    };
    EXPECT_EQ((co_await ask(loop, *l.bench, asked("generateContent"))).status, 200);
    EXPECT_EQ(l.used(), 11);
    const auto sent = json::read_count(json::find(far.calls.at(0).body, "generationConfig.maxOutputTokens"));
    EXPECT_TRUE(sent && *sent > 0 && *sent <= 40) << far.calls.at(0).body;
    std::string stream;
    for (int i = 0; i < 100; ++i) {
      stream +=
          R"(data: {"candidates":[{"content":{"parts":[{"text":" and more words"}],"role":"model"},"index":0}],"responseId":"r"})"
          "\n\n";
    }
    far.replies.emplace_back(sse(stream));
    const auto got = co_await ask(loop, *l.bench, asked("streamGenerateContent?alt=sse"));
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_NE(got.body.find(R"("finishReason":"MAX_TOKENS","index":0}])"), std::string::npos) << got.body;
    EXPECT_NE(got.body.find(R"("responseId":"r"})"
                            "\n\n"),
              std::string::npos);
    EXPECT_LE(l.used(), 40);
  });
}

}  // namespace
}  // namespace gatehouse::stages
