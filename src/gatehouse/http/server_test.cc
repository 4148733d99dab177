#include "gatehouse/http/server.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"

// What a session makes of requests: their bodies, their answers, and whether the connection goes on. Time and
// departures are in server_time_test.cc.
namespace gatehouse::http {
namespace {

using testing::read_pieces;
using testing::read_whole;
using testing::send_whole;
using testing::TestHandler;
using testing::TestSession;
using testing::write_piece;

constexpr std::uint64_t kLimit = 1000;

Task<void> echo(TestHandler& handler, Incoming& in) {
  auto body = co_await read_whole(in, kLimit);
  if (!body) {
    handler.notes.emplace_back(body.error().slug());
    co_await send_whole(in, body.error().http_status(), body.error().slug());
    co_return;
  }
  co_await send_whole(in, 200, *body);
}

Task<void> echo_pieces(TestHandler& handler, Incoming& in) {
  auto body = co_await read_pieces(in);
  EXPECT_EQ(in.body_done(), body.has_value());
  if (!body) {
    handler.notes.emplace_back(body.error().slug());
    co_return;
  }
  EXPECT_EQ(in.body_bytes(), body->size());
  co_await send_whole(in, 200, *body);
}

Task<void> ignore_body(TestHandler&, Incoming& in) { co_await send_whole(in, 403, "no"); }

Task<void> stream_three(TestHandler&, Incoming& in) {
  in.begin_head(200);
  in.send_head(std::nullopt);
  EXPECT_FALSE(in.head_sent());
  for (const auto* piece : {"one,", "", "two,"}) EXPECT_TRUE((co_await write_piece(in, piece)).has_value());
  EXPECT_TRUE(in.head_sent());
  EXPECT_TRUE((co_await write_piece(in, "three", true)).has_value());
}

TEST(ServerSession, PipelinedRequestsAreAnsweredInTheirOrder) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, echo);
    co_await s->client.send(
        "GET /1 HTTP/1.1\r\nhost: a\r\n\r\n"
        "POST /2 HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc"
        "POST /3 HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
        "GET /4 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    for (const auto* body : {"", "abc", "def"}) {
      const auto got = co_await s->client.answer();
      EXPECT_EQ(got.status, 200);
      EXPECT_EQ(got.body, body);
      EXPECT_EQ(got.field("connection"), "");
    }
    EXPECT_EQ((co_await s->client.answer()).field("connection"), "close");
    EXPECT_TRUE(co_await s->client.ended());
    EXPECT_EQ(s->handler.paths, (std::vector<std::string>{"/1", "/2", "/3", "/4"}));
    co_await s->over();
  });
}

// However the bytes are cut, the same requests are seen and nothing of one becomes part of another.
template <TestHandler::Answerer answerer>
void cut_everywhere() {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    static constexpr std::string_view kWire =
        "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n"
        "0\r\nt: v\r\n\r\n"
        "POST /b HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nwxyz"
        "GET /c HTTP/1.1\r\nhost: a\r\n\r\n";
    for (std::size_t cut = 1; cut < kWire.size(); ++cut) {
      auto s = co_await TestSession::open(loop, answerer);
      co_await s->client.send(kWire.substr(0, cut));
      co_await loop.after_ready();  // so that the session has read what there is
      co_await loop.after_ready();
      co_await s->client.send(kWire.substr(cut));
      EXPECT_EQ((co_await s->client.answer()).body, "abc0123456789") << cut;
      EXPECT_EQ((co_await s->client.answer()).body, "wxyz") << cut;
      EXPECT_EQ((co_await s->client.answer()).body, "") << cut;
      EXPECT_EQ(s->handler.paths, (std::vector<std::string>{"/a", "/b", "/c"})) << cut;
      co_await s->over();
    }
  });
}
TEST(ServerSession, WholeBodiesCutEverywhere) { cut_everywhere<echo>(); }
TEST(ServerSession, PiecesCutEverywhere) { cut_everywhere<echo_pieces>(); }

TEST(ServerSession, ABodyThatIsHereButUnreadIsSkipped) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, ignore_body);
    co_await s->client.send(
        "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 26\r\n\r\nGET /x HTTP/1.1\r\nhost: b\r\n"
        "POST /b HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        "GET /c HTTP/1.1\r\nhost: a\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      const auto got = co_await s->client.answer();
      EXPECT_EQ(got.status, 403);
      EXPECT_EQ(got.field("connection"), "");
    }
    EXPECT_EQ(s->handler.paths, (std::vector<std::string>{"/a", "/b", "/c"}));
    co_await s->over();
  });
}

TEST(ServerSession, ABodyThatIsNotHereIsNotWaitedForAndTheAnswerStillArrives) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, ignore_body);
    co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5000000\r\n\r\nab");
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.status, 403);
    EXPECT_EQ(got.field("connection"), "close");
    // A client that goes on sending is read, so that no reset destroys its answer.
    co_await s->client.send(std::string(3'000'000, 'x'));
    EXPECT_TRUE(co_await s->client.ended());
    EXPECT_EQ(s->handler.paths.size(), 1U);
    co_await s->over();
  });
}

