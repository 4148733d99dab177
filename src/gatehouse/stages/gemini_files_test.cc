#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/value.h"
#include "gatehouse/stages/test_support.h"
#include "gatehouse/state/state_testing.h"

// Files and batches of callers who speak Gemini's dialect to a provider that does, too.
namespace gatehouse::stages {
namespace {

using http::testing::Received;
using pipeline::testing::ask;
using pipeline::testing::FakeReply;
using pipeline::testing::json_reply;
using pipeline::testing::post_json;

constexpr std::string_view kOurs = "x-goog-api-key: key-of-our-team\r\n";
constexpr std::string_view kOthers = "x-goog-api-key: key-of-other-team\r\n";
constexpr std::string_view kSome = "x-goog-api-key: key-for-pro-alone\r\n";
constexpr std::string_view kStart =
    "x-goog-upload-protocol: resumable\r\nx-goog-upload-command: start\r\nx-goog-upload-header-content-length: 5\r\n";
const std::string kFar = "https://far.example/upload/v1beta/files?upload_id=real&upload_protocol=resumable";

config::Snapshot snapshot_of() {
  config::Snapshot snapshot;
  config::Provider openai;
  openai.name = "openai";
  openai.kind = config::ProviderKind::openai;
  config::Provider google;
  google.name = "google";
  google.kind = config::ProviderKind::gemini;
  google.base_url = *config::parse_base_url("https://far.example");
  snapshot.providers = {openai, google};
  snapshot.models.push_back({.name = "pro", .targets = {{.provider = 1, .model = "gemini-pro"}}});
  snapshot.models.push_back({.name = "other", .targets = {{.provider = 1, .model = "other"}}});
  snapshot.index = config::Index(snapshot.models);
  return snapshot;
}

std::shared_ptr<const govern::DirectoryView> keys() {
  static const govern::Node ours(govern::NodeKind::team, "ours", nullptr);
  static const govern::Node own(govern::NodeKind::key, "own", &ours);
  static const govern::Node others(govern::NodeKind::team, "others", nullptr);
  static const govern::Node other(govern::NodeKind::key, "other", &others);
  govern::Traits some;
  some.models = *govern::NameRules::parse({"pro"});
  return pipeline::testing::view_of({{.key = "key-of-our-team", .name = "own", .node = &own},
                                     {.key = "key-for-pro-alone", .name = "some", .node = &own, .traits = some},
                                     {.key = "key-of-other-team", .name = "other", .node = &other}});
}

struct House {
  explicit House(async::Loop& loop, config::Snapshot snapshot = snapshot_of())
      : tickets(state::testing::keys()),
        bench(std::make_unique<pipeline::testing::Bench>(
            loop, std::make_shared<const config::Snapshot>(std::move(snapshot)), testing::all_stages(), keys())) {
    bench->worker.uploads = &tickets;
  }
  pipeline::testing::FakeUpstream& google() { return *bench->upstreams[1]; }

  const state::UploadTickets tickets;
  std::unique_ptr<pipeline::testing::Bench> bench;
};

FakeReply begun(std::string_view address) {
  return {.status = 200,
          .fields = {{"x-goog-upload-url", std::string(address)},
                     {"x-goog-upload-control-url", std::string(address)},
                     {"x-goog-upload-status", "active"}},
          .steps = {{.bytes = "", .last = true}}};
}

std::string start(std::string_view target = "/upload/v1beta/files", std::string_view key = kOurs) {
  return post_json(target, R"({"file":{}})", std::string(key) + std::string(kStart));
}

std::string target_of(const std::string& address) { return address.substr(address.find("/upload")); }

std::string part(const std::string& target, std::string_view key = kOurs, std::string_view bytes = "hello") {
  return post_json(target, bytes, std::string(key) + "x-goog-upload-command: upload, finalize\r\n");
}

std::string reason_of(const Received& got) {
  std::string reason;
  json::Value(got.body)["error"]["details"].elements(
      [&](json::Value detail) { reason = detail["reason"].string_or(""); });
  return reason;
}

TEST(GeminiUploads, GoOnThroughTheGateway) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    // An empty upload_id is one all the same: a first step has none.
    EXPECT_EQ((co_await ask(loop, *house.bench, start("/upload/v1beta/files?upload_id="))).status, 400);
    EXPECT_TRUE(house.google().calls.empty());

