#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/server.h"
#include "gatehouse/http/testing/session.h"

// How a session ends: deadlines, a client that leaves or does not read, drain and abort.
namespace gatehouse::http {
namespace {

using async::AbortReason;
using std::chrono::milliseconds;
using testing::read_pieces;
using testing::read_whole;
using testing::send_whole;
using testing::TestHandler;
using testing::TestSession;
using testing::write_piece;

constexpr auto kSoon = milliseconds(60);
constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";

Task<void> at_once(TestHandler&, Incoming& in) { co_await send_whole(in, 200, "ok"); }

// Waits until the test or the client's leaving ends it.
Task<void> wait_then_answer(TestHandler& handler, Incoming& in) {
  handler.entered.set();
  if (!co_await handler.go_on.wait(&in.abort())) {
    handler.notes.emplace_back("aborted");
    co_return;
  }
  co_await send_whole(in, 200, "ok");
}

Task<void> read_then_answer(TestHandler& handler, Incoming& in) {
  handler.entered.set();
  auto body = co_await read_whole(in, 1 << 20);
  handler.notes.emplace_back(body ? "read" : body.error().slug());
  if (!body) co_await send_whole(in, body.error().http_status(), body.error().slug());
}

// Writes more than any socket holds, to a client that may not read.
Task<void> write_endlessly(TestHandler& handler, Incoming& in) {
  const std::string block(1 << 20, 'x');
  in.begin_head(200);
  in.send_head(std::nullopt);
  handler.entered.set();
  for (int i = 0; i < 64; ++i) {
    auto written = co_await write_piece(in, block);
    if (!written) {
      handler.notes.emplace_back(written.error().slug());
      co_return;
    }
  }
  ADD_FAILURE() << "64 MiB went to a client that reads nothing";
}

TEST(ServerTime, AHeadThatDripsIs408) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, at_once, {.head = {}, .head_timeout = kSoon});
    // The second request's head drips; idling before it is not counted.
    co_await s->client.send(kGet);
    EXPECT_EQ((co_await s->client.answer()).status, 200);
    co_await s->client.send("GET /slow HTTP/1.1\r\nhos");
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.status, 408);
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_TRUE(co_await s->client.ended());
    EXPECT_EQ(s->handler.malformed, std::vector<std::string>{"408 request_timeout"});
    co_await s->over();
  });
}

TEST(ServerTime, AnIdleConnectionIsClosedWithoutAWord) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, at_once, {.head = {}, .idle_timeout = kSoon});
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->over();
    auto used = co_await TestSession::open(loop, at_once, {.head = {}, .idle_timeout = kSoon});
    co_await used->client.send(kGet);
    EXPECT_EQ((co_await used->client.answer()).status, 200);
    EXPECT_TRUE(co_await used->client.ended());
    EXPECT_TRUE(used->handler.malformed.empty());
    co_await used->over();
  });
}

TEST(ServerTime, ABodyThatDoesNotComeIs408) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const auto* framing : {"content-length: 10\r\n\r\nabc", "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
      auto s =
          co_await TestSession::open(loop, read_then_answer, {.head = {}, .body_timeout = kSoon, .body_min_rate = 0});
      co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\n" + std::string(framing));
      const auto got = co_await s->client.answer();
      EXPECT_EQ(got.status, 408);
      EXPECT_EQ(got.body, "request_timeout");
      EXPECT_EQ(got.field("connection"), "close");
      EXPECT_TRUE(co_await s->client.ended());
      co_await s->over();
    }
  });
}

TEST(ServerTime, ABodyThatKeepsItsRateMayTakeLonger) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    // Ten bytes earn a hundred seconds.
    auto s = co_await TestSession::open(loop, read_then_answer,
                                        {.head = {}, .body_timeout = milliseconds(0), .body_min_rate = 1});
    co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 20\r\n\r\n0123456789");
    EXPECT_TRUE(co_await s->handler.entered.wait(nullptr));
    EXPECT_TRUE(co_await async::sleep(loop, 3 * async::TimerWheel::kTick, nullptr));  // deadlines would have fired
    co_await s->client.send("0123456789");
    s->client.stream().shutdown_write();
    co_await s->over();
    EXPECT_EQ(s->handler.notes, std::vector<std::string>{"read"});
  });
}

