#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/async/task_scope.h"
#include "gatehouse/net/address.h"
#include "gatehouse/net/tcp.h"
#include "gatehouse/net/test_support.h"

namespace gatehouse::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Gone;
using testing::run;
using testing::tcp_pair;
using testing::TcpPair;
using testing::write;

TEST(Address, ToASocketAndBack) {
  for (const char* text : {"192.0.2.1:8080", "[2001:db8::1]:443"}) {
    sockaddr_storage storage{};
    const auto endpoint = *Endpoint::parse(text);
    EXPECT_EQ(to_sockaddr(endpoint, storage), endpoint.address.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    EXPECT_EQ(from_sockaddr(storage), endpoint);
  }
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  EXPECT_EQ(from_sockaddr(local), Endpoint());
}

Task<void> read_everything(Stream& stream, std::size_t& count) {
  std::array<char, 4096> block;
  for (;;) {
    auto got = co_await stream.read_some(block.data(), block.size());
    if (!got || *got == 0) co_return;
    count += *got;
  }
}

Task<void> big_write(async::Loop& loop) {
  auto pair = co_await tcp_pair(loop);
  EXPECT_EQ(pair.server->peer(), pair.client->local());
  std::size_t count = 0;
  async::TaskScope scope(loop, [](std::exception_ptr) {});
  scope.spawn(read_everything(*pair.server, count));
  std::vector<std::string> blocks(40, std::string(500'000, 'x'));
  std::vector<std::string_view> pieces(blocks.begin(), blocks.end());
  pieces.insert(pieces.begin() + 3, std::string_view());
  auto e = write_all(*pair.client, pieces, seconds(5));
  EXPECT_FALSE(e.ready());
  EXPECT_TRUE((co_await e.task()).has_value());
  pair.client->shutdown_write();
  co_await scope.join();
  EXPECT_EQ(count, 20'000'000U);
}
TEST(TcpStream, WritesMoreThanThePipeHoldsAndMorePiecesThanOneCall) { run(big_write); }

Task<void> deadline(async::Loop& loop) {
  auto pair = co_await tcp_pair(loop);
  std::array<char, 8> block;
  pair.client->deadline(milliseconds(20));
  auto got = co_await pair.client->read_some(block.data(), block.size());
  EXPECT_EQ(got.error().code, Code::timed_out);
  got = co_await pair.client->read_some(block.data(), block.size());
  EXPECT_EQ(got.error().code, Code::timed_out);
  EXPECT_FALSE(pair.client->idle_and_open());
}
TEST(TcpStream, ADeadlineEndsItForGood) { run(deadline); }

Task<void> read_and_cancel(Stream& stream, Stream& other, std::vector<Code>& failed, unsigned& read) {
  std::array<char, 8> block;
  const auto got = co_await stream.read_some(block.data(), block.size());
  if (got) {
    ++read;
    other.cancel();
  } else {
    failed.push_back(got.error().code);
  }
}

// Both have something in the same batch, and whoever is first cancels the other.
Task<void> cancelled_in_a_batch(async::Loop& loop) {
  auto one = co_await tcp_pair(loop);
  auto two = co_await tcp_pair(loop);
  std::vector<Code> failed;
  unsigned read = 0;
  async::TaskScope scope(loop, testing::rethrow);
  scope.spawn(read_and_cancel(*one.server, *two.server, failed, read));
  scope.spawn(read_and_cancel(*two.server, *one.server, failed, read));
  co_await loop.after_ready();  // both wait
  co_await write(*one.client, "x");
  co_await write(*two.client, "y");
  co_await scope.join();
  EXPECT_EQ(read, 1U);
  EXPECT_EQ(failed, std::vector{Code::cancelled});
}
TEST(TcpStream, WhatIsCancelledInABatchReadsNothing) { run(cancelled_in_a_batch); }

Task<void> watch(async::Loop& loop) {
  auto pair = co_await tcp_pair(loop);
  Gone gone(loop);
  pair.server->watch_close(&gone);
  pair.server->watch_close(nullptr);  // the wait stays pending
  // A reader gets the bytes that arrive although a wait is pending.
  EXPECT_TRUE((co_await write(*pair.client, "hello")).has_value());
  std::array<char, 8> block;
  auto got = co_await pair.server->read_some(block.data(), block.size());
  EXPECT_EQ(*got, 5U);
  EXPECT_EQ(gone.calls, 0);
  pair.server->watch_close(&gone);
  pair.client.reset();
  EXPECT_TRUE(co_await gone.event.wait(nullptr));
  EXPECT_EQ(gone.calls, 1);
  EXPECT_TRUE(pair.server->peer_closed());
}
TEST(TcpStream, TellsThatThePeerLeft) { run(watch); }

Task<void> watch_with_bytes(async::Loop& loop) {
  auto pair = co_await tcp_pair(loop);
  Gone gone(loop);
  EXPECT_TRUE((co_await write(*pair.client, "pipelined")).has_value());
  pair.server->watch_close(&gone);
  co_await async::sleep(loop, milliseconds(5), nullptr);
  EXPECT_EQ(gone.calls, 0);
  EXPECT_FALSE(pair.server->peer_closed());
  EXPECT_FALSE(pair.server->idle_and_open());
  EXPECT_TRUE(pair.client->idle_and_open());
  pair.client.reset();
  co_await async::sleep(loop, milliseconds(5), nullptr);
  EXPECT_TRUE(pair.server->peer_closed());
}
TEST(TcpStream, BytesThatWaitEndTheWatchButNotTheAsking) { run(watch_with_bytes); }

Task<void> reads_much(async::Loop& loop) {
  TcpPair pair = co_await tcp_pair(loop);
  constexpr int kBytes = 1000;
  EXPECT_TRUE((co_await write(*pair.client, std::string(kBytes, 'x'))).has_value());
  char byte = 0;
  EXPECT_TRUE((co_await pair.server->read_some(&byte, 1)).has_value());
  bool others_came = false;
  loop.post([&] { others_came = true; });
  int reads = 0;
  for (; !others_came && reads + 1 < kBytes; ++reads) {
    EXPECT_EQ((co_await pair.server->read_some(&byte, 1)).value_or(0), 1U);
  }
  EXPECT_TRUE(others_came) << "the reader had the loop to itself";
}
TEST(TcpStream, WhoAlwaysHasSomethingToReadKeepsNobodyWaiting) { run(reads_much); }

Task<void> refused(async::Loop& loop) {
  Endpoint closed;
  {
    auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
    closed = (*listener)->local();
  }
  auto stream = co_await tcp_connect(loop, closed, seconds(5), nullptr);
  EXPECT_EQ(stream.error().code, Code::upstream_unreachable);
  async::AbortSource abort;
  abort.abort(async::AbortReason::client_gone);
  stream = co_await tcp_connect(loop, closed, seconds(5), &abort);
  EXPECT_EQ(stream.error().code, Code::client_closed);
}
TEST(TcpConnect, Refused) { run(refused); }

Task<void> full_backlog(async::Loop& loop) {
  auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 0);
  std::vector<std::unique_ptr<TcpStream>> held;
  Code code = Code::internal;
  for (int i = 0; i < 8 && code == Code::internal; ++i) {
    auto stream = co_await tcp_connect(loop, (*listener)->local(), milliseconds(100), nullptr);
    if (stream) {
      held.push_back(std::move(*stream));
    } else {
      code = stream.error().code;
    }
  }
  EXPECT_EQ(code, Code::upstream_timeout);
}
TEST(TcpConnect, TimesOut) { run(full_backlog); }

Task<void> two_listeners(async::Loop& loop) {
  auto first = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
  auto second = Listener::bind(loop, (*first)->local(), 16);
  EXPECT_TRUE(second.has_value());
  auto bad = Listener::bind(loop, *Endpoint::parse("203.0.113.1:1"), 16);
  EXPECT_EQ(bad.error().code, Code::configuration);
  co_return;
}
TEST(Listener, SharesItsPort) { run(two_listeners); }

}  // namespace
}  // namespace gatehouse::net
