#include "gatehouse/http/client.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"

namespace gatehouse::http {
namespace {

using async::AbortReason;
using async::AbortSource;
using std::chrono::milliseconds;
using testing::Peer;
using testing::PiecesSource;
using testing::read_pieces;

constexpr std::uint64_t kKey = 7;
constexpr auto kSoon = milliseconds(60);
constexpr std::string_view kHead = "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n";
constexpr std::array<std::string_view, 1> kBody{"abc"};
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
constexpr std::size_t kRequestSize = kHead.size() + 3;

ClientRequest pulled(BodySource& source, std::string_view head, bool chunk) {
  return {.method = Method::post, .head = head, .body = {}, .body_source = &source, .chunk_body = chunk};
}
ClientRequest post() { return {.method = Method::post, .head = kHead, .body = kBody}; }

struct Connected {
  std::unique_ptr<ClientConnection> connection;
  Peer server;
};

Task<Connected> connect(async::Loop& loop, ClientPool& pool) {
  EXPECT_TRUE(pool.reserve(kKey, {}));
  auto pair = co_await net::testing::tcp_pair(loop);
  co_return Connected{pool.adopt(kKey, std::move(pair.client)), Peer(std::move(pair.server))};
}

void expect_counts(const ClientPool& pool, std::uint32_t busy, std::uint32_t idle) {
  EXPECT_EQ(pool.counts(kKey).busy, busy);
  EXPECT_EQ(pool.counts(kKey).idle, idle);
}

struct Fetched {
  std::string head_error;
  std::string body;  // or the error's slug
  int status = 0;
  bool stale = false;
};

// One exchange from its start to its end.
Task<Fetched> fetch(ClientPool& pool, std::unique_ptr<ClientConnection> connection, ClientRequest request) {
  AbortSource abort;
  ClientExchange exchange(pool, std::move(connection), abort);
  Fetched got;
  auto ran = co_await exchange.run(request);
  got.stale = exchange.stale();
  if (!ran) {
    got.head_error = ran.error().slug();
    co_return got;
  }
  got.status = exchange.head().status;
  auto body = co_await read_pieces(exchange);
  got.body = body ? *body : std::string(body.error().slug());
  co_return got;
}

struct AnswerCase {
  const char* name;
  std::string wire;
  Method method = Method::post;
  bool then_close = false;
  std::string head_error{};
  int status = 200;
  std::string body{};
  bool reused = true;
};

const std::vector<AnswerCase>& answer_cases() {
  static const std::vector<AnswerCase> kCases = {
      {.name = "length", .wire = std::string(kOk), .body = "ok"},
      {.name = "length 0", .wire = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"},
      {.name = "chunks",
       .wire = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\n\r\n",
       .body = "ok!"},
      {.name = "chunks and trailers",
       .wire = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n",
       .body = "ok"},
      {.name = "204", .wire = "HTTP/1.1 204 No Content\r\n\r\n", .status = 204},
      // Some servers send the body all the same, and later than the head.
      {.name = "HEAD", .wire = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", .method = Method::head, .reused = false},
      {.name = "304", .wire = "HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n", .status = 304, .reused = false},
      {.name = "interim ones are skipped",
       .wire = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + std::string(kOk),
       .body = "ok"},
      {.name = "bytes behind the end", .wire = std::string(kOk) + "HTTP/1.1", .body = "ok", .reused = false},
      {.name = "bytes behind no body", .wire = "HTTP/1.1 204 No Content\r\n\r\nx", .status = 204, .reused = false},
      {.name = "close asked for",
       .wire = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
       .body = "ok",
       .reused = false},
      {.name = "HTTP/1.0", .wire = "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", .body = "ok", .reused = false},
      {.name = "until close",
       .wire = "HTTP/1.1 200 OK\r\n\r\nall of it",
       .then_close = true,
       .body = "all of it",
       .reused = false},
      {.name = "101",
       .wire = "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
       .head_error = "upstream_protocol",
       .reused = false},
      {.name = "not HTTP", .wire = "SSH-2.0-x\r\n\r\n", .head_error = "upstream_protocol", .reused = false},
      {.name = "a head that is cut",
       .wire = "HTTP/1.1 200 OK\r\ncontent-le",
       .then_close = true,
       .head_error = "upstream_broken",
       .reused = false},
      {.name = "nothing", .wire = "", .then_close = true, .head_error = "upstream_broken", .reused = false},
      {.name = "a length that is cut",
       .wire = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok",
       .then_close = true,
       .body = "upstream_broken",
       .reused = false},
      {.name = "chunks that are cut",
       .wire = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
       .then_close = true,
       .body = "upstream_broken",
       .reused = false},
      {.name = "bad chunks",
       .wire = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n",
       .body = "upstream_protocol",
       .reused = false},
  };
  return kCases;
}

void expect_as(const AnswerCase& c, const Fetched& got, const ClientPool& pool, std::size_t cut) {
  SCOPED_TRACE(std::string(c.name) + " cut at " + std::to_string(cut));
  EXPECT_EQ(got.head_error, c.head_error);
  if (c.head_error.empty()) {
    EXPECT_EQ(got.status, c.status);
    EXPECT_EQ(got.body, c.body);
  }
  EXPECT_FALSE(got.stale);
  expect_counts(pool, 0, c.reused ? 1 : 0);
}

// Sends an answer in two parts, the second when the first has been read.
Task<void> answer_cut(async::Loop& loop, Peer& server, const AnswerCase& c, std::size_t cut) {
  co_await server.send(std::string_view(c.wire).substr(0, cut));
  co_await loop.after_ready();
  co_await loop.after_ready();
  co_await server.send(std::string_view(c.wire).substr(cut));
  if (c.then_close) server.stream().shutdown_write();
}

TEST(ClientExchange, AnswersHoweverTheyAreCut) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const auto& c : answer_cases()) {
      // Bytes behind the end are only seen where they come along with it.
      const bool behind = std::string_view(c.name).starts_with("bytes behind");
      for (std::size_t cut = behind ? c.wire.size() : 0; cut <= c.wire.size(); ++cut) {
        ClientPool pool;
        auto far = co_await connect(loop, pool);
        async::TaskScope scope(loop, net::testing::rethrow);
        scope.spawn(answer_cut(loop, far.server, c, cut));
        auto request = post();
        request.method = c.method;
        const auto got = co_await fetch(pool, std::move(far.connection), request);
        co_await scope.join();
        expect_as(c, got, pool, cut);
      }
    }
  });
}