TEST(ServerSession, ABadlyFramedBodyEndsTheConnection) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, echo);
    co_await s->client.send(
        "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"
        "GET /b HTTP/1.1\r\nhost: a\r\n\r\n");
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.status, 400);
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_EQ(s->handler.notes, std::vector<std::string>{"invalid_request"});
    EXPECT_EQ(s->handler.paths.size(), 1U);
    co_await s->over();
  });
}

TEST(ServerSession, ContinueIsSaidOnlyWhenTheBodyIsRead) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const auto answerer : {echo, echo_pieces}) {
      auto s = co_await TestSession::open(loop, answerer);
      co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
      EXPECT_EQ((co_await s->client.answer()).status, 100);
      co_await s->client.send("okGET /b HTTP/1.1\r\nhost: a\r\n\r\n");
      const auto got = co_await s->client.answer();
      EXPECT_EQ(got.status, 200);
      EXPECT_EQ(got.body, "ok");
      EXPECT_EQ((co_await s->client.answer()).status, 200);
      co_await s->over();
    }
  });
}

TEST(ServerSession, ARefusalSaysNoContinueAndCloses) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, ignore_body);
    // The client may send the body or not: what follows is not told apart, so the connection ends.
    co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.status, 403);
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->over();
  });
}

TEST(ServerSession, TooLargeAsDeclaredIsRefusedBeforeItIsRead) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, echo);
    co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 1001\r\n\r\n");
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.status, 413);
    EXPECT_EQ(got.body, "request_too_large");
    EXPECT_EQ(got.field("connection"), "close");
    co_await s->over();
    auto exact = co_await TestSession::open(loop, echo);
    co_await exact->client.send("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n" + std::string(1000, 'x'));
    EXPECT_EQ((co_await exact->client.answer()).body.size(), 1000U);
    co_await exact->over();
  });
}

TEST(ServerSession, TooLargeInChunksIsRefusedWhenItIsSeen) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const std::size_t size : {1000U, 1001U}) {
      auto s = co_await TestSession::open(loop, echo);
      co_await s->client.send("POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
      for (std::size_t sent = 0; sent < size; sent += 1) co_await s->client.send("1\r\nx\r\n");
      if (size == 1000) co_await s->client.send("0\r\n\r\n");
      const auto got = co_await s->client.answer();
      EXPECT_EQ(got.status, size == 1000 ? 200 : 413);
      EXPECT_EQ(got.field("connection"), size == 1000 ? "" : "close");
      co_await s->over();
    }
  });
}

TEST(ServerSession, StreamsInChunks) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, stream_three);
    co_await s->client.send(
        "GET /a HTTP/1.1\r\nhost: a\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.field("transfer-encoding"), "chunked");
    EXPECT_EQ(got.body, "one,two,three");
    EXPECT_TRUE(got.whole);
    // An empty piece in between is no last chunk.
    EXPECT_TRUE((co_await s->client.to_end()).ends_with("\r\n4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n"));
    co_await s->over();
  });
}

TEST(ServerSession, HttpOneZero) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, echo);
    co_await s->client.send("GET /a HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n");
    EXPECT_EQ((co_await s->client.answer()).field("connection"), "keep-alive");
    EXPECT_EQ((co_await s->client.answer()).field("connection"), "close");
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->over();

    auto streamed = co_await TestSession::open(loop, stream_three);
    co_await streamed->client.send("GET /a HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
    const auto got = co_await streamed->client.answer();
    EXPECT_EQ(got.field("transfer-encoding"), "");
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_EQ(got.body, "one,two,three");
    co_await streamed->over();
  });
}

TEST(ServerSession, AnswersToHeadAndBodilessOnesHaveNoBody) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, [](TestHandler& handler, Incoming& in) -> Task<void> {
      if (in.head().path == "/204") {
        co_await send_whole(in, 204, "nobody may see this");
      } else if (in.head().path == "/stream") {
        co_await stream_three(handler, in);
      } else {
        co_await send_whole(in, 200, "hello");
      }
      EXPECT_EQ(in.bytes_sent(), in.head().path == "/whole" ? 5U : 0U);
    });
    co_await s->client.send("HEAD /h HTTP/1.1\r\nhost: a\r\n\r\n");
    auto got = co_await s->client.answer(Method::head);
    EXPECT_EQ(got.field("content-length"), "5");
    co_await s->client.send("HEAD /stream HTTP/1.1\r\nhost: a\r\n\r\n");
    got = co_await s->client.answer(Method::head);
    EXPECT_EQ(got.field("transfer-encoding"), "chunked");
    co_await s->client.send("GET /204 HTTP/1.1\r\nhost: a\r\n\r\n");
    got = co_await s->client.answer();
    EXPECT_EQ(got.status, 204);
    EXPECT_EQ(got.field("content-length"), "");
    // If any of them had sent a byte of body, this would not be an answer.
    co_await s->client.send("GET /whole HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_EQ((co_await s->client.answer()).body, "hello");
    co_await s->over();
  });
}