TEST(ServerTime, AClientThatLeavesAbortsTheWork) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, wait_then_answer);
    co_await s->client.send(kGet);
    EXPECT_TRUE(co_await s->handler.entered.wait(nullptr));
    co_await s->over();
    EXPECT_EQ(s->handler.notes, std::vector<std::string>{"aborted"});
    EXPECT_EQ(s->handler.left, AbortReason::client_gone);
  });
}

TEST(ServerTime, AlsoBehindPipelinedBytesThatNobodyReads) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, wait_then_answer);
    co_await s->client.send(kGet);
    EXPECT_TRUE(co_await s->handler.entered.wait(nullptr));
    co_await s->client.send(kGet);
    // Past the moment at which the watch begins: it has seen the bytes when the client goes.
    EXPECT_TRUE(co_await async::sleep(loop, 4 * async::TimerWheel::kTick, nullptr));
    EXPECT_TRUE(s->handler.notes.empty());
    co_await s->over();
    EXPECT_EQ(s->handler.left, AbortReason::client_gone);
    EXPECT_EQ(s->handler.paths.size(), 1U) << "nothing more is taken from a client that has left";
  });
}

TEST(ServerTime, AClientThatLeavesInItsBody) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, [](TestHandler& handler, Incoming& in) -> Task<void> {
      auto body = co_await read_pieces(in);
      handler.notes.emplace_back(body ? "read" : body.error().slug());
    });
    co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
    co_await s->over();
    EXPECT_EQ(s->handler.notes, std::vector<std::string>{"client_closed"});
    EXPECT_EQ(s->handler.left, AbortReason::client_gone);
  });
}

TEST(ServerTime, AClientThatDoesNotReadIsGivenUp) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, write_endlessly, {.head = {}, .write_timeout = kSoon});
    co_await s->client.send(kGet);
    co_await s->ended();
    EXPECT_EQ(s->handler.notes, std::vector<std::string>{"client_closed"});
    EXPECT_EQ(s->handler.left, AbortReason::client_gone);
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.status, 200);
    EXPECT_FALSE(got.whole);
  });
}

TEST(ServerTime, DrainClosesAnIdleSessionAtOnce) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, at_once);
    co_await s->client.send(kGet);
    EXPECT_EQ((co_await s->client.answer()).status, 200);
    s->session().drain();
    co_await s->ended();
    EXPECT_TRUE(co_await s->client.ended());
  });
}

TEST(ServerTime, DrainLetsTheAnswerUnderWayEnd) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, wait_then_answer);
    co_await s->client.send(std::string(kGet) + std::string(kGet));
    EXPECT_TRUE(co_await s->handler.entered.wait(nullptr));
    EXPECT_TRUE(s->session().in_request());
    s->session().drain();
    s->handler.go_on.set();
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->over();
    EXPECT_EQ(s->handler.paths.size(), 1U);
  });
}

TEST(ServerTime, DrainServesARequestWhoseHeadHasBegun) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, at_once);
    co_await s->client.send(kGet.substr(0, 10));
    co_await loop.after_ready();
    co_await loop.after_ready();
    s->session().drain();
    co_await s->client.send(kGet.substr(10));
    EXPECT_EQ((co_await s->client.answer()).field("connection"), "close");
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->over();
  });
}

TEST(ServerTime, AbortBreaksOffWhateverIsUnderWay) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    // With no deadline in reach: only the abort ends these.
    for (const auto answerer : {wait_then_answer, read_then_answer, write_endlessly}) {
      auto s = co_await TestSession::open(loop, answerer);
      co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
      EXPECT_TRUE(co_await s->handler.entered.wait(nullptr));
      EXPECT_TRUE(co_await async::sleep(loop, async::TimerWheel::kTick, nullptr));  // until the writer is stuck
      const auto before = async::Loop::now();
      s->session().abort(AbortReason::shutdown);
      co_await s->ended();
      EXPECT_LT(async::Loop::now() - before, std::chrono::seconds(1));
      EXPECT_EQ(s->handler.notes.size(), 1U);
      EXPECT_EQ(s->handler.left, AbortReason::shutdown);
    }
  });
}

TEST(ServerTime, AbortClosesAnIdleSession) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, at_once);
    co_await s->client.send(kGet);
    EXPECT_EQ((co_await s->client.answer()).status, 200);
    s->session().abort(AbortReason::shutdown);
    co_await s->ended();
    EXPECT_TRUE(co_await s->client.ended());
  });
}

}  // namespace
}  // namespace gatehouse::http
