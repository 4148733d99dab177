#include "gatehouse/stages/realtime/realtime.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "gatehouse/http/websocket.h"
#include "gatehouse/stages/test_support.h"

// Sessions over a provider that the test holds by the byte; whole ones with real clients are in tests/e2e.
namespace gatehouse::stages {
namespace {

using http::WebSocketOpcode;
using http::testing::Peer;
using testing::kAll;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

std::string handshake(std::string_view fields = kAll, std::string_view path = "/v1/realtime?model=alias") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
         "sec-websocket-version: 13\r\nsec-websocket-key: " + std::string(kKey) + "\r\n" + std::string(fields) + "\r\n";
}

// The gateway's end of a connection to the provider.
class PairAnswer final : public providers::UpstreamAnswer, private http::Duplex, private async::AbortListener {
 public:
  PairAnswer(std::unique_ptr<net::TcpStream> stream, std::string head, async::AbortSource& abort)
      : stream_(std::move(stream)), text_(std::move(head)), abort_(abort) {
    std::size_t scanned = 0;
    EXPECT_EQ(http::parse_response_head(text_, scanned, {}, http::Method::get, head_).state, http::ParseState::done);
    abort_.listen(*this);
  }
  const http::ResponseHead& head() const override { return head_; }
  Eventually<Result<http::Piece>> next() override { return Result<http::Piece>(http::Piece{"{}", true}); }
  http::Duplex* duplex() override { return head_.status == 101 ? this : nullptr; }

 private:
  Task<Result<std::string_view>> read() override {
    auto got = co_await stream_->read_some(bytes_.data(), bytes_.size());
    if (!got) co_return fail(Code::upstream_broken, "told to");
    co_return std::string_view(bytes_.data(), *got);
  }
  Task<Result<void>> write(std::string_view bytes) override {
    std::array<std::string_view, 1> pieces{bytes};
    auto e = net::write_all(*stream_, pieces);
    co_return e.ready() ? e.take() : co_await e.task();
  }
  void cancel() override { stream_->cancel(); }
  void on_abort() override { stream_->cancel(); }

  std::unique_ptr<net::TcpStream> stream_;
  std::string text_;
  async::AbortSource& abort_;
  http::ResponseHead head_;
  std::array<char, 4096> bytes_{};
};

class PairUpstream final : public providers::Upstream {
 public:
  explicit PairUpstream(async::Loop& loop) : loop_(loop), asked(loop) {}
  Task<Result<std::unique_ptr<providers::UpstreamAnswer>>> send(providers::UpstreamRequest request,
                                                                async::AbortSource& abort) override {
    ++calls;
    path = request.path;
    upgrade = request.upgrade;
    auto pair = co_await net::testing::tcp_pair(loop_);
    far.emplace(std::move(pair.client));
    std::string head = "HTTP/1.1 101 Switching Protocols\r\n";
    http::RequestHead own;
    std::size_t scanned = 0;
    const std::string wire = "GET / HTTP/1.1\r\nhost: a\r\n" + upgrade + "\r\n";
    EXPECT_EQ(http::parse_request_head(wire, scanned, {}, own).state, http::ParseState::done);
    http::append_websocket_answer(lies ? std::string_view(kKey) : own.fields.value("sec-websocket-key"), {}, head);
    asked.set();
    co_return std::make_unique<PairAnswer>(std::move(pair.server), head + "\r\n", abort);
  }

 private:
  async::Loop& loop_;

