#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/async/event.h"
#include "gatehouse/http/server.h"
#include "gatehouse/net/test_support.h"

// For the tests of sessions, here and in higher rooms: a peer that speaks HTTP by the byte, and a session with a
// handler that the test writes.
namespace gatehouse::http::testing {

// Nothing that a test waits for takes this long.
inline constexpr base::Duration kPatience = std::chrono::seconds(20);

struct Received {
  int status = 0;
  std::string head;
  std::string body;
  bool whole = false;  // the body ended as its framing says
  std::string field(std::string_view name) const {
    ResponseHead parsed;
    std::size_t scanned = 0;
    (void)parse_response_head(head, scanned, {}, Method::get, parsed);
    return std::string(parsed.fields.value(name));
  }
};

// The other end of a connection, by the byte.
class Peer {
 public:
  explicit Peer(std::unique_ptr<net::TcpStream> stream) : stream_(std::move(stream)) {}

  Task<void> send(std::string_view bytes) {
    std::array<std::string_view, 1> pieces{bytes};
    auto e = net::write_all(*stream_, pieces, kPatience);
    const Result<void> sent = e.ready() ? e.take() : co_await e.task();
    EXPECT_TRUE(sent.has_value());
  }

  // The next answer, or what came of it before the connection ended. Status 0: nothing came.
  Task<Received> answer(Method method = Method::get) {
    Received got;
    ResponseHead head;
    for (;;) {
      std::size_t scanned = 0;
      const auto parsed = parse_response_head(buffer_, scanned, {}, method, head);
      EXPECT_NE(parsed.state, ParseState::bad) << buffer_;
      if (parsed.state == ParseState::done) {
        got.status = head.status;
        BodyDecoder decoder(head.framing, head.content_length);
        got.head = buffer_.substr(0, parsed.consumed);
        buffer_.erase(0, parsed.consumed);
        co_await body(decoder, got);
        co_return got;
      }
      if (parsed.state == ParseState::bad || !co_await more()) co_return got;
    }
  }

  // The next `size` bytes, raw; fewer if the connection ends.
  Task<std::string> bytes(std::size_t size) {
    while (buffer_.size() < size && co_await more()) {
    }
    std::string out = buffer_.substr(0, size);
    buffer_.erase(0, out.size());
    co_return out;
  }

  // Everything until the connection ends, raw.
  Task<std::string> to_end() {
    while (co_await more()) {
    }
    co_return std::exchange(buffer_, {});
  }

  // Whether it ended without a further byte.
  Task<bool> ended() {
    const bool another = co_await more();
    co_return !another && buffer_.empty();
  }

  void close() { stream_.reset(); }
  net::TcpStream& stream() { return *stream_; }

 private:
  Task<bool> more() {
    if (ended_) co_return false;  // Asio does not tell it twice
    std::array<char, 65536> block;
    stream_->deadline(kPatience);
    const auto got = co_await stream_->read_some(block.data(), block.size());
    stream_->no_deadline();
    EXPECT_TRUE(got || got.error().code != Code::timed_out) << "the other side never answered";
    ended_ = !got || *got == 0;
    if (ended_) co_return false;
    buffer_.append(block.data(), *got);
    co_return true;
  }

  Task<void> body(BodyDecoder& decoder, Received& got) {
    for (;;) {
      const auto step = decoder.decode(buffer_);
      got.body.append(step.data);
      buffer_.erase(0, step.consumed);
      EXPECT_NE(step.state, BodyDecoder::State::bad);
      if (step.state == BodyDecoder::State::data && !decoder.done()) continue;
      if (step.state != BodyDecoder::State::need_more) {
        got.whole = decoder.done();
        co_return;
      }
      if (!co_await more()) {
        got.whole = decoder.close_is_end();
        co_return;
      }
    }
  }

  std::unique_ptr<net::TcpStream> stream_;
  std::string buffer_;
  bool ended_ = false;
};

// Answers as the test says and keeps what it saw.
class TestHandler final : public Handler {
 public:
  using Answerer = Task<void> (*)(TestHandler&, Incoming&);
  TestHandler(async::Loop& loop, Answerer answerer) : entered(loop), go_on(loop), answerer_(answerer) {}