    house.google().replies.emplace_back(begun(kFar));
    const auto first = co_await ask(loop, *house.bench, start("/upload/v1beta/files?x=y"));
    const std::string address(first.field("x-goog-upload-url"));
    EXPECT_EQ(first.field("x-goog-upload-control-url"), "");
    EXPECT_EQ(first.field("x-goog-upload-status"), "active");
    EXPECT_TRUE(address.starts_with("http://a/upload/v1beta/files?upload_id=")) << address;
    EXPECT_EQ(address.find("real"), std::string::npos);
    EXPECT_EQ(house.google().calls.at(0).path, "/upload/v1beta/files");

    house.google().replies.emplace_back(json_reply(R"({"file":{"name":"files/f"}})"));
    const auto done = co_await ask(loop, *house.bench, part(target_of(address)));
    EXPECT_EQ(done.status, 200);
    EXPECT_EQ(done.body, R"({"file":{"name":"files/f"}})");
    EXPECT_EQ(house.google().calls.at(1).path, "/upload/v1beta/files?upload_id=real&upload_protocol=resumable");
    // Unread, though its type says JSON.
    EXPECT_EQ(house.google().calls.at(1).body, "hello");
    EXPECT_FALSE(house.google().calls.at(1).inspected);
  });
}

TEST(GeminiUploads, AreTheirTenantsOwnForADay) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    const auto ticket = house.tickets.write(
        "team:ours",
        {.provider = "google", .origin = "https://far.example", .target = "/upload/v1beta/files?upload_id=real"},
        house.bench->clock.wall());
    const std::string target = "/upload/v1beta/files?upload_id=" + *ticket;
    const auto others = co_await ask(loop, *house.bench, part(target, kOthers));
    EXPECT_EQ(others.status, 404);
    EXPECT_EQ(reason_of(others), "not_found");
    EXPECT_EQ((co_await ask(loop, *house.bench, part(target + "A"))).status, 404);
    EXPECT_EQ((co_await ask(loop, *house.bench, part(target, kSome))).status, 403);
    EXPECT_EQ((co_await ask(loop, *house.bench, part(target, ""))).status, 401);
    for (const auto* provider : {"google", "openai", "gone"}) {
      const auto elsewhere = house.tickets.write(
          "team:ours",
          {.provider = provider, .origin = "https://another.example", .target = "/upload/v1beta/files?upload_id=real"},
          house.bench->clock.wall());
      EXPECT_EQ((co_await ask(loop, *house.bench, part("/upload/v1beta/files?upload_id=" + *elsewhere))).status, 404);
    }
    EXPECT_TRUE(house.google().calls.empty());
    house.google().replies.emplace_back(json_reply("{}"));
    EXPECT_EQ((co_await ask(loop, *house.bench, part(target))).status, 200);
    house.bench->clock.advance(std::chrono::hours(25));
    EXPECT_EQ((co_await ask(loop, *house.bench, part(target))).status, 404);
    EXPECT_EQ(house.google().calls.size(), 1U);
  });
}