 public:
  int calls = 0;
  bool lies = false;
  std::string path;
  std::string upgrade;
  std::optional<Peer> far;
  async::Event asked;
};

struct Rig {
  explicit Rig(async::Loop& loop) {
    auto snapshot = testing::two_providers();
    snapshot.providers[0].kind = config::ProviderKind::openai;
    pipeline::Stages stages;
    stages.push_back(std::make_unique<Authenticate>());
    stages.push_back(std::make_unique<Decode>());
    stages.push_back(std::make_unique<Authorise>());
    stages.push_back(std::make_unique<Admit>());
    stages.push_back(std::make_unique<Route>());
    stages.push_back(std::make_unique<Realtime>());
    stages.push_back(std::make_unique<Forward>());
    bench = std::make_unique<pipeline::testing::Bench>(
        loop, std::make_shared<const config::Snapshot>(std::move(snapshot)), std::move(stages), testing::some_keys());
    auto made = std::make_unique<PairUpstream>(loop);
    upstream = made.get();
    bench->runtime->upstreams[0] = std::move(made);
  }
  std::unique_ptr<pipeline::testing::Bench> bench;
  PairUpstream* upstream;
};

// The next message on a connection, as the given side sends it.
Task<std::string> message(Peer& peer, http::WebSocketReader& reader) {
  for (;;) {
    const std::string byte = co_await peer.bytes(1);
    if (byte.empty()) co_return "(ended)";
    std::string_view bytes = byte;
    const auto step = reader.read(bytes);
    if (step.state == http::WebSocketReader::State::failed) co_return "(failed)";
    if (step.state != http::WebSocketReader::State::message) continue;
    std::string text(step.message.payload);
    if (step.message.opcode == WebSocketOpcode::close) text = "close " + std::to_string(step.message.code);
    co_return text;
  }
}

std::string frame(std::string_view text, bool masked) {
  std::string out;
  http::WebSocketMask mask;
  if (masked) mask = {1, 2, 3, 4};
  http::append_websocket_frame(WebSocketOpcode::text, text, mask, out);
  return out;
}

TEST(Realtime, a_session_from_its_handshake_to_its_close) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    auto caller = co_await pipeline::testing::Caller::open(loop, *rig.bench);
    co_await caller->client.send(handshake() + frame(R"({"type":"early"})", true));
    std::string head;
    while (!head.ends_with("\r\n\r\n")) head += co_await caller->client.bytes(1);
    EXPECT_TRUE(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_NE(head.find("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
    EXPECT_EQ(rig.upstream->path, "/realtime?model=real%20%22name%22");
    EXPECT_EQ(rig.upstream->upgrade.find(kKey), std::string::npos);
    http::WebSocketReader from_gateway(http::WebSocketSide::client, 1 << 20);
    http::WebSocketReader to_client(http::WebSocketSide::server, 1 << 20);
    Peer& far = *rig.upstream->far;
    EXPECT_EQ(co_await message(far, from_gateway), R"({"type":"early"})");
    co_await far.send(frame(R"({"type":"x","n":1.50})", false));
    EXPECT_EQ(co_await message(caller->client, to_client), R"({"type":"x","n":1.50})");
    // No JSON, and another model: the provider hears of neither.
    co_await caller->client.send(frame("[1]", true));
    EXPECT_NE((co_await message(caller->client, to_client)).find("invalid_request"), std::string::npos);
    co_await caller->client.send(frame(R"({"type":"session.update","session":{"mod\u0065l":"dear"}})", true));
    EXPECT_NE((co_await message(caller->client, to_client)).find("not_allowed"), std::string::npos);
    std::string close;
    http::append_websocket_close(1000, "done", {}, close);
    co_await far.send(close);
    EXPECT_EQ(co_await message(caller->client, to_client), "close 1000");
    EXPECT_EQ(co_await message(far, from_gateway), "close 1000");
    close.clear();
    http::append_websocket_close(1000, "", std::array<std::uint8_t, 4>{9, 9, 9, 9}, close);
    co_await caller->client.send(close);
    EXPECT_TRUE(co_await caller->client.ended());
    co_await caller->over();
  });
}

TEST(Realtime, a_client_that_is_gone_takes_the_provider_along) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    auto caller = co_await pipeline::testing::Caller::open(loop, *rig.bench);
    co_await caller->client.send(handshake());
    EXPECT_EQ((co_await caller->client.bytes(12)), "HTTP/1.1 101");
    caller->client.close();
    EXPECT_TRUE(co_await rig.upstream->far->ended());
    co_await caller->over();
  });
}

TEST(Realtime, nothing_is_upgraded_that_is_refused) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    struct Case {
      std::string wire;
      int status;
      bool asks = false;
      bool lies = false;
    };
    for (const auto& c : {
             Case{handshake(""), 401},
             Case{handshake("sec-websocket-protocol: realtime, openai-insecure-api-key.nobody\r\n"), 401},
             Case{handshake("authorization: Bearer key-for-chat-only\r\n"), 403},
             Case{handshake("authorization: Bearer key-for-some-models\r\n"), 403},
             Case{handshake(kAll, "/v1/realtime?model=none"), 404},
             Case{handshake(kAll, "/v1/realtime"), 400},
             Case{handshake(kAll, "/v1/realtime/calls?model=alias"), 404},
             Case{testing::get("/v1/realtime?model=alias"), 400},
             Case{handshake(kAll), 502, true, true},
         }) {
      Rig rig(loop);
      rig.upstream->lies = c.lies;
      const auto got = co_await pipeline::testing::ask(loop, *rig.bench, c.wire);
      EXPECT_EQ(got.status, c.status) << c.wire;
      EXPECT_EQ(rig.upstream->calls, c.asks ? 1 : 0) << c.wire;
    }
  });
}

}  // namespace
}  // namespace gatehouse::stages