TEST(ServerSession, AnUnfinishedAnswerDoesNotLookWhole) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, [](TestHandler&, Incoming& in) -> Task<void> {
      if (in.head().path == "/nothing") co_return;
      in.begin_head(200);
      in.send_head(std::nullopt);
      EXPECT_TRUE((co_await write_piece(in, "part")).has_value());
    });
    co_await s->client.send("GET /a HTTP/1.1\r\nhost: a\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\n\r\n");
    const auto got = co_await s->client.answer();
    EXPECT_EQ(got.body, "part");
    EXPECT_FALSE(got.whole);
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->over();
    EXPECT_EQ(s->handler.paths.size(), 1U);
  });
}

TEST(ServerSession, WhatIsNotHttpIsRefusedByTheHandlerAndEnds) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    struct Case {
      std::string wire;
      const char* noted;
    };
    const std::vector<Case> cases = {
        {"GET /a HTTP/1.1\r\n\r\n", "400 invalid_request"},
        {"GET /a HTTP/2.0\r\nhost: a\r\n\r\n", "505 invalid_request"},
        {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nhost: a\r\n\r\n", "414 head_too_large"},
        {"GET /a HTTP/1.1\r\nhost: a\r\nx: " + std::string(40000, 'a') + "\r\n\r\n", "431 head_too_large"},
    };
    for (const auto& c : cases) {
      auto s = co_await TestSession::open(loop, echo);
      co_await s->client.send("GET /first HTTP/1.1\r\nhost: a\r\n\r\n" + c.wire);
      EXPECT_EQ((co_await s->client.answer()).status, 200);
      const auto got = co_await s->client.answer();
      EXPECT_EQ(got.body, "{\"refused\":true}");
      EXPECT_EQ(got.field("connection"), "close");
      EXPECT_EQ(got.field("date"), s->handler.date());
      s->client.close();
      co_await s->ended();
      EXPECT_EQ(s->handler.malformed, std::vector<std::string>{c.noted});
      EXPECT_EQ(s->handler.paths.size(), 1U);
    }
  });
}

TEST(ServerSession, TakesAsManyRequestsAsAConnectionMayHave) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    auto s = co_await TestSession::open(loop, echo, {.head = {}, .requests_per_connection = 2});
    co_await s->client.send(
        "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\nGET /3 HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_EQ((co_await s->client.answer()).field("connection"), "");
    EXPECT_EQ((co_await s->client.answer()).field("connection"), "close");
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->over();
    EXPECT_EQ(s->handler.paths.size(), 2U);
  });
}

Task<void> switch_and_echo(TestHandler& handler, Incoming& in) {
  in.begin_head(101).append("upgrade: x\r\nconnection: upgrade\r\n");
  auto duplex = co_await in.upgrade();
  EXPECT_TRUE(duplex.has_value());
  for (;;) {
    const auto got = co_await (*duplex)->read();
    if (!got || got->empty()) {
      handler.notes.emplace_back(got ? "end" : got.error().slug());
      break;
    }
    handler.entered.set();
    if (got->ends_with("drain?")) EXPECT_TRUE((co_await (*duplex)->write(in.draining() ? "yes" : "no")).has_value());
    if (got->ends_with("bye")) break;
    EXPECT_TRUE((co_await (*duplex)->write(*got)).has_value());
  }
}

TEST(ServerSession, AnotherProtocolBeginsWithWhatCameBehindTheRequest) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    constexpr std::string_view kAsk = "GET /x HTTP/1.1\r\nhost: a\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n";
    auto s = co_await TestSession::open(loop, switch_and_echo);
    co_await s->client.send(std::string(kAsk) + "early");
    constexpr std::string_view kAnswer =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nearly";
    EXPECT_EQ(co_await s->client.bytes(kAnswer.size()), kAnswer);
    // What looks like a request is none.
    co_await s->client.send(kAsk);
    EXPECT_EQ(co_await s->client.bytes(kAsk.size()), kAsk);
    co_await s->client.send("drain?");
    EXPECT_EQ(co_await s->client.bytes(8), "nodrain?");
    s->session().drain();
    co_await s->client.send("drain?");
    EXPECT_EQ(co_await s->client.bytes(9), "yesdrain?");
    co_await s->client.send("bye");
    EXPECT_TRUE(co_await s->client.ended());
    co_await s->ended();
    EXPECT_EQ(s->handler.paths.size(), 1U);
    co_await s->over();
    auto left = co_await TestSession::open(loop, switch_and_echo);
    co_await left->client.send(kAsk);
    EXPECT_EQ((co_await left->client.bytes(12)), "HTTP/1.1 101");
    co_await left->over();
    EXPECT_EQ(left->handler.notes, std::vector<std::string>{"end"});
    auto aborted = co_await TestSession::open(loop, switch_and_echo);
    co_await aborted->client.send(std::string(kAsk) + "x");
    EXPECT_TRUE(co_await aborted->handler.entered.wait(nullptr));
    aborted->session().abort(async::AbortReason::shutdown);
    co_await aborted->ended();
    EXPECT_EQ(aborted->handler.notes, std::vector<std::string>{"shutting_down"});
    co_await aborted->over();
  });
}

}  // namespace
}  // namespace gatehouse::http
