#include "gatehouse/providers/http_upstream.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"
#include "gatehouse/net/dns.h"

namespace gatehouse::providers {
namespace {

using http::testing::Peer;
using http::testing::PiecesSource;
using http::testing::read_pieces;

constexpr std::array<std::string_view, 1> kBody{"{}"};
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
constexpr std::string_view kWire = "POST /v1/x HTTP/1.1\r\nhost: ";

// A provider on loopback whose connections the test takes by hand.
struct Far {
  explicit Far(async::Loop& loop)
      : listener(std::move(*net::Listener::bind(loop, *net::Endpoint::parse("127.0.0.1:0"), 16))),
        resolver(loop, {}),
        connector(loop, resolver) {
    provider.name = "p";
    provider.base_url = {.tls = false, .host = "127.0.0.1", .port = listener->local().port, .path = "/v1"};
    provider.max_connections = 2;
  }
  std::unique_ptr<HttpUpstream> upstream() {
    return std::make_unique<HttpUpstream>(provider, pool, connector, nullptr, std::chrono::seconds(1));
  }
  // Takes the next connection and answers on it at once.
  Task<std::unique_ptr<Peer>> take(std::string_view answer) {
    auto stream = co_await listener->accept();
    auto peer = std::make_unique<Peer>(std::move(stream.value()));
    if (!answer.empty()) co_await peer->send(answer);
    co_return peer;
  }
  http::ClientPool::Counts counts() const { return pool.counts(HttpUpstream::pool_key(provider)); }

  config::Provider provider;
  std::unique_ptr<net::Listener> listener;
  net::Resolver resolver;
  net::Connector connector;
  http::ClientPool pool;
  http::Fields fields;
};

UpstreamRequest request(const Far& far) {
  UpstreamRequest made;
  made.method_text = "POST";
  made.path = "/x";
  made.fields = &far.fields;
  made.body = kBody;
  return made;
}

// What a call comes to: the body, or the error's slug.
Task<std::string> fetch(HttpUpstream& upstream, UpstreamRequest wanted) {
  async::AbortSource abort;
  auto answer = co_await upstream.send(wanted, abort);
  if (!answer) co_return std::string(answer.error().slug());
  auto body = co_await read_pieces(**answer);
  co_return body ? *body : std::string(body.error().slug());
}

Task<void> keep(Task<std::unique_ptr<Peer>> taking, std::unique_ptr<Peer>& peer) { peer = co_await std::move(taking); }

TEST(HttpUpstream, ASecondCallUsesTheKeptConnection) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    auto upstream = far.upstream();
    std::unique_ptr<Peer> peer;
    async::TaskScope scope(loop, net::testing::rethrow);
    scope.spawn(keep(far.take(kOk), peer));
    EXPECT_EQ(co_await fetch(*upstream, request(far)), "ok");
    co_await scope.join();
    EXPECT_EQ(far.counts().idle, 1U);
    co_await peer->send(kOk);
    EXPECT_EQ(co_await fetch(*upstream, request(far)), "ok");
    EXPECT_EQ(far.counts().idle, 1U);
    EXPECT_EQ(far.counts().busy, 0U);
    EXPECT_TRUE((co_await peer->bytes(kWire.size())).starts_with(kWire));
  });
}

// Takes a connection, reads the request's beginning and leaves without an answer.
Task<void> take_and_leave(Far& far) {
  auto peer = co_await far.take("");
  EXPECT_EQ((co_await peer->bytes(kWire.size())), kWire);
}

// A connection that was used and that its server has closed since, though the pool still trusts it.
Task<void> make_stale(async::Loop& loop, Far& far, HttpUpstream& upstream) {
  std::unique_ptr<Peer> peer;
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(keep(far.take(kOk), peer));
  EXPECT_EQ(co_await fetch(upstream, request(far)), "ok");
  co_await scope.join();
  EXPECT_EQ(far.counts().idle, 1U);
}

TEST(HttpUpstream, AStaleConnectionIsReplaced) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    auto upstream = far.upstream();
    co_await make_stale(loop, far, *upstream);
    std::unique_ptr<Peer> peer;
    async::TaskScope scope(loop, net::testing::rethrow);
    scope.spawn(keep(far.take(kOk), peer));
    EXPECT_EQ(co_await fetch(*upstream, request(far)), "ok");
    co_await scope.join();
    EXPECT_TRUE((co_await peer->bytes(kWire.size())).starts_with(kWire));
    EXPECT_EQ(far.counts().busy, 0U);
  });
}

TEST(HttpUpstream, OnceAndNotAgain) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    auto upstream = far.upstream();
    co_await make_stale(loop, far, *upstream);
    async::TaskScope scope(loop, net::testing::rethrow);
    scope.spawn(take_and_leave(far));
    // The fresh connection's server saw the request: a third try could do it twice.
    EXPECT_EQ(co_await fetch(*upstream, request(far)), "upstream_broken");
    co_await scope.join();
    EXPECT_EQ(far.counts().busy, 0U);
    EXPECT_EQ(far.counts().idle, 0U);
  });
}