// As many as a body with edits has.
TEST(ClientExchange, ABodyInAnyNumberOfPieces) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const std::size_t count : {0U, 1U, 12U, 13U, 14U, 15U, 200U}) {
      ClientPool pool;
      auto far = co_await connect(loop, pool);
      co_await far.server.send(kOk);
      const std::vector<std::string_view> pieces(count, "abc");
      auto request = post();
      request.body = pieces;
      EXPECT_EQ((co_await fetch(pool, std::move(far.connection), request)).body, "ok");
      const std::string got = co_await far.server.bytes(kHead.size() + 3 * count);
      EXPECT_EQ(got.size(), kHead.size() + 3 * count);
      EXPECT_TRUE(got.starts_with(kHead));
    }
  });
}

TEST(ClientExchange, EndlessInterimAnswersAreRefused) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto far = co_await connect(loop, pool);
    for (int i = 0; i < 20; ++i) co_await far.server.send("HTTP/1.1 103 Early Hints\r\n\r\n");
    co_await far.server.send(kOk);
    EXPECT_EQ((co_await fetch(pool, std::move(far.connection), post())).head_error, "upstream_protocol");
    expect_counts(pool, 0, 0);
  });
}

TEST(ClientExchange, AKeptConnectionServesAgain) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto far = co_await connect(loop, pool);
    expect_counts(pool, 1, 0);
    auto connection = std::move(far.connection);
    for (int i = 0; i < 3; ++i) {
      co_await far.server.send(kOk);
      AbortSource abort;
      {
        ClientExchange exchange(pool, std::move(connection), abort);
        EXPECT_EQ(exchange.reused(), i > 0);
        EXPECT_TRUE((co_await exchange.run(post())).has_value());
        EXPECT_EQ((co_await read_pieces(exchange)).value_or(""), "ok");
        expect_counts(pool, 1, 0);
      }
      expect_counts(pool, 0, 1);
      EXPECT_EQ(co_await far.server.bytes(kRequestSize), std::string(kHead) + "abc");
      connection = pool.take(kKey);
      EXPECT_NE(connection, nullptr);
      if (!connection) co_return;
      EXPECT_EQ(pool.take(kKey), nullptr);
    }
    // What was taken and not used is given up.
    AbortSource abort;
    {
      const ClientExchange unused(pool, std::move(connection), abort);
    }
    expect_counts(pool, 0, 0);
    EXPECT_TRUE(co_await far.server.ended());
  });
}