TEST(GeminiUploads, AForeignAddressIsNotTold) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    for (const auto* address : {"https://other.example/upload/v1beta/files?upload_id=real",
                                "http://169.254.169.254/upload/v1beta/files?upload_id=real", "nonsense"}) {
      house.google().replies.emplace_back(
          FakeReply{.status = 200, .fields = {{"x-goog-upload-url", address}}, .steps = {{.bytes = "", .last = true}}});
      const auto got = co_await ask(loop, *house.bench, start());
      EXPECT_EQ(got.status, 502);
      EXPECT_EQ(reason_of(got), "upstream_protocol");
      EXPECT_EQ(got.field("x-goog-upload-url"), "");
    }
    // Nor is any other answer's.
    house.google().replies.emplace_back(json_reply("{}"));
    house.google().replies.back()->fields.emplace_back("x-goog-upload-url", kFar);
    const auto got = co_await ask(loop, *house.bench, testing::get("/v1beta/files/f", kOurs));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("x-goog-upload-url"), "");
    EXPECT_EQ(house.google().alive, 0);
  });
}

TEST(GeminiUploads, TheGatewaysNameIsItsCallers) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const auto* host : {"models.example:8443", "[::1]:8080", "h"}) {
      House house(loop);
      house.google().replies.emplace_back(
          FakeReply{.status = 200, .fields = {{"x-goog-upload-url", kFar}}, .steps = {{.bytes = "", .last = true}}});
      const auto got = co_await ask(loop, *house.bench,
                                    "POST /upload/v1beta/files HTTP/1.1\r\nhost: " + std::string(host) + "\r\n" +
                                        std::string(kOurs) + std::string(kStart) +
                                        "x-forwarded-proto: https\r\ncontent-length: 2\r\n\r\n{}");
      const std::string address(got.field("x-goog-upload-url"));
      EXPECT_TRUE(address.starts_with("http://" + std::string(host) + "/upload/")) << address;
    }
    for (const auto* host : {"a/b", "user@a", "a?b", "", "a b"}) {
      House house(loop);
      const auto got = co_await ask(loop, *house.bench,
                                    "POST /upload/v1beta/files HTTP/1.1\r\nhost: " + std::string(host) + "\r\n" +
                                        std::string(kOurs) + std::string(kStart) + "content-length: 2\r\n\r\n{}");
      EXPECT_EQ(got.status, 400) << host;
      EXPECT_TRUE(house.google().calls.empty());
    }
  });
}

TEST(GeminiUploads, AreNoLargerThanAllowed) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto snapshot = snapshot_of();
    snapshot.limits.upload_bytes = 8;
    House house(loop, std::move(snapshot));
    const auto ticket = house.tickets.write(
        "team:ours",
        {.provider = "google", .origin = "https://far.example", .target = "/upload/v1beta/files?upload_id=real"},
        house.bench->clock.wall());
    const std::string target = "/upload/v1beta/files?upload_id=" + *ticket;
    const auto at = [&](std::string_view offset, std::string_view bytes) {
      return post_json(target, bytes,
                       std::string(kOurs) +
                           "x-goog-upload-command: upload\r\nx-goog-upload-offset: " + std::string(offset) + "\r\n");
    };
    EXPECT_EQ((co_await ask(loop, *house.bench, at("0", "123456789"))).status, 413);
    EXPECT_EQ((co_await ask(loop, *house.bench, at("5", "1234"))).status, 413);
    EXPECT_EQ((co_await ask(loop, *house.bench, at("18446744073709551615", "1"))).status, 413);
    house.google().replies.emplace_back(json_reply("{}"));
    const auto chunked = co_await ask(loop, *house.bench,
                                      "POST " + target + " HTTP/1.1\r\nhost: a\r\n" + std::string(kOurs) +
                                          "x-goog-upload-command: upload\r\nx-goog-upload-offset: 5\r\n"
                                          "transfer-encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\n\r\n");
    EXPECT_TRUE(house.google().calls.empty());
    EXPECT_EQ(chunked.status, 413);
    EXPECT_EQ((co_await ask(loop, *house.bench, at("5", "123"))).status, 200);
  });
}

Task<int> status_of(async::Loop& loop, House& house, std::string path, std::string body, std::string key) {
  co_return (co_await ask(loop, *house.bench, post_json(path, body, key))).status;
}