  Task<void> handle(Incoming& in) override {
    paths.emplace_back(in.head().path);
    co_await answerer_(*this, in);
    left = in.abort().reason();
  }
  std::string refuse_malformed(const Error& error, int status, const net::Endpoint& client, std::string_view) override {
    malformed.push_back(std::to_string(status) + " " + std::string(error.slug()));
    EXPECT_TRUE(client.address.is_loopback());
    return "{\"refused\":true}";
  }
  std::string_view date() override { return "Thu, 01 Jan 2026 00:00:00 GMT"; }

  std::vector<std::string> paths;
  std::vector<std::string> notes;  // for the answerer
  std::vector<std::string> malformed;
  async::AbortReason left = async::AbortReason::none;  // of the last request, when its handler returned
  async::Event entered;                                // for the answerer
  async::Event go_on;

 private:
  Answerer answerer_;
};

// A session at work. `over` must be awaited before it dies.
class TestSession {
 public:
  static Task<std::unique_ptr<TestSession>> open(async::Loop& loop, TestHandler::Answerer answerer,
                                                 ServerOptions options = {}) {
    auto pair = co_await net::testing::tcp_pair(loop);
    co_return std::unique_ptr<TestSession>(new TestSession(loop, std::move(pair), answerer, options));
  }

  // Closes the client's end and waits for the session's.
  Task<void> over() {
    client.close();
    co_await scope_.join();
  }
  Task<void> ended() { co_await scope_.join(); }
  ServerSession& session() { return *session_; }

  TestHandler handler;
  Peer client;

 private:
  TestSession(async::Loop& loop, net::testing::TcpPair pair, TestHandler::Answerer answerer,
              const ServerOptions& options)
      : handler(loop, answerer),
        client(std::move(pair.client)),
        options_(options),
        scope_(loop, net::testing::rethrow),
        session_(std::make_unique<ServerSession>(std::move(pair.server), options_, handler)) {
    scope_.spawn(serve());
  }
  Task<void> serve() {
    co_await session_->run();
    session_.reset();
  }

  ServerOptions options_;
  async::TaskScope scope_;
  std::unique_ptr<ServerSession> session_;
};

// A body that a test gives in pieces.
class PiecesSource final : public BodySource {
 public:
  explicit PiecesSource(std::vector<Result<Piece>> pieces) : pieces_(std::move(pieces)) {}
  Eventually<Result<Piece>> next() override {
    ++asked;
    return pieces_.at(at_++);
  }
  std::size_t asked = 0;

 private:
  std::vector<Result<Piece>> pieces_;
  std::size_t at_ = 0;
};

// For answerers.
inline Task<void> send_whole(Incoming& in, int status, std::string_view body) {
  append_field(in.begin_head(status), "content-type", "text/plain");
  const std::array<std::string_view, 1> pieces{body};
  auto e = in.send_whole(pieces);
  const Result<void> sent = e.ready() ? e.take() : co_await e.task();
  EXPECT_TRUE(sent.has_value());
}

inline Task<Result<std::string>> read_whole(Incoming& in, std::uint64_t limit) {
  auto e = in.whole_body(limit);
  const auto body = e.ready() ? e.take() : co_await e.task();
  if (!body) co_return std::unexpected(body.error());
  co_return std::string(*body);
}

inline Task<Result<std::string>> read_pieces(BodySource& source) {
  std::string all;
  for (;;) {
    auto e = source.next();
    const auto piece = e.ready() ? e.take() : co_await e.task();
    if (!piece) co_return std::unexpected(piece.error());
    all.append(piece->bytes);
    if (piece->last) co_return all;
  }
}

inline Task<Result<void>> write_piece(Incoming& in, std::string_view bytes, bool last = false) {
  auto e = last ? in.write_last(bytes) : in.write(bytes);
  co_return e.ready() ? e.take() : co_await e.task();
}

}  // namespace gatehouse::http::testing
