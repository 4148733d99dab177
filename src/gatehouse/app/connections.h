#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "gatehouse/async/task_scope.h"
#include "gatehouse/http/server.h"
#include "gatehouse/net/tcp.h"
#include "gatehouse/net/tls.h"
#include "gatehouse/observe/log.h"

namespace gatehouse::app {

// How connections are taken; changed by a reload, for connections accepted from then on.
struct AcceptOptions {
  std::shared_ptr<const net::TlsServerContext> tls;  // null: plain
  bool proxy_protocol = false;
  std::uint32_t max_connections = 20000;
  base::Duration tls_timeout = std::chrono::seconds(10);
};

// The listeners of one loop and the sessions that came of them. Accepts, does PROXY protocol and TLS, runs sessions,
// and ends them in order. One loop's thread; `join` before it dies.
class Connections {
 public:
  // All but the options outlive it. `on_count` hears of every change in the number of connections.
  Connections(async::Loop& loop, http::Handler& handler, observe::LimitedLog& log, std::function<void(int)> on_count);

  Result<net::Endpoint> listen(const net::Endpoint& at, int backlog);
  // Starts accepting on every listener.
  void start();
  void set_options(AcceptOptions accept, const http::ServerOptions& server);
  // No new connections; idle ones are closed, the others after the answer under way.
  void drain();
  // Breaks off what is left.
  void abort();
  Task<void> join() { return scope_.join(); }
  std::size_t open() const { return open_; }
  // Whether nothing of it runs any more: what `join` waits for, without waiting.
  bool finished() const { return scope_.running() == 0; }

 private:
  Task<void> accept_loop(net::Listener& listener);
  Task<void> serve(std::unique_ptr<net::TcpStream> tcp);

  async::Loop& loop_;
  http::Handler& handler_;
  observe::LimitedLog& log_;
  std::function<void(int)> on_count_;
  async::TaskScope scope_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::set<http::ServerSession*> sessions_;
  AcceptOptions accept_;
  http::ServerOptions server_options_;
  std::size_t open_ = 0;
  bool draining_ = false;
};

}  // namespace gatehouse::app