TEST(HttpUpstream, NotForABodyThatIsSpent) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    auto upstream = far.upstream();
    co_await make_stale(loop, far, *upstream);
    PiecesSource source({http::Piece{"{}", true}});
    auto wanted = request(far);
    wanted.body = {};
    wanted.body_source = &source;
    EXPECT_EQ(co_await fetch(*upstream, wanted), "upstream_broken");
    EXPECT_EQ(source.asked, 1U);
  });
}

TEST(HttpUpstream, PulledBodiesOfUnknownLengthGoInChunks) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    auto upstream = far.upstream();
    for (const bool known : {true, false}) {
      PiecesSource source({http::Piece{"abc", false}, http::Piece{"d", true}});
      auto wanted = request(far);
      wanted.body = {};
      wanted.body_source = &source;
      if (known) wanted.body_length = 4;
      std::unique_ptr<Peer> peer;
      async::TaskScope scope(loop, net::testing::rethrow);
      // Closed after this answer, so that the next call makes a connection of its own.
      scope.spawn(keep(far.take("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"), peer));
      EXPECT_EQ(co_await fetch(*upstream, wanted), "ok");
      co_await scope.join();
      const auto wire = co_await peer->to_end();
      EXPECT_TRUE(wire.ends_with(known ? "content-length: 4\r\n\r\nabcd"
                                       : "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"))
          << wire;
    }
  });
}

TEST(HttpUpstream, MoreConnectionsThanAllowedAreOverload) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    auto upstream = far.upstream();
    async::AbortSource abort;
    std::vector<std::unique_ptr<UpstreamAnswer>> answers;
    std::vector<std::unique_ptr<Peer>> peers(2);
    async::TaskScope scope(loop, net::testing::rethrow);
    for (auto& peer : peers) {
      scope.spawn(keep(far.take("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no"), peer));
      auto answer = co_await upstream->send(request(far), abort);
      EXPECT_TRUE(answer.has_value());
      answers.push_back(std::move(*answer));
      co_await scope.join();
    }
    EXPECT_EQ(co_await fetch(*upstream, request(far)), "overloaded");
    EXPECT_EQ(far.counts().busy, 2U);
    answers.clear();
    EXPECT_EQ(far.counts().busy, 0U);
  });
}

TEST(HttpUpstream, NobodyThere) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    auto upstream = far.upstream();
    far.listener.reset();
    EXPECT_EQ(co_await fetch(*upstream, request(far)), "upstream_unreachable");
    EXPECT_EQ(far.counts().busy, 0U);
    async::AbortSource abort;
    abort.abort(async::AbortReason::deadline);
    auto aborted = co_await upstream->send(request(far), abort);
    EXPECT_EQ(aborted.error().code, Code::upstream_timeout);
    EXPECT_EQ(far.counts().busy, 0U);
  });
}

TEST(HttpUpstream, ProvidersShareConnectionsOnlyWithThemselves) {
  config::Provider one;
  one.name = "one";
  one.base_url = {.tls = true, .host = "a", .port = 443, .path = ""};
  auto other = one;
  EXPECT_EQ(HttpUpstream::pool_key(one), HttpUpstream::pool_key(other));
  other.name = "other";
  EXPECT_NE(HttpUpstream::pool_key(one), HttpUpstream::pool_key(other));
  other = one;
  other.insecure_skip_verify = true;
  EXPECT_NE(HttpUpstream::pool_key(one), HttpUpstream::pool_key(other));
  other = one;
  other.ca_file = "ca.pem";
  EXPECT_NE(HttpUpstream::pool_key(one), HttpUpstream::pool_key(other));
}

std::unique_ptr<HttpUpstream> with_slot(async::Loop& loop, Far& far, std::shared_ptr<CredentialSlot> slot,
                                        const base::Clock& clock) {
  return std::make_unique<HttpUpstream>(
      far.provider, far.pool, far.connector, nullptr, std::chrono::seconds(1),
      HttpUpstream::Access{.profile = nullptr, .slot = std::move(slot), .clock = &clock, .loop = &loop});
}

// Sends one call with the slot's credential and returns what the other side saw of its head.
Task<std::string> seen(async::Loop& loop, Far& far, std::shared_ptr<CredentialSlot> slot, const base::Clock& clock,
                       UpstreamRequest wanted) {
  const auto upstream = with_slot(loop, far, std::move(slot), clock);
  std::unique_ptr<Peer> peer;
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(keep(far.take(kOk), peer));
  EXPECT_EQ(co_await fetch(*upstream, wanted), "ok");
  co_await scope.join();
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += co_await peer->bytes(1);
  co_return head;
}

