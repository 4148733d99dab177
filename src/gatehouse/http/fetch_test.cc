#include "gatehouse/http/fetch.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"
#include "gatehouse/net/dns.h"
#include "gatehouse/net/tls.h"

namespace gatehouse::http {
namespace {

using std::chrono::milliseconds;
using testing::Peer;

TEST(FetchUrl, ReadsUrls) {
  const auto url = FetchUrl::parse("https://Hooks.Example:8443/a/b/?sig=x%20y&z=1");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "hooks.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a/b/?sig=x%20y&z=1");
  EXPECT_EQ(url->authority(), "hooks.example:8443");
  EXPECT_EQ(FetchUrl::parse("https://a")->target, "/");
  EXPECT_EQ(FetchUrl::parse("https://a?b")->target, "/?b");
  EXPECT_EQ(FetchUrl::parse("https://a/")->authority(), "a");
  for (const auto* loopback : {"http://127.0.0.1:1/x", "http://localhost/x", "http://[::1]:80/x"}) {
    EXPECT_TRUE(FetchUrl::parse(loopback)) << loopback;
  }
}

TEST(FetchUrl, RefusesWhatIsNotOne) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("https://"), std::string("ftp://a/"), std::string("http://a/x"),
        std::string("http://localhost.evil/x"), std::string("http://127.0.0.1@evil/x"), std::string("https://u:p@a/"),
        std::string("https://a/#x"), std::string("https://a/x y"), std::string("https://a/\r\nx: y"),
        std::string("https://a:0/"), std::string("https://a/\xc3\xa9"), "https://a/" + std::string(5000, 'x')}) {
    EXPECT_FALSE(FetchUrl::parse(text)) << text;
  }
}

struct Outcome {
  std::string note{};
  std::string result;  // "200 body", or the error's slug
  std::string seen;    // what the server got
};

struct Server {
  std::unique_ptr<net::Listener> listener;
  std::string answer;
  std::size_t request_size = 0;  // bytes to wait for
  bool then_close = true;
  std::string seen{};
};

Task<void> serve(Server& server, async::Event& over) {
  auto stream = co_await server.listener->accept();
  if (!stream) co_return;
  Peer peer(std::move(*stream));
  server.seen = co_await peer.bytes(server.request_size);
  co_await peer.send(server.answer);
  if (!server.then_close) co_await over.wait(nullptr);
}

struct Case {
  std::string answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  bool then_close = true;
  FetchRequest request{};
  std::size_t request_size = 1;
  base::Duration abort_after{};
};

Task<void> abort_later(async::Loop& loop, base::Duration after, async::AbortSource& abort) {
  co_await async::sleep(loop, after, nullptr);
  abort.abort(async::AbortReason::shutdown);
}

Task<void> run_one(async::Loop& loop, Case run, Outcome& out) {
  Server server{.listener = std::move(*net::Listener::bind(loop, *net::Endpoint::parse("127.0.0.1:0"), 4)),
                .answer = run.answer,
                .request_size = run.request_size,
                .then_close = run.then_close};
  net::Resolver resolver(loop, {});
  net::Connector connector(loop, resolver);
  async::TaskScope scope(loop, net::testing::rethrow);
  async::Event over(loop);
  async::AbortSource abort;
  scope.spawn(serve(server, over));
  if (run.abort_after > base::Duration::zero()) scope.spawn(abort_later(loop, run.abort_after, abort));
  run.request.url = *FetchUrl::parse("http://127.0.0.1:" + std::to_string(server.listener->local().port) + "/keys?a=b");
  auto answer = co_await fetch(loop, connector, nullptr, run.request, abort);
  out.result = answer ? std::to_string(answer->status) + " " + answer->body : std::string(answer.error().slug());
  if (answer) out.note = answer->field("x-note");
  over.set();
  co_await scope.join();
  out.seen = server.seen;
}

Outcome fetched(Case run) {
  Outcome out;
  net::testing::run([&](async::Loop& loop) { return run_one(loop, run, out); });
  return out;
}

TEST(Fetch, Gets) {
  const auto out = fetched({.request_size = 60});
  EXPECT_EQ(out.result, "200 ok");
  EXPECT_EQ(out.seen.substr(0, 45), "GET /keys?a=b HTTP/1.1\r\nhost: 127.0.0.1:" + out.seen.substr(40, 5));
}

TEST(Fetch, GivesTheFieldsOfTheAnswer) {
  const auto out =
      fetched({.answer = "HTTP/1.1 200 OK\r\nX-Note: first\r\nx-note: second\r\ncontent-length: 2\r\n\r\nok"});
  EXPECT_EQ(out.note, "first");
  EXPECT_EQ(fetched({}).note, "");
}

