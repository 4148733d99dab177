#include "gatehouse/app/jwks_keeper.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"
#include "gatehouse/http/testing/session.h"

namespace gatehouse::app {
namespace {

using http::testing::Peer;

// Answers one connection after the other with `body`, until the listener goes.
Task<void> serve(net::Listener& listener, std::string& body, int& asked) {
  for (;;) {
    auto stream = co_await listener.accept();
    if (!stream) co_return;
    Peer peer(std::move(*stream));
    (void)co_await peer.bytes(16);
    ++asked;
    co_await peer.send("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
}

std::string key_set(std::string_view kid) {
  return R"({"keys":[)" + crypto::testing::Signer::ed25519().jwk(R"(,"kid":")" + std::string(kid) + "\"") + "]}";
}

// Lets the loop run until `done`, looked at each millisecond.
template <class Done>
Task<bool> until(async::Loop& loop, Done done) {
  for (int i = 0; i < 5000 && !done(); ++i) co_await async::sleep(loop, std::chrono::milliseconds(1), nullptr);
  co_return done();
}

struct Fixture {
  explicit Fixture(async::Loop& loop)
      : listener(std::move(*net::Listener::bind(loop, *net::Endpoint::parse("127.0.0.1:0"), 16))),
        url("http://127.0.0.1:" + std::to_string(listener->local().port) + "/keys"),
        outbound(loop),
        keeper(outbound, log, [this](auto keys) {
          published = std::move(keys);
          ++times;
        }) {}
  bool has(std::string_view kid) const {
    const auto found = published->find("issuer");
    return found && found->keys != nullptr && found->keys->find(kid, crypto::SignatureAlgorithm::eddsa) != nullptr;
  }

  std::unique_ptr<net::Listener> listener;
  std::string url;
  std::string body = key_set("one");
  std::string lines;
  int asked = 0;
  observe::Log log{{}, [this](std::string_view line) { lines += line; }};
  Outbound outbound;
  std::shared_ptr<const govern::IssuerKeys> published;
  int times = 0;
  JwksKeeper keeper;
};

Task<void> fetches_and_refetches(async::Loop& loop) {
  Fixture f(loop);
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(serve(*f.listener, f.body, f.asked));
  EXPECT_TRUE(f.keeper.set_sources({{.issuer = "issuer", .url = f.url}}));
  EXPECT_EQ(f.times, 1);
  const auto now = async::Loop::now();
  f.keeper.tick(now);
  f.keeper.tick(now);
  const bool first = co_await until(loop, [&] { return f.has("one"); });
  EXPECT_TRUE(first) << f.lines;
  EXPECT_EQ(f.asked, 1);
  // A flood of unknown ids, over three minutes.
  f.body = key_set("two");
  for (int second = 60; second < 240; second += 1) {
    for (int i = 0; i < 100; ++i) f.keeper.unknown_kids().note(f.published->find("issuer")->id, std::to_string(i));
    f.keeper.tick(now + std::chrono::seconds(second));
    if (second == 62) {
      const bool there = co_await until(loop, [&] { return f.has("two"); });
      EXPECT_TRUE(there) << f.lines;
    }
  }
  EXPECT_FALSE(f.has("one"));
  // The new keys let the flood ask once more: perhaps it has one of them.
  co_await until(loop, [&] { return f.asked == 3; });
  EXPECT_LE(f.asked, 3);
  f.listener->close();
  co_await scope.join();
}

TEST(JwksKeeper, FetchesKeysAndOnceMoreForAFlood) { net::testing::run(fetches_and_refetches); }

Task<void> says_failures(async::Loop& loop) {
  Fixture f(loop);
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(serve(*f.listener, f.body, f.asked));
  f.body = "{}";
  EXPECT_TRUE(f.keeper.set_sources({{.issuer = "issuer", .url = f.url}}));
  f.keeper.tick(async::Loop::now());
  const bool said = co_await until(loop, [&] { return f.lines.find("jwks_failed") != std::string::npos; });
  EXPECT_TRUE(said);
  EXPECT_NE(f.lines.find("the key set has no `keys`"), std::string::npos) << f.lines;
  EXPECT_EQ(f.times, 1);
  f.listener->close();
  co_await scope.join();
}

TEST(JwksKeeper, SaysWhatIsWrongWithAnAnswer) { net::testing::run(says_failures); }

Task<void> dies_while_fetching(async::Loop& loop) {
  auto f = std::make_unique<Fixture>(loop);  // nobody answers
  EXPECT_TRUE(f->keeper.set_sources({{.issuer = "issuer", .url = f->url}}));
  f->keeper.tick(async::Loop::now());
  co_await async::sleep(loop, std::chrono::milliseconds(5), nullptr);
  f.reset();
  co_await async::sleep(loop, std::chrono::milliseconds(5), nullptr);
}

TEST(JwksKeeper, MayDieWhileItFetches) { net::testing::run(dies_while_fetching); }

Task<void> refuses(async::Loop& loop) {
  Fixture f(loop);
  EXPECT_FALSE(f.keeper.set_sources({{.issuer = "issuer", .url = "http://id.example/keys"}}));
  EXPECT_FALSE(f.keeper.set_sources({{.issuer = "id.example", .discover = true}}));
  EXPECT_FALSE(f.keeper.set_sources({{.issuer = "a", .url = f.url}, {.issuer = "a", .url = f.url}}));
  EXPECT_EQ(f.times, 0);
  co_return;
}

TEST(JwksKeeper, RefusesSources) { net::testing::run(refuses); }

}  // namespace
}  // namespace gatehouse::app