TEST(ClientExchange, AConnectionThatItsServerClosedIsStale) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const std::string_view said : {"", "HTTP/1.1 2", "HTTP/1.1 100 Continue\r\n\r\n"}) {
      ClientPool pool;
      auto far = co_await connect(loop, pool);
      co_await far.server.send(kOk);
      EXPECT_EQ((co_await fetch(pool, std::move(far.connection), post())).body, "ok");
      auto again = pool.take(kKey);
      co_await far.server.send(said);
      far.server.close();
      const auto got = co_await fetch(pool, std::move(again), post());
      EXPECT_EQ(got.head_error, "upstream_broken");
      // Once it said anything it may have seen the request.
      EXPECT_EQ(got.stale, said.empty()) << said;
      expect_counts(pool, 0, 0);
    }
  });
}

TEST(ClientExchange, ASilentServerIsATimeoutAndNotStale) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto far = co_await connect(loop, pool);
    co_await far.server.send(kOk);
    EXPECT_EQ((co_await fetch(pool, std::move(far.connection), post())).body, "ok");
    auto request = post();
    request.first_byte = kSoon;
    const auto got = co_await fetch(pool, pool.take(kKey), request);
    EXPECT_EQ(got.head_error, "upstream_timeout");
    EXPECT_FALSE(got.stale);
    expect_counts(pool, 0, 0);
  });
}

TEST(ClientExchange, AServerThatFallsSilentInItsAnswer) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto far = co_await connect(loop, pool);
    co_await far.server.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok");
    auto request = post();
    request.between_bytes = kSoon;
    EXPECT_EQ((co_await fetch(pool, std::move(far.connection), request)).body, "upstream_timeout");
    expect_counts(pool, 0, 0);
    EXPECT_EQ((co_await far.server.to_end()).size(), kRequestSize);
  });
}

TEST(ClientExchange, AServerThatTakesNothing) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto far = co_await connect(loop, pool);
    const std::string large(32 << 20, 'x');
    const std::array<std::string_view, 1> body{large};
    ClientRequest request{.method = Method::post, .head = kHead, .body = body};
    request.between_bytes = kSoon;
    EXPECT_EQ((co_await fetch(pool, std::move(far.connection), request)).head_error, "upstream_timeout");
    expect_counts(pool, 0, 0);
  });
}

TEST(ClientExchange, AnAnswerBeforeTheRequestWasTakenIsRead) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool pulled : {false, true}) {
      ClientPool pool;
      auto far = co_await connect(loop, pool);
      co_await far.server.send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig");
      far.server.close();
      const std::string large(16 << 20, 'x');
      const std::array<std::string_view, 1> body{large};
      PiecesSource source({Piece{large, false}, Piece{large, false}, Piece{large, true}});
      ClientRequest request{.method = Method::post, .head = kHead, .body = {}};
      if (pulled) {
        request.body_source = &source;
      } else {
        request.body = body;
      }
      const auto got = co_await fetch(pool, std::move(far.connection), request);
      EXPECT_EQ(got.status, 413);
      EXPECT_EQ(got.body, "big");
      expect_counts(pool, 0, 0);
    }
  });
}

TEST(ClientExchange, PulledBodiesAreFramedAsAsked) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const bool chunk : {false, true}) {
      ClientPool pool;
      auto far = co_await connect(loop, pool);
      co_await far.server.send(kOk);
      PiecesSource source({Piece{"0123456789abcdef", false}, Piece{"g", false}, Piece{{}, true}});
      AbortSource abort;
      ClientExchange exchange(pool, std::move(far.connection), abort);
      EXPECT_TRUE((co_await exchange.run(pulled(source, "H\r\n\r\n", chunk))).has_value());
      EXPECT_TRUE(exchange.body_spent());
      EXPECT_EQ(source.asked, 3U);
      const std::string wire =
          chunk ? "H\r\n\r\n10\r\n0123456789abcdef\r\n1\r\ng\r\n0\r\n\r\n" : "H\r\n\r\n0123456789abcdefg";
      EXPECT_EQ(co_await far.server.bytes(wire.size()), wire);
    }
    // The last piece may have bytes, and the only one may have none.
    struct Case {
      Piece piece;
      std::string_view wire;
    };
    for (const auto& c : {Case{{"ab", true}, "H2\r\nab\r\n0\r\n\r\n"}, Case{{{}, true}, "H0\r\n\r\n"}}) {
      ClientPool pool;
      auto far = co_await connect(loop, pool);
      co_await far.server.send(kOk);
      PiecesSource source({c.piece});
      EXPECT_EQ((co_await fetch(pool, std::move(far.connection), pulled(source, "H", true))).body, "ok");
      EXPECT_EQ(co_await far.server.bytes(c.wire.size()), c.wire);
    }
  });
}