TEST(Fetch, Posts) {
  Case run;
  run.request = {
      .method = Method::post, .body = "{\"a\":1}", .content_type = "application/json", .further_fields = "x-a: b\r\n"};
  run.request_size = std::string(
                         "POST /keys?a=b HTTP/1.1\r\nhost: 127.0.0.1:12345\r\nuser-agent: gatehouse\r\naccept: "
                         "application/json\r\nconnection: close\r\ncontent-type: application/json\r\n"
                         "content-length: 7\r\nx-a: b\r\n\r\n{\"a\":1}")
                         .size();
  const auto out = fetched(run);
  EXPECT_EQ(out.result, "200 ok");
  EXPECT_TRUE(out.seen.ends_with("content-length: 7\r\nx-a: b\r\n\r\n{\"a\":1}")) << out.seen;
}

TEST(Fetch, ARedirectIsAnAnswer) {
  EXPECT_EQ(
      fetched({.answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"}).result,
      "302 ");
}

TEST(Fetch, HasABound) {
  Case run{.answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')};
  run.request.max_answer = 1000;
  EXPECT_EQ(fetched(run).result, "upstream_too_large");
  run.answer.pop_back();
  EXPECT_EQ(fetched(run).result, "200 " + std::string(1000, 'x'));
}

TEST(Fetch, RefusesWhatIsNotAnAnswer) {
  EXPECT_EQ(fetched({.answer = "SSH-2.0\r\n\r\n"}).result, "upstream_protocol");
  EXPECT_EQ(fetched({.answer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"}).result, "upstream_broken");
  EXPECT_EQ(fetched({.answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nok"}).result,
            "upstream_protocol");
}

TEST(Fetch, EndsInTimeAndWhenItIsTold) {
  Case slow{.answer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", .then_close = false};
  slow.request.deadline = milliseconds(120);
  EXPECT_EQ(fetched(slow).result, "upstream_timeout");
  slow.request.deadline = std::chrono::seconds(20);
  slow.abort_after = milliseconds(20);
  EXPECT_EQ(fetched(slow).result, "shutting_down");
}

Task<void> serve_tls(net::Listener& listener, std::shared_ptr<const net::TlsServerContext> context) {
  for (;;) {
    auto tcp = co_await listener.accept();
    if (!tcp) co_return;
    auto stream = co_await net::tls_accept(std::move(*tcp), context, std::chrono::seconds(10));
    if (!stream) continue;  // did not trust us
    std::array<char, 4096> request;
    (void)co_await (*stream)->read_some(request.data(), request.size());
    (void)co_await net::testing::write(**stream, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  }
}

Task<void> over_tls(async::Loop& loop) {
  const net::testing::TempDir dir;
  const net::testing::Authority trusted(dir, "trusted");
  const net::testing::Authority other(dir, "other");
  const auto issued = trusted.issue({.name = "server", .alternatives = "IP:127.0.0.1"});
  const auto server = net::TlsServerContext::load({.cert_file = issued.cert_file, .key_file = issued.key_file},
                                                  std::chrono::system_clock::now());
  auto listener = std::move(*net::Listener::bind(loop, *net::Endpoint::parse("127.0.0.1:0"), 4));
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(serve_tls(*listener, *server));
  net::Resolver resolver(loop, {});
  net::Connector connector(loop, resolver);
  async::AbortSource abort;
  FetchRequest request;
  request.url = *FetchUrl::parse("https://127.0.0.1:" + std::to_string(listener->local().port) + "/");
  const auto good = net::TlsClientContext::load({.ca_file = trusted.file()});
  const auto answer = co_await fetch(loop, connector, good->get(), request, abort);
  EXPECT_TRUE(answer && answer->body == "ok") << (answer ? answer->body : answer.error().to_string());
  const auto bad = net::TlsClientContext::load({.ca_file = other.file()});
  const auto refused = co_await fetch(loop, connector, bad->get(), request, abort);
  EXPECT_TRUE(!refused && refused.error().code == Code::upstream_tls);
  // The name is checked too.
  request.url = *FetchUrl::parse("https://localhost:" + std::to_string(listener->local().port) + "/");
  const auto misnamed = co_await fetch(loop, connector, good->get(), request, abort);
  EXPECT_TRUE(!misnamed && misnamed.error().code == Code::upstream_tls);
  listener->close();
  co_await scope.join();
}

TEST(Fetch, ChecksWhoAnswersOverTls) { net::testing::run(over_tls); }

TEST(Fetch, TellsThatNobodyListens) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    net::Resolver resolver(loop, {});
    net::Connector connector(loop, resolver);
    async::AbortSource abort;
    FetchRequest request;
    request.url = *FetchUrl::parse("http://127.0.0.1:1/");
    const auto answer = co_await fetch(loop, connector, nullptr, request, abort);
    EXPECT_EQ(answer.error().code, Code::upstream_unreachable);
    request.url = *FetchUrl::parse("https://127.0.0.1:1/");
    EXPECT_EQ((co_await fetch(loop, connector, nullptr, request, abort)).error().code, Code::internal);
  });
}

}  // namespace
}  // namespace gatehouse::http
