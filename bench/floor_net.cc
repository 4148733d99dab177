// The same as floor.cc over our own net room: what its streams and coroutines ask on top of the kernel, before any HTTP
// is looked at. Beside `floor` and `gatehouse` it tells how much of a request's cost is scheduling.
//
//   bench_floor_net UPSTREAM_PORT    prints its port as a line of JSON, ends with the signal that its starter sends
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "gatehouse/async/task_scope.h"
#include "gatehouse/net/tcp.h"

namespace {

using gatehouse::Task;
namespace async = gatehouse::async;
namespace net = gatehouse::net;

Task<void> pump(net::Stream& from, net::Stream& to) {
  std::array<char, 4096> block;
  for (;;) {
    const auto got = co_await from.read_some(block.data(), block.size());
    if (!got || *got == 0) break;
    std::array<std::string_view, 1> pieces{std::string_view(block.data(), *got)};
    auto sent = net::write_all(to, pieces);
    if (!(sent.ready() ? sent.take() : co_await sent.task())) break;
  }
  from.cancel();
  to.cancel();
}

Task<void> serve(async::Loop& loop, std::unique_ptr<net::TcpStream> client, net::Endpoint upstream) {
  auto server = co_await net::tcp_connect(loop, upstream, std::chrono::seconds(5), nullptr);
  if (!server) co_return;
  async::TaskScope both(loop, [](std::exception_ptr) {});
  both.spawn(pump(*client, **server));
  both.spawn(pump(**server, *client));
  co_await both.join();
}

Task<void> accept_all(async::Loop& loop, async::TaskScope& scope, net::Listener& listener, net::Endpoint upstream) {
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) co_return;
    scope.spawn(serve(loop, std::move(*client), upstream));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_floor_net UPSTREAM_PORT\n");
    return 2;
  }
  const auto any = *net::Endpoint::parse("127.0.0.1:0");
  net::Endpoint upstream = any;
  upstream.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  async::Loop loop;
  auto listener = net::Listener::bind(loop, any, 4096);
  if (!listener) return 2;
  std::printf("{\"event\":\"listening\",\"port\":%d,\"pid\":%d}\n", (*listener)->local().port, ::getpid());
  std::fflush(stdout);
  async::TaskScope scope(loop, [](std::exception_ptr) {});
  scope.spawn(accept_all(loop, scope, **listener, upstream));
  loop.run();
  return 0;
}
