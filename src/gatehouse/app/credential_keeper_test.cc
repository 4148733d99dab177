#include "gatehouse/app/credential_keeper.h"

#include <cstdio>
#include <deque>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"
#include "gatehouse/http/testing/session.h"

namespace gatehouse::app {
namespace {

using namespace std::chrono_literals;
using http::testing::Peer;
using providers::TokenSource;

struct Reply {
  int status = 200;
  std::string body;
};

// Answers one connection after the other with the next reply (the last again and again), and keeps what was asked.
Task<void> serve(net::Listener& listener, std::deque<Reply>& replies, std::vector<std::string>& asked) {
  for (;;) {
    auto stream = co_await listener.accept();
    if (!stream) co_return;
    Peer peer(std::move(*stream));
    std::string request;
    while (!request.ends_with("\r\n\r\n")) request += co_await peer.bytes(1);
    const auto length = request.find("content-length: ");
    if (length != std::string::npos) {
      const auto size = std::stoul(request.substr(length + 16));
      if (size > 0) request += co_await peer.bytes(size);
    }
    asked.push_back(request);
    const Reply reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
    co_await peer.send("HTTP/1.1 " + std::to_string(reply.status) +
                       " X\r\ncontent-length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
  }
}

template <class Done>
Task<bool> until(async::Loop& loop, Done done) {
  for (int i = 0; i < 5000 && !done(); ++i) co_await async::sleep(loop, 1ms, nullptr);
  co_return done();
}

std::string token(std::string_view text, int life) {
  return R"({"access_token":")" + std::string(text) + R"(","token_type":"Bearer","expires_in":)" +
         std::to_string(life) + "}";
}

struct Fixture {
  explicit Fixture(async::Loop& loop)
      : listener(std::move(*net::Listener::bind(loop, *net::Endpoint::parse("127.0.0.1:0"), 16))),
        url(*config::parse_base_url("http://127.0.0.1:" + std::to_string(listener->local().port))),
        outbound(loop),
        keeper(outbound, log, clock, [this](const TokenSource& source, auto credential) {
          told.emplace_back(source, std::move(credential));
        }) {}
  TokenSource client(std::string secret = "s-1") const {
    TokenSource source;
    source.url = url;
    source.url.path = "/token";
    source.client = "c-1";
    source.secret = base::Secret(std::move(secret));
    source.secret_in_body = true;
    return source;
  }
  TokenSource aws() const {
    TokenSource source;
    source.kind = TokenSource::Kind::aws;
    source.aws.region = "eu-west-1";
    return source;
  }

  std::unique_ptr<net::Listener> listener;
  config::BaseUrl url;
  std::deque<Reply> replies;
  std::vector<std::string> asked;
  std::string lines;
  base::ManualClock clock;
  observe::Log log{{}, [this](std::string_view line) { lines += line; }};
  Outbound outbound;
  std::vector<std::pair<TokenSource, std::shared_ptr<const providers::Credential>>> told;
  CredentialKeeper keeper;
};

// Runs `body` with a server beside it.
template <class Body>
Task<void> with_server(async::Loop& loop, Body body) {
  Fixture f(loop);
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(serve(*f.listener, f.replies, f.asked));
  co_await body(loop, f);
  f.listener->close();
  co_await scope.join();
}

Task<void> renews(async::Loop& loop, Fixture& f) {
  f.replies = {{200, token("first", 3600)}, {200, token("second", 3600)}};
  EXPECT_EQ(f.keeper.current(f.client()), nullptr);
  // The same account twice is one source.
  EXPECT_TRUE(f.keeper.set_sources({f.client(), f.client()}));
  EXPECT_EQ(f.keeper.counts().sources, 1U);
  const auto now = async::Loop::now();
  f.keeper.tick(now);
  f.keeper.tick(now);
  const bool first = co_await until(loop, [&] { return f.told.size() == 1; });
  EXPECT_TRUE(first) << f.lines;
  EXPECT_EQ(f.asked.size(), 1U);
  EXPECT_NE(f.asked[0].find("client_id=c-1&client_secret=s-1"), std::string::npos) << f.asked[0];
  EXPECT_EQ(f.told[0].second->token.reveal(), "first");
  EXPECT_EQ(f.keeper.current(f.client()), f.told[0].second);
  // Not before its time; and well before the end.
  f.keeper.tick(now + 50min);
  co_await async::sleep(loop, 5ms, nullptr);
  EXPECT_EQ(f.asked.size(), 1U);
  f.keeper.tick(now + 56min);
  const bool second = co_await until(loop, [&] { return f.told.size() == 2; });
  EXPECT_TRUE(second);
  EXPECT_EQ(f.keeper.current(f.client())->token.reveal(), "second");
  // A reload keeps what did not change.
  EXPECT_TRUE(f.keeper.set_sources({f.client(), f.client("s-2")}));
  EXPECT_EQ(f.keeper.current(f.client())->token.reveal(), "second");
  EXPECT_EQ(f.keeper.current(f.client("s-2")), nullptr);
  EXPECT_EQ(f.lines.find("s-1"), std::string::npos) << f.lines;
}

TEST(CredentialKeeper, RenewsAheadOfTheEnd) {
  net::testing::run([](async::Loop& loop) { return with_server(loop, renews); });
}

Task<void> failures(async::Loop& loop, Fixture& f) {
  f.replies = {
      {200, token("first", 3600)}, {401, R"({"error":"invalid_client"})"}, {500, "oops"}, {200, token("second", 3600)}};
  EXPECT_TRUE(f.keeper.set_sources({f.client()}));
  auto now = async::Loop::now();
  f.keeper.tick(now);
  EXPECT_TRUE(co_await until(loop, [&] { return f.told.size() == 1; }));
  now += 56min;
  f.keeper.tick(now);
  EXPECT_TRUE(co_await until(loop, [&] { return f.keeper.counts().failures == 1; }));
  EXPECT_NE(f.lines.find("invalid_client"), std::string::npos) << f.lines;
  EXPECT_EQ(f.keeper.counts().failing, 1U);
  // The old one holds until it ends.
  EXPECT_EQ(f.keeper.current(f.client())->token.reveal(), "first");
  EXPECT_FALSE(f.keeper.current(f.client())->expired(f.clock.wall() + 56min));
  // Not at once again.
  f.keeper.tick(async::Loop::now());
  co_await async::sleep(loop, 5ms, nullptr);
  EXPECT_EQ(f.asked.size(), 2U);
  f.clock.advance(59min);
  f.keeper.tick(async::Loop::now() + 2s);
  EXPECT_TRUE(co_await until(loop, [&] { return f.keeper.counts().failures == 2; }));
  EXPECT_NE(f.lines.find("credential_expired"), std::string::npos) << f.lines;
  EXPECT_TRUE(f.keeper.current(f.client())->expired(f.clock.wall()));
  f.keeper.tick(async::Loop::now() + 1min);
  EXPECT_TRUE(co_await until(loop, [&] { return f.told.size() == 2; }));
  EXPECT_EQ(f.keeper.counts().failing, 0U);
}

TEST(CredentialKeeper, KeepsTheOldOneWhileRenewingFails) {
  net::testing::run([](async::Loop& loop) { return with_server(loop, failures); });
}

constexpr std::string_view kInstance =
    R"({"Code":"Success","AccessKeyId":"ASIAINSTANCE","SecretAccessKey":"instance-secret","Token":"session",)"
    R"("Expiration":"2026-01-01T06:00:00Z"})";
constexpr std::string_view kAssumed =
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>"
    "<AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>assumed-secret</SecretAccessKey>"
    "<SessionToken>assumed-session</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>"
    "</Credentials></AssumeRoleResult></AssumeRoleResponse>";

Task<void> instance_and_role(async::Loop& loop, Fixture& f) {
  f.replies = {{200, "imds-token"}, {200, "my-role"}, {200, std::string(kInstance)}, {200, std::string(kAssumed)}};
  auto source = f.aws();
  source.aws.imds_endpoint = f.url;
  source.aws.role_arn = "arn:aws:iam::123456789012:role/gateway";
  source.aws.sts_endpoint = f.url;
  EXPECT_TRUE(f.keeper.set_sources({source}));
  f.keeper.tick(async::Loop::now());
  EXPECT_TRUE(co_await until(loop, [&] { return f.told.size() == 1; })) << f.lines;
  EXPECT_EQ(f.asked.size(), 4U);
  EXPECT_TRUE(f.asked[0].starts_with("PUT /latest/api/token HTTP/1.1\r\n")) << f.asked[0];
  EXPECT_NE(f.asked[0].find("x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"), std::string::npos);
  EXPECT_TRUE(f.asked[2].starts_with("GET /latest/meta-data/iam/security-credentials/my-role HTTP/1.1\r\n"));
  EXPECT_NE(f.asked[2].find("x-aws-ec2-metadata-token: imds-token\r\n"), std::string::npos);
  EXPECT_TRUE(f.asked[3].starts_with("POST / HTTP/1.1\r\n")) << f.asked[3];
  EXPECT_NE(f.asked[3].find("Credential=ASIAINSTANCE/20260101/eu-west-1/sts/aws4_request"), std::string::npos);
  EXPECT_NE(f.asked[3].find("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fgateway"), std::string::npos);
  EXPECT_EQ(f.asked[3].find("instance-secret"), std::string::npos);
  const auto& got = *f.told[0].second;
  EXPECT_EQ(got.aws.access_key_id, "ASIAASSUMED");
  EXPECT_EQ(got.aws.session_token.reveal(), "assumed-session");
  EXPECT_TRUE(got.expires);
}

TEST(CredentialKeeper, AnInstanceAssumesARole) {
  net::testing::run([](async::Loop& loop) { return with_server(loop, instance_and_role); });
}

Task<void> files(async::Loop& loop, Fixture& f) {
  const std::string folder = testing::TempDir();
  const std::string keys = folder + "gatehouse-aws-keys";
  const std::string identity = folder + "gatehouse-aws-identity";
  std::ofstream(keys) << "[work]\naws_access_key_id = AKIAFILE\naws_secret_access_key = file-secret\n";
  std::ofstream(identity) << "web.identity.token\n";
  f.replies = {{200, std::string(kAssumed)}};
  auto from_file = f.aws();
  from_file.aws.credentials_file = keys;
  from_file.aws.profile = "work";
  auto missing = from_file;
  missing.aws.profile = "other";
  auto web = f.aws();
  web.aws.web_identity_token_file = identity;
  web.aws.role_arn = "arn:aws:iam::123456789012:role/gateway";
  web.aws.sts_endpoint = f.url;
  auto given = f.aws();
  given.aws.access_key_id = "AKIAGIVEN";
  given.aws.secret_access_key = base::Secret("given-secret");
  EXPECT_EQ(f.keeper.current(given)->aws.access_key_id, "AKIAGIVEN");  // before it is set
  EXPECT_TRUE(f.keeper.set_sources({from_file, missing, web, given}));
  f.keeper.tick(async::Loop::now());
  EXPECT_TRUE(co_await until(loop, [&] { return f.told.size() == 2 && f.keeper.counts().failures == 1; })) << f.lines;
  EXPECT_EQ(f.keeper.current(from_file)->aws.access_key_id, "AKIAFILE");
  EXPECT_FALSE(f.keeper.current(from_file)->expires);
  EXPECT_EQ(f.keeper.current(missing), nullptr);
  EXPECT_EQ(f.keeper.current(web)->aws.access_key_id, "ASIAASSUMED");
  EXPECT_NE(f.asked[0].find("WebIdentityToken=web.identity.token"), std::string::npos) << f.asked[0];
  EXPECT_EQ(f.asked[0].find("authorization:"), std::string::npos);
  // The file is read again: its keys may be others by now.
  std::ofstream(keys) << "[work]\naws_access_key_id = AKIANEWER\naws_secret_access_key = file-secret\n";
  f.keeper.tick(async::Loop::now() + 5min);
  EXPECT_TRUE(co_await until(loop, [&] { return f.keeper.current(from_file)->aws.access_key_id == "AKIANEWER"; }));
  std::remove(keys.c_str());
  std::remove(identity.c_str());
}

TEST(CredentialKeeper, FilesAndWebIdentities) {
  net::testing::run([](async::Loop& loop) { return with_server(loop, files); });
}

Task<void> containers(async::Loop& loop, Fixture& f) {
  f.replies = {
      {200, R"({"AccessKeyId":"ASIATASK","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-01T06:00:00Z"})"}};
  auto source = f.aws();
  source.aws.container_endpoint = f.url;
  source.aws.container_endpoint.path = "/v2/credentials/x";
  source.aws.container_token = base::Secret("container-token");
  EXPECT_TRUE(f.keeper.set_sources({source}));
  f.keeper.tick(async::Loop::now());
  EXPECT_TRUE(co_await until(loop, [&] { return f.told.size() == 1; })) << f.lines;
  EXPECT_TRUE(f.asked[0].starts_with("GET /v2/credentials/x HTTP/1.1\r\n"));
  EXPECT_NE(f.asked[0].find("authorization: container-token\r\n"), std::string::npos);
}

TEST(CredentialKeeper, Containers) {
  net::testing::run([](async::Loop& loop) { return with_server(loop, containers); });
}

Task<void> dies_while_fetching(async::Loop& loop) {
  auto f = std::make_unique<Fixture>(loop);  // nobody answers
  EXPECT_TRUE(f->keeper.set_sources({f->client()}));
  f->keeper.tick(async::Loop::now());
  co_await async::sleep(loop, 5ms, nullptr);
  f.reset();
  co_await async::sleep(loop, 5ms, nullptr);
}

TEST(CredentialKeeper, MayDieWhileItFetches) { net::testing::run(dies_while_fetching); }

}  // namespace
}  // namespace gatehouse::app