std::shared_ptr<const Credential> token_until(base::WallTime expires, std::string text = "token-1") {
  return std::make_shared<const Credential>(
      Credential{.token = base::Secret(std::move(text)), .aws = {}, .expires = expires});
}

TEST(HttpUpstream, TokensAreShownWhileTheyHold) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    far.provider.kind = config::ProviderKind::vertex;
    far.provider.metadata_endpoint = far.provider.base_url;
    far.provider.timeouts.connect = std::chrono::milliseconds(1);
    base::ManualClock clock;
    auto slot = std::make_shared<CredentialSlot>(token_until(clock.wall() + std::chrono::minutes(2)));
    const auto head = co_await seen(loop, far, slot, clock, request(far));
    EXPECT_NE(head.find("\r\nauthorization: Bearer token-1\r\n"), std::string::npos) << head;
    // Nothing goes out without one: not when there is none yet, nor with one that has ended.
    clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(co_await fetch(*with_slot(loop, far, slot, clock), request(far)), "upstream_credentials");
    auto empty = std::make_shared<CredentialSlot>();
    EXPECT_EQ(co_await fetch(*with_slot(loop, far, empty, clock), request(far)), "upstream_credentials");
  });
}

Task<void> set_soon(async::Loop& loop, CredentialSlot& slot, std::shared_ptr<const Credential> credential) {
  co_await async::sleep(loop, std::chrono::milliseconds(5), nullptr);
  slot.set(std::move(credential));
}

TEST(HttpUpstream, WhoComesBeforeTheFirstTokenWaits) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    far.provider.kind = config::ProviderKind::vertex;
    far.provider.metadata_endpoint = far.provider.base_url;
    const base::ManualClock clock;
    auto slot = std::make_shared<CredentialSlot>();
    async::TaskScope scope(loop, net::testing::rethrow);
    scope.spawn(set_soon(loop, *slot, token_until(clock.wall() + std::chrono::hours(1))));
    const auto head = co_await seen(loop, far, slot, clock, request(far));
    EXPECT_NE(head.find("\r\nauthorization: Bearer token-1\r\n"), std::string::npos) << head;
    co_await scope.join();
  });
}

TEST(HttpUpstream, AwsIsSigned) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Far far(loop);
    far.provider.kind = config::ProviderKind::bedrock;
    far.provider.base_url.path = {};
    far.provider.aws.region = "eu-west-1";
    far.provider.aws.access_key_id = "AKIAEXAMPLE";
    far.provider.aws.secret_access_key = base::Secret("aws-secret");
    const base::ManualClock clock;
    auto slot = std::make_shared<CredentialSlot>(
        std::make_shared<const Credential>(Credential{.token = {},
                                                      .aws = {.access_key_id = "AKIAEXAMPLE",
                                                              .secret_access_key = base::Secret("aws-secret"),
                                                              .session_token = base::Secret("session-1"),
                                                              .expires = {}},
                                                      .expires = {}}));
    far.fields.add({"authorization", "Bearer gh-callers"});
    far.fields.add({"x-amz-date", "20200101T000000Z"});
    far.fields.add({"x-amz-security-token", "callers"});
    auto wanted = request(far);
    wanted.path = "/model/m%3A0/converse";
    const auto head = co_await seen(loop, far, slot, clock, wanted);
    EXPECT_TRUE(head.starts_with("POST /model/m%3A0/converse HTTP/1.1\r\n")) << head;
    // Signed again here, over what the other side got.
    crypto::SigningKey key("AKIAEXAMPLE", "aws-secret", "session-1", "eu-west-1", "bedrock", clock.wall());
    const std::string authority = far.provider.base_url.authority();
    const std::array<crypto::SigV4Field, 1> fields{{{"host", authority}}};
    const std::string hash = crypto::payload_hash("{}");
    const auto expected = crypto::authorization(
        key, {.method = "POST", .path = "/model/m%3A0/converse", .query = {}, .fields = fields, .payload_hash = hash},
        crypto::sigv4_time(clock.wall()));
    EXPECT_NE(head.find("\r\nauthorization: " + expected + "\r\n"), std::string::npos) << head << expected;
    EXPECT_NE(head.find("x-amz-security-token: session-1\r\n"), std::string::npos);
    EXPECT_EQ(head.find("callers"), std::string::npos) << head;
    EXPECT_EQ(head.find("20200101"), std::string::npos) << head;
    EXPECT_EQ(head.find("aws-secret"), std::string::npos);
    PiecesSource source({http::Piece{"{}", true}});
    auto pulled = request(far);
    pulled.body = {};
    pulled.body_source = &source;
    EXPECT_EQ(co_await fetch(*with_slot(loop, far, slot, clock), pulled), "unsupported");
  });
}

}  // namespace
}  // namespace gatehouse::providers