TEST(GeminiBatches, AskForTheModelThatTheyMayAsk) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    const std::string named =
        R"({"batch":{"inputConfig":{"requests":{"requests":[{"request":{"model":"models/pro","contents":[]}}]}}}})";
    house.google().replies.emplace_back(json_reply(R"({"name":"batches/b"})"));
    const auto got =
        co_await ask(loop, *house.bench, post_json("/v1beta/models/pro:batchGenerateContent", named, kSome));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, R"({"name":"batches/b"})");
    EXPECT_EQ(house.google().calls.at(0).path, "/v1beta/models/gemini-pro:batchGenerateContent");
    EXPECT_NE(house.google().calls.at(0).body.find(R"("models/gemini-pro")"), std::string::npos);
    const std::string filed = R"({"batch":{"inputConfig":{"fileName":"files/f"}}})";
    house.google().replies.emplace_back(json_reply("{}"));
    EXPECT_EQ(
        (co_await ask(loop, *house.bench, post_json("/v1beta/models/pro:asyncBatchEmbedContent", filed, kOurs))).status,
        200);
    EXPECT_EQ(house.google().calls.at(1).path, "/v1beta/models/gemini-pro:asyncBatchEmbedContent");

    const std::string plain = R"({"batch":{"inputConfig":{"requests":{"requests":[{"request":{"contents":[]}}]}}}})";
    EXPECT_EQ(co_await status_of(loop, house, "/v1beta/models/other:batchGenerateContent", plain, std::string(kSome)),
              403);
    EXPECT_EQ(co_await status_of(loop, house, "/v1beta/models/other:batchGenerateContent", named, std::string(kOurs)),
              400);
    EXPECT_EQ(co_await status_of(loop, house, "/v1beta/models/none:batchGenerateContent", plain, std::string(kOurs)),
              404);
    EXPECT_EQ(co_await status_of(loop, house, "/v1beta/models/pro:batchGenerateContent", filed, std::string(kSome)),
              403);
    EXPECT_EQ(co_await status_of(loop, house, "/v1beta/models/pro:batchGenerateContent", "", std::string(kOurs)), 400);
    // Words in the body open nothing.
    EXPECT_EQ(co_await status_of(loop, house, "/v1beta/batches/b:cancel", R"({"model":"pro"})", std::string(kSome)),
              403);
    EXPECT_EQ(co_await status_of(loop, house, "/upload/v1beta/files", R"({"model":"pro"})",
                                 std::string(kSome) + std::string(kStart)),
              403);
    EXPECT_EQ(house.google().calls.size(), 2U);
  });
}

TEST(GeminiFiles, LieWhereTheyAreHad) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    // The only provider that has them in the dialect, whatever passthrough says of others.
    for (const bool passthrough : {false, true}) {
      auto snapshot = snapshot_of();
      if (passthrough) snapshot.passthrough.emplace().provider = 0;
      House house(loop, std::move(snapshot));
      house.google().replies.emplace_back(json_reply("{}"));
      EXPECT_EQ((co_await ask(loop, *house.bench, testing::get("/v1beta/files", kOurs))).status, 200);
      EXPECT_TRUE(house.bench->upstreams[0]->calls.empty());
    }
    // Of two somebody has to say which.
    auto two = snapshot_of();
    two.providers.push_back(two.providers[1]);
    two.providers.back().name = "second";
    House undecided(loop, two);
    EXPECT_EQ((co_await ask(loop, *undecided.bench, testing::get("/v1beta/files", kOurs))).status, 404);
    two.passthrough.emplace().provider = 2;
    House decided(loop, std::move(two));
    decided.bench->upstreams[2]->replies.emplace_back(json_reply("{}"));
    EXPECT_EQ((co_await ask(loop, *decided.bench, testing::get("/v1beta/files", kOurs))).status, 200);
  });
}

}  // namespace
}  // namespace gatehouse::stages
