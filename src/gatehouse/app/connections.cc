#include "gatehouse/app/connections.h"

#include <array>
#include <exception>
#include <utility>

#include "gatehouse/net/proxy_protocol.h"

namespace gatehouse::app {
namespace {

constexpr base::Duration kPause = std::chrono::milliseconds(100);

std::string what(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown";
  }
}

// Counts a connection for as long as it lives.
class Counted {
 public:
  Counted(std::size_t& count, const std::function<void(int)>& on_count) : count_(count), on_count_(on_count) {
    ++count_;
    on_count_(1);
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    --count_;
    on_count_(-1);
  }

 private:
  std::size_t& count_;
  const std::function<void(int)>& on_count_;
};

template <class Set, class T>
class Member {
 public:
  Member(Set& set, T* item) : set_(set), item_(item) { set_.insert(item_); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member() { set_.erase(item_); }

 private:
  Set& set_;
  T* item_;
};

}  // namespace

Connections::Connections(async::Loop& loop, http::Handler& handler, observe::LimitedLog& log,
                         std::function<void(int)> on_count)
    : loop_(loop), handler_(handler), log_(log), on_count_(std::move(on_count)), scope_(loop, [this](auto error) {
        log_.warn(async::Loop::now(), "connection_failed", {{"error", what(error)}});
      }) {}

Result<net::Endpoint> Connections::listen(const net::Endpoint& at, int backlog) {
  auto listener = net::Listener::bind(loop_, at, backlog);
  if (!listener) return std::unexpected(std::move(listener.error()));
  listeners_.push_back(std::move(*listener));
  return listeners_.back()->local();
}

void Connections::start() {
  for (auto& listener : listeners_) scope_.spawn(accept_loop(*listener));
}

void Connections::set_options(AcceptOptions accept, const http::ServerOptions& server) {
  accept_ = std::move(accept);
  server_options_ = server;
}

void Connections::drain() {
  draining_ = true;
  for (auto& listener : listeners_) listener->close();
  for (auto* session : sessions_) session->drain();
}

void Connections::abort() {
  scope_.abort_source().abort(async::AbortReason::shutdown);
  for (auto* session : sessions_) session->abort(async::AbortReason::shutdown);
}

Task<void> Connections::accept_loop(net::Listener& listener) {
  for (;;) {
    auto tcp = co_await listener.accept();
    if (!tcp) {
      if (tcp.error().code == Code::cancelled) co_return;
      log_.warn(async::Loop::now(), "accept_failed", {{"detail", tcp.error().detail}});
      if (!co_await async::sleep(loop_, kPause, &scope_.abort_source())) co_return;
      continue;
    }
    if (open_ >= accept_.max_connections) {
      // Better told than left to wait: there is no place, and there may be one soon.
      constexpr std::array<std::string_view, 1> kFull{
          "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"};
      if (!accept_.tls) (void)(*tcp)->try_write(kFull);
      log_.warn(async::Loop::now(), "too_many_connections", {{"limit", accept_.max_connections}});
      continue;
    }
    scope_.spawn(serve(std::move(*tcp)));
  }
}

Task<void> Connections::serve(std::unique_ptr<net::TcpStream> tcp) {
  const Counted counted(open_, on_count_);
  if (accept_.proxy_protocol) {
    const async::AbortCallback on_abort(scope_.abort_source(), [&stream = *tcp] { stream.cancel(); });
    auto header = co_await net::read_proxy_header(*tcp, server_options_.head_timeout);
    if (!header) {
      log_.warn(async::Loop::now(), "proxy_header_refused", {{"detail", header.error().to_string()}});
      co_return;
    }
  }
  std::unique_ptr<net::Stream> stream;
  if (accept_.tls) {
    auto secured = co_await net::tls_accept(std::move(tcp), accept_.tls, accept_.tls_timeout, &scope_.abort_source());
    if (!secured) {
      log_.warn(async::Loop::now(), "tls_handshake_failed", {{"detail", secured.error().to_string()}});
      co_return;
    }
    stream = std::move(*secured);
  } else {
    stream = std::move(tcp);
  }
  if (draining_) co_return;
  http::ServerSession session(std::move(stream), server_options_, handler_);
  const Member member(sessions_, &session);
  co_await session.run();
}

}  // namespace gatehouse::app