TEST(ClientExchange, ASourceThatFailsEndsTheRequestWithItsError) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto far = co_await connect(loop, pool);
    PiecesSource source({Piece{"ab", false}, fail(Code::client_closed)});
    const auto got = co_await fetch(pool, std::move(far.connection), pulled(source, "H\r\n\r\n", true));
    EXPECT_EQ(got.head_error, "client_closed");
    expect_counts(pool, 0, 0);
    // No last chunk: the server must not take it for the whole.
    EXPECT_EQ(co_await far.server.to_end(), "H\r\n\r\n2\r\nab\r\n");
  });
}

enum class Phase : std::uint8_t { before, sending, waiting, body };

Task<void> abort_in(async::Loop& loop, Phase phase) {
  ClientPool pool;
  auto far = co_await connect(loop, pool);
  AbortSource abort;
  const std::string large(phase == Phase::sending ? 32 << 20 : 1, 'x');
  const std::array<std::string_view, 1> body{large};
  if (phase == Phase::before) abort.abort(AbortReason::client_gone);
  if (phase == Phase::body) co_await far.server.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok");
  {
    ClientExchange exchange(pool, std::move(far.connection), abort);
    // Runs when the exchange waits for the first time.
    if (phase == Phase::sending || phase == Phase::waiting) {
      loop.post([&abort] { abort.abort(AbortReason::client_gone); });
    }
    auto ran = co_await exchange.run({.method = Method::post, .head = kHead, .body = body});
    Error error = ran ? Error(Code::internal) : ran.error();
    if (phase == Phase::body) {
      EXPECT_TRUE(ran.has_value());
      auto first = exchange.next();
      EXPECT_TRUE(first.ready());
      EXPECT_EQ(first.take()->bytes, "ok");
      loop.post([&abort] { abort.abort(AbortReason::client_gone); });
      auto rest = co_await read_pieces(exchange);
      EXPECT_FALSE(rest.has_value());
      if (!rest) error = rest.error();
    }
    EXPECT_EQ(error.code, Code::client_closed);
    EXPECT_FALSE(exchange.stale());
  }
  expect_counts(pool, 0, 0);
  const auto seen = co_await far.server.to_end();
  if (phase == Phase::before) {
    EXPECT_EQ(seen, "");
  }
}

TEST(ClientExchange, AbortEndsEveryPhaseAndClosesTheConnection) {
  for (const auto phase : {Phase::before, Phase::sending, Phase::waiting, Phase::body}) {
    SCOPED_TRACE(static_cast<int>(phase));
    net::testing::run([phase](async::Loop& loop) { return abort_in(loop, phase); });
  }
}

TEST(ClientExchange, AnAnswerThatIsNotWantedAnyMoreClosesTheConnection) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto far = co_await connect(loop, pool);
    co_await far.server.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok");
    {
      AbortSource abort;
      ClientExchange exchange(pool, std::move(far.connection), abort);
      EXPECT_TRUE((co_await exchange.run(post())).has_value());
    }
    expect_counts(pool, 0, 0);
    EXPECT_EQ((co_await far.server.to_end()).size(), kRequestSize);
  });
}

TEST(ClientPool, AllowsAsManyAsItsLimitForEachKey) {
  ClientPool pool;
  const ClientPool::Limits two{.connections = 2};
  EXPECT_TRUE(pool.reserve(kKey, two));
  EXPECT_TRUE(pool.reserve(kKey, two));
  EXPECT_FALSE(pool.reserve(kKey, two));
  EXPECT_TRUE(pool.reserve(kKey + 1, two));
  pool.unreserve(kKey);
  EXPECT_TRUE(pool.reserve(kKey, two));
  // A reload may allow fewer.
  EXPECT_FALSE(pool.reserve(kKey, {.connections = 1}));
  expect_counts(pool, 2, 0);
}

