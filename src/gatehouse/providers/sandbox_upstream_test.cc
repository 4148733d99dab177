#include "gatehouse/providers/sandbox_upstream.h"

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"

namespace gatehouse::providers {
namespace {

using http::testing::PiecesSource;
using http::testing::read_pieces;

struct Rig {
  explicit Rig(async::Loop& loop) : upstream(loop, clock, config::Sandbox{}) {}
  UpstreamRequest chat(std::string_view body) {
    piece[0] = body;
    UpstreamRequest made;
    made.method_text = "POST";
    made.path = "/chat/completions";
    made.fields = &fields;
    made.body = piece;
    return made;
  }
  base::ManualClock clock;
  SandboxUpstream upstream;
  http::Fields fields;
  std::array<std::string_view, 1> piece;
  async::AbortSource abort;
};

constexpr std::string_view kChat = R"({"model":"sandbox","messages":[{"role":"user","content":"hi"}]})";
constexpr std::string_view kStream = R"({"model":"sandbox","stream":true,"messages":[{"role":"user","content":"hi"}]})";

TEST(SandboxUpstream, AWholeAnswerAsDeclared) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    auto answer = co_await rig.upstream.send(rig.chat(kChat), rig.abort);
    EXPECT_EQ((*answer)->head().status, 200);
    EXPECT_EQ((*answer)->head().fields.value("content-type"), "application/json");
    EXPECT_EQ((*answer)->head().framing, http::Framing::length);
    const auto length = (*answer)->head().content_length;
    const auto body = co_await read_pieces(**answer);
    EXPECT_EQ(body.value_or("").size(), length);
    // The clock's time and no other, so that answers can be compared.
    EXPECT_NE(body->find("\"created\":1767225600"), std::string::npos) << *body;
  });
}

TEST(SandboxUpstream, AStreamAndAPulledBody) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    auto sent = co_await rig.upstream.send(rig.chat(kStream), rig.abort);
    EXPECT_EQ((*sent)->head().framing, http::Framing::chunked);
    const auto whole = co_await read_pieces(**sent);
    EXPECT_TRUE(whole.value_or("").ends_with("data: [DONE]\n\n"));
    PiecesSource source({http::Piece{kStream.substr(0, 20), false}, http::Piece{kStream.substr(20), true}});
    auto request = rig.chat("");
    request.body_source = &source;
    auto pulled = co_await rig.upstream.send(request, rig.abort);
    EXPECT_EQ((co_await read_pieces(**pulled)).value_or("none"), whole.value_or(""));
    PiecesSource failing({http::Piece{"{", false}, fail(Code::client_closed)});
    request.body_source = &failing;
    EXPECT_EQ((co_await rig.upstream.send(request, rig.abort)).error().code, Code::client_closed);
    const std::string large(5 << 20, 'x');
    PiecesSource too_large({http::Piece{large, false}, http::Piece{large, true}});
    request.body_source = &too_large;
    EXPECT_EQ((co_await rig.upstream.send(request, rig.abort)).error().code, Code::too_large);
  });
}

TEST(SandboxUpstream, AbortEndsItsPauses) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    Rig rig(loop);
    // Before the head: this model takes two seconds to its first token.
    loop.post([&rig] { rig.abort.abort(async::AbortReason::client_gone); });
    const auto before = async::Loop::now();
    auto late = co_await rig.upstream.send(
        rig.chat(R"({"model":"sandbox-slow","stream":true,"messages":[{"role":"user","content":"hi"}]})"), rig.abort);
    EXPECT_EQ(late.error().code, Code::client_closed);
    EXPECT_LT(async::Loop::now() - before, std::chrono::seconds(1));
    // Between two tokens.
    Rig paced(loop);
    auto answer = co_await paced.upstream.send(
        paced.chat(
            R"({"model":"sandbox-slow:first=0,pace=1","stream":true,"messages":[{"role":"user","content":"hi"}]})"),
        paced.abort);
    loop.post([&paced] { paced.abort.abort(async::AbortReason::deadline); });
    const auto rest = co_await read_pieces(**answer);
    EXPECT_EQ(rest.error().code, Code::upstream_timeout);
    EXPECT_LT(async::Loop::now() - before, std::chrono::seconds(1));
  });
}

}  // namespace
}  // namespace gatehouse::providers
