#include "gatehouse/admin/admin_handler.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"

namespace gatehouse::admin {
namespace {

Task<http::testing::Received> ask(async::Loop& loop, AdminHandler& handler, std::string wire,
                                  http::Method method = http::Method::get) {
  auto pair = co_await net::testing::tcp_pair(loop);
  const http::ServerOptions options;
  http::ServerSession session(std::move(pair.server), options, handler);
  http::testing::Peer client(std::move(pair.client));
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(session.run());
  co_await client.send(wire);
  auto got = co_await client.answer(method);
  client.close();
  co_await scope.join();
  co_return got;
}

std::string request(std::string_view method, std::string_view path) {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nhost: a\r\n\r\n";
}

TEST(AdminHandler, Pages) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    observe::Registry registry;
    const auto counter = registry.counter("things_total", "Things.");
    registry.make_shard().counter(counter).add(3);
    std::atomic<bool> ready{true};
    const base::ManualClock clock;
    AdminHandler handler(registry, ready, clock);
    const auto metrics = co_await ask(loop, handler, request("GET", "/metrics"));
    EXPECT_EQ(metrics.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(metrics.body.find("\nthings_total 3\n"), std::string::npos);
    EXPECT_EQ(metrics.field("cache-control"), "no-store");
    EXPECT_EQ(metrics.field("date"), "Thu, 01 Jan 2026 00:00:00 GMT");
    EXPECT_EQ((co_await ask(loop, handler, request("GET", "/healthz"))).body, "ok\n");
    const auto head = co_await ask(loop, handler, request("HEAD", "/healthz"), http::Method::head);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "3");
    EXPECT_EQ((co_await ask(loop, handler, request("GET", "/readyz"))).status, 200);
    // Alive, but no more requests should come: the two say different things.
    ready = false;
    EXPECT_EQ((co_await ask(loop, handler, request("GET", "/readyz"))).status, 503);
    EXPECT_EQ((co_await ask(loop, handler, request("GET", "/healthz"))).status, 200);
  });
}

TEST(AdminHandler, HealthSaysWhatItGoesOnWithout) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const observe::Registry registry;
    const std::atomic<bool> ready{true};
    const base::ManualClock clock;
    std::string lacking = "models for injection";
    AdminHandler handler(registry, ready, clock, nullptr, [&lacking] { return lacking; });
    const auto without = co_await ask(loop, handler, request("GET", "/healthz"));
    EXPECT_EQ(without.status, 200);
    EXPECT_EQ(without.body, "ok\nwithout: models for injection\n");
    lacking.clear();
    EXPECT_EQ((co_await ask(loop, handler, request("GET", "/healthz"))).body, "ok\n");
  });
}

TEST(AdminHandler, Problems) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const observe::Registry registry;
    const std::atomic<bool> ready{true};
    const base::ManualClock clock;
    AdminHandler handler(registry, ready, clock);
    const auto unknown = co_await ask(loop, handler, request("GET", "/admin"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.field("content-type"), "application/problem+json");
    EXPECT_EQ(unknown.body, R"({"type":"about:blank","title":"Not Found","status":404})");
    const auto wrong = co_await ask(loop, handler, request("POST", "/metrics"));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.field("allow"), "GET, HEAD");
    const auto malformed = co_await ask(loop, handler, "GET /healthz HTTP/1.1\r\n\r\n");
    EXPECT_EQ(malformed.status, 400);
    EXPECT_NE(malformed.body.find("\"status\":400"), std::string::npos);
  });
}

}  // namespace
}  // namespace gatehouse::admin