TEST(ClientPool, TheLastUsedIsTakenFirstAndSweepClosesWhatIsOver) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto first = co_await connect(loop, pool);
    auto second = co_await connect(loop, pool);
    ClientConnection* last = second.connection.get();
    for (auto* far : {&first, &second}) {
      co_await far->server.send(kOk);
      EXPECT_EQ((co_await fetch(pool, std::move(far->connection), post())).body, "ok");
    }
    expect_counts(pool, 0, 2);
    auto taken = pool.take(kKey);
    EXPECT_EQ(taken.get(), last);
    EXPECT_EQ(pool.take(kKey + 1), nullptr);
    pool.sweep();
    expect_counts(pool, 1, 1);
    first.server.close();
    pool.sweep();
    expect_counts(pool, 1, 0);
    co_await second.server.send(kOk);
    EXPECT_EQ((co_await fetch(pool, std::move(taken), post())).body, "ok");
    EXPECT_TRUE(pool.reserve(kKey, {.idle = milliseconds(0)}));  // the limit that the owner sets holds from then on
    pool.unreserve(kKey);
    pool.sweep();
    expect_counts(pool, 0, 0);
    EXPECT_EQ((co_await second.server.to_end()).size(), 2 * kRequestSize);
  });
}

TEST(ClientPool, ClosedItKeepsNothing) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    ClientPool pool;
    auto idle = co_await connect(loop, pool);
    auto busy = co_await connect(loop, pool);
    co_await idle.server.send(kOk);
    co_await busy.server.send(kOk);
    EXPECT_EQ((co_await fetch(pool, std::move(idle.connection), post())).body, "ok");
    pool.close();
    expect_counts(pool, 1, 0);
    EXPECT_EQ((co_await fetch(pool, std::move(busy.connection), post())).body, "ok");
    expect_counts(pool, 0, 0);
    EXPECT_EQ((co_await idle.server.to_end()).size(), kRequestSize);
    EXPECT_EQ((co_await busy.server.to_end()).size(), kRequestSize);
  });
}

TEST(ClientExchange, AnotherProtocolOnlyWhereItWasAskedFor) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    constexpr std::string_view kAsk = "GET /x HTTP/1.1\r\nhost: a\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n";
    constexpr std::string_view kAgreed =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n";
    ClientPool pool;
    AbortSource abort;
    {
      auto c = co_await connect(loop, pool);
      ClientExchange exchange(pool, std::move(c.connection), abort);
      co_await c.server.send(std::string(kAgreed) + "early");
      EXPECT_TRUE((co_await exchange.run({.head = kAsk, .body = {}, .upgrade = true})).has_value());
      EXPECT_EQ(exchange.head().status, 101);
      Duplex* const duplex = exchange.duplex();
      EXPECT_NE(duplex, nullptr);
      EXPECT_EQ(co_await duplex->read(), "early");
      EXPECT_TRUE((co_await duplex->write("hello")).has_value());
      EXPECT_EQ(co_await c.server.bytes(kAsk.size() + 5), std::string(kAsk) + "hello");
      co_await c.server.send("more");
      EXPECT_EQ(co_await duplex->read(), "more");
      c.server.close();
      const auto end = co_await duplex->read();
      EXPECT_TRUE(!end || end->empty());
    }
    expect_counts(pool, 0, 0);  // such a connection is never used again
    {
      auto c = co_await connect(loop, pool);
      ClientExchange exchange(pool, std::move(c.connection), abort);
      co_await c.server.send(kOk);
      EXPECT_TRUE((co_await exchange.run({.head = kAsk, .body = {}, .upgrade = true})).has_value());
      EXPECT_EQ(exchange.duplex(), nullptr);
      const auto body = co_await read_pieces(exchange);
      EXPECT_TRUE(body && *body == "ok");
    }
    {
      auto c = co_await connect(loop, pool);
      co_await c.server.send(kAgreed);
      const auto got = co_await fetch(pool, std::move(c.connection), post());
      EXPECT_EQ(got.head_error, "upstream_protocol");
    }
    {
      auto c = co_await connect(loop, pool);
      ClientExchange exchange(pool, std::move(c.connection), abort);
      co_await c.server.send(kAgreed);
      EXPECT_TRUE((co_await exchange.run({.head = kAsk, .body = {}, .upgrade = true})).has_value());
      abort.abort(AbortReason::client_gone);
      EXPECT_FALSE((co_await exchange.duplex()->read()).has_value());
      EXPECT_FALSE((co_await exchange.duplex()->write("x")).has_value());
    }
  });
}

}  // namespace
}  // namespace gatehouse::http
