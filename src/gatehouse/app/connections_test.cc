#include "gatehouse/app/connections.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"

namespace gatehouse::app {
namespace {

using http::testing::Peer;
using http::testing::TestHandler;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";

Task<void> wait_if_told(TestHandler& handler, http::Incoming& in) {
  handler.notes.push_back(in.stream().peer().to_string());
  if (in.head().path == "/wait") {
    handler.entered.set();
    if (!co_await handler.go_on.wait(&in.abort())) co_return;
  }
  co_await http::testing::send_whole(in, 200, "ok");
}

struct Rig {
  explicit Rig(async::Loop& loop)
      : handler(loop, wait_if_told),
        log({}, [this](std::string_view line) { logged.emplace_back(line); }),
        limited(log, 100),
        connections(loop, handler, limited, [this](int by) { count += by; }) {
    at = *connections.listen(*net::Endpoint::parse("127.0.0.1:0"), 16);
    connections.start();
  }
  Task<std::unique_ptr<Peer>> connect(async::Loop& loop) {
    auto stream = co_await net::tcp_connect(loop, at, http::testing::kPatience, nullptr);
    co_return std::make_unique<Peer>(std::move(stream.value()));
  }
  // Ends everything; must be awaited before it dies.
  Task<void> over() {
    connections.drain();
    connections.abort();
    co_await connections.join();
    EXPECT_EQ(connections.open(), 0U);
    EXPECT_EQ(count, 0);
  }
  TestHandler handler;
  std::vector<std::string> logged;
  observe::Log log;
  observe::LimitedLog limited;
  int count = 0;
  Connections connections;
  net::Endpoint at;
};

TEST(Connections, NoMoreThanAllowed) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    AcceptOptions one;
    one.max_connections = 1;
    rig.connections.set_options(one, {});
    auto first = co_await rig.connect(loop);
    co_await first->send(kGet);
    EXPECT_EQ((co_await first->answer()).status, 200);
    EXPECT_EQ(rig.count, 1);
    auto second = co_await rig.connect(loop);
    const auto refused = co_await second->answer();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.field("retry-after"), "1");
    EXPECT_TRUE(co_await second->ended());
    // The one that has its place keeps it.
    co_await first->send(kGet);
    EXPECT_EQ((co_await first->answer()).status, 200);
    co_await rig.over();
  });
}

TEST(Connections, DrainLetsAnswersEndAndTakesNobodyNew) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    auto idle = co_await rig.connect(loop);
    auto busy = co_await rig.connect(loop);
    co_await idle->send(kGet);
    EXPECT_EQ((co_await idle->answer()).status, 200);
    co_await busy->send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_TRUE(co_await rig.handler.entered.wait(nullptr));
    rig.connections.drain();
    EXPECT_TRUE(co_await idle->ended());
    EXPECT_FALSE(co_await net::tcp_connect(loop, rig.at, http::testing::kPatience, nullptr));
    rig.handler.go_on.set();
    EXPECT_EQ((co_await busy->answer()).field("connection"), "close");
    co_await rig.connections.join();
    co_await rig.over();
  });
}

TEST(Connections, AbortBreaksOffWhatIsLeft) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    auto busy = co_await rig.connect(loop);
    co_await busy->send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_TRUE(co_await rig.handler.entered.wait(nullptr));
    co_await rig.over();
    EXPECT_EQ(rig.handler.left, async::AbortReason::shutdown);
    EXPECT_TRUE(co_await busy->ended());
  });
}

TEST(Connections, AnAbortReachesThoseThatHaveNoSessionYet) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    AcceptOptions behind_proxy;
    behind_proxy.proxy_protocol = true;
    rig.connections.set_options(behind_proxy, {.head = {}, .head_timeout = std::chrono::seconds(30)});
    auto silent = co_await rig.connect(loop);
    co_await loop.after_ready();
    co_await loop.after_ready();
    EXPECT_EQ(rig.count, 1);
    const auto before = async::Loop::now();
    co_await rig.over();
    EXPECT_LT(async::Loop::now() - before, std::chrono::seconds(5));
  });
}

TEST(Connections, BehindAProxyTheClientIsWhomItNames) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    AcceptOptions behind_proxy;
    behind_proxy.proxy_protocol = true;
    rig.connections.set_options(behind_proxy, {});
    auto told = co_await rig.connect(loop);
    const std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\7\x0a\0\0\1\x1f\x90\0\x50", 28);
    co_await told->send(header + std::string(kGet));
    EXPECT_EQ((co_await told->answer()).status, 200);
    EXPECT_EQ(rig.handler.notes, std::vector<std::string>{"192.0.2.7:8080"});
    auto untold = co_await rig.connect(loop);
    co_await untold->send(kGet);
    EXPECT_EQ((co_await untold->answer()).status, 0) << "without the header nobody is served";
    EXPECT_EQ(rig.logged.size(), 1U);
    co_await rig.over();
  });
}

}  // namespace
}  // namespace gatehouse::app
