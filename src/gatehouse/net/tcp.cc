#include "gatehouse/net/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

namespace gatehouse::net {
namespace {

using Tcp = boost::asio::ip::tcp;
using Socket = boost::asio::basic_stream_socket<Tcp, async::Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<Tcp, async::Executor>;

constexpr std::size_t kMaxPieces = 16;

Tcp protocol_of(const Endpoint& endpoint) { return endpoint.address.is_v6() ? Tcp::v6() : Tcp::v4(); }

Error socket_error(int error) {
  switch (error) {
    case ECONNRESET:
    case EPIPE:
    case ENOTCONN:
    case ECONNABORTED:
      return Error(Code::closed);
    default:
      return Error(Code::io, std::system_category().message(error));
  }
}

void no_delay(int fd) {
  const int on = 1;
  // A head and its body go out in one write; waiting for more would only delay the small chunks of a stream.
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Endpoint name_of(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (ask(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return from_sockaddr(storage);
}

}  // namespace

// What a pending wait holds on to, so that it may outlive the stream.
struct TcpStream::Watch {
  TcpStream* stream = nullptr;
  CloseWatcher* watcher = nullptr;
  bool waiting = false;
};

struct TcpStream::Impl {
  Impl(async::Loop& loop, int fd, const Endpoint& p, const Endpoint& l)
      : socket(loop.context(), protocol_of(l), fd), peer(p), local(l) {}
  Socket socket;
  Endpoint peer;
  Endpoint local;
  std::shared_ptr<Watch> watch;
  bool cancelled = false;
};

TcpStream::TcpStream(async::Loop& loop, int fd, const Endpoint& peer, const Endpoint& local)
    : Stream(loop), impl_(std::make_unique<Impl>(loop, fd, peer, local)) {
  no_delay(fd);
}

TcpStream::~TcpStream() {
  if (impl_->watch) impl_->watch->stream = nullptr;
}

Task<Result<std::size_t>> TcpStream::read_some(char* data, std::size_t size) {
  if (impl_->cancelled) co_return std::unexpected(cancelled_error());
  boost::system::error_code error;
  const std::size_t got = co_await impl_->socket.async_receive(boost::asio::buffer(data, size), 0,
                                                               boost::asio::redirect_error(async::kAwait, error));
  if (!error) co_return got;
  if (error == boost::asio::error::eof) co_return std::size_t{0};
  if (impl_->cancelled) co_return std::unexpected(cancelled_error());
  co_return std::unexpected(socket_error(error.value()));
}

Result<std::size_t> TcpStream::try_write(std::span<const std::string_view> pieces) {
  std::array<iovec, kMaxPieces> vectors;
  std::size_t total = 0;
  for (;;) {
    std::size_t count = 0;
    std::size_t offered = 0;
    for (const auto& piece : pieces) {
      if (piece.empty()) continue;
      if (count == kMaxPieces) break;
      vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
      offered += piece.size();
    }
    if (count == 0) return total;
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(impl_->socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return total;
      return std::unexpected(socket_error(errno));
    }
    total += static_cast<std::size_t>(sent);
    if (pieces.size() <= kMaxPieces || static_cast<std::size_t>(sent) < offered) return total;
    // More pieces than one call takes, and all offered went.
    std::size_t passed = 0;
    while (passed < pieces.size() && count > 0) {
      if (!pieces[passed].empty()) --count;
      ++passed;
    }
    pieces = pieces.subspan(passed);
  }
}

Task<Result<void>> TcpStream::wait_writable() {
  if (impl_->cancelled) co_return std::unexpected(cancelled_error());
  boost::system::error_code error;
  co_await impl_->socket.async_wait(Socket::wait_write, boost::asio::redirect_error(async::kAwait, error));
  if (impl_->cancelled) co_return std::unexpected(cancelled_error());
  if (error) co_return std::unexpected(socket_error(error.value()));
  co_return Result<void>();
}

Task<Result<void>> TcpStream::wait_readable() {
  if (impl_->cancelled) co_return std::unexpected(cancelled_error());
  boost::system::error_code error;
  co_await impl_->socket.async_wait(Socket::wait_read, boost::asio::redirect_error(async::kAwait, error));
  if (impl_->cancelled) co_return std::unexpected(cancelled_error());
  if (error) co_return std::unexpected(socket_error(error.value()));
  co_return Result<void>();
}

void TcpStream::when_readable(std::shared_ptr<void> state, void (*then)(void* state)) {
  impl_->socket.async_wait(Socket::wait_read,
                           [state = std::move(state), then](const boost::system::error_code&) { then(state.get()); });
}

void TcpStream::when_writable(std::shared_ptr<void> state, void (*then)(void* state)) {
  impl_->socket.async_wait(Socket::wait_write,
                           [state = std::move(state), then](const boost::system::error_code&) { then(state.get()); });
}

void TcpStream::shutdown_write() {
  boost::system::error_code ignored;
  impl_->socket.shutdown(Socket::shutdown_send, ignored);
}

void TcpStream::cancel() {
  if (impl_->cancelled) return;
  impl_->cancelled = true;
  boost::system::error_code ignored;
  impl_->socket.cancel(ignored);
}

void TcpStream::break_off() {
  const linger at_once{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  cancel();
}

void TcpStream::watch_close(CloseWatcher* watcher) {
  if (watcher == nullptr && !impl_->watch) return;
  if (!impl_->watch) {
    impl_->watch = std::make_shared<Watch>();
    impl_->watch->stream = this;
  }
  impl_->watch->watcher = watcher;
  if (watcher != nullptr && !impl_->watch->waiting) start_watch();
}

void TcpStream::start_watch() {
  impl_->watch->waiting = true;
  // A wait that is still pending when the watcher goes is left where it is: it takes no bytes from the next reader.
  impl_->socket.async_wait(Socket::wait_read, [watch = impl_->watch](const boost::system::error_code&) {
    watch->waiting = false;
    if (watch->stream == nullptr || watch->watcher == nullptr || watch->stream->impl_->cancelled) return;
    if (watch->stream->peer_closed()) {
      std::exchange(watch->watcher, nullptr)->on_peer_closed();
      return;
    }
    char byte = 0;
    if (::recv(watch->stream->fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR)) {
      watch->stream->start_watch();
    }
  });
}

bool TcpStream::peer_closed() const {
  pollfd ask{impl_->socket.native_handle(), POLLRDHUP, 0};
  return ::poll(&ask, 1, 0) > 0 && (ask.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool TcpStream::idle_and_open() const {
  if (impl_->cancelled) return false;
  char byte = 0;
  return ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

const Endpoint& TcpStream::peer() const { return impl_->peer; }
const Endpoint& TcpStream::local() const { return impl_->local; }
void TcpStream::set_addresses(const Endpoint& peer, const Endpoint& local) {
  impl_->peer = peer;
  impl_->local = local;
}
// `native_handle` is not const in Asio, though it changes nothing.
int TcpStream::fd() const { return impl_->socket.native_handle(); }

namespace {

class ConnectGuard final : public async::AbortListener, public async::TimerWheel::Entry {
 public:
  explicit ConnectGuard(Socket& socket) : socket_(socket) {}
  void on_due() override {
    timed_out = true;
    stop();
  }
  bool timed_out = false;

 private:
  void on_abort() override { stop(); }
  void stop() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  Socket& socket_;
};

}  // namespace

Task<Result<std::unique_ptr<TcpStream>>> tcp_connect(async::Loop& loop, Endpoint to, base::Duration timeout,
                                                     async::AbortSource* abort) {
  Socket socket(loop.context());
  boost::system::error_code error;
  socket.open(protocol_of(to), error);
  if (error) co_return fail(Code::overloaded, "No socket could be opened");
  sockaddr_storage address{};
  const socklen_t length = to_sockaddr(to, address);
  Tcp::endpoint endpoint;
  endpoint.resize(length);
  std::memcpy(endpoint.data(), &address, length);
  ConnectGuard guard(socket);
  loop.arm(guard, timeout);
  if (abort != nullptr) {
    if (abort->aborted()) co_return std::unexpected(abort->error());
    abort->listen(guard);
  }
  co_await socket.async_connect(endpoint, boost::asio::redirect_error(async::kAwait, error));
  if (abort != nullptr && abort->aborted()) co_return std::unexpected(abort->error());
  if (guard.timed_out) co_return fail(Code::upstream_timeout, "The provider did not accept a connection in time");
  if (error) co_return fail(Code::upstream_unreachable, "The provider could not be reached");
  const int fd = socket.release(error);
  if (error) co_return fail(Code::internal, "A socket could not be handed over");
  co_return std::make_unique<TcpStream>(loop, fd, to, name_of(fd, &::getsockname));
}

struct Listener::Impl {
  explicit Impl(async::Loop& l) : loop(l), acceptor(l.context()) {}
  async::Loop& loop;
  Acceptor acceptor;
  bool closed = false;
};

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::bind(async::Loop& loop, const Endpoint& at, int backlog) {
  auto impl = std::make_unique<Impl>(loop);
  boost::system::error_code error;
  const auto failed = [&](const char* what) {
    return fail(Code::configuration, std::string(what) + " " + at.to_string() + ": " + error.message());
  };
  impl->acceptor.open(protocol_of(at), error);
  if (error) return failed("cannot open a socket for");
  const int on = 1;
  const int fd = impl->acceptor.native_handle();
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  sockaddr_storage address{};
  const socklen_t length = to_sockaddr(at, address);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    error.assign(errno, boost::system::system_category());
    return failed("cannot bind");
  }
  impl->acceptor.listen(backlog, error);
  if (error) return failed("cannot listen on");
  std::unique_ptr<Listener> listener(new Listener(std::move(impl)));
  listener->local_ = name_of(fd, &::getsockname);
  return listener;
}

Task<Result<std::unique_ptr<TcpStream>>> Listener::accept() {
  for (;;) {
    if (impl_->closed) co_return fail(Code::cancelled);
    boost::system::error_code error;
    Socket socket = co_await impl_->acceptor.async_accept(boost::asio::redirect_error(async::kAwait, error));
    if (impl_->closed) co_return fail(Code::cancelled);
    if (error) {
      switch (error.value()) {
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
          co_return fail(Code::overloaded, error.message());
        default:
          continue;  // The peer left before it was accepted.
      }
    }
    const int fd = socket.release(error);
    if (error) continue;
    co_return std::make_unique<TcpStream>(impl_->loop, fd, name_of(fd, &::getpeername), name_of(fd, &::getsockname));
  }
}

void Listener::close() {
  impl_->closed = true;
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
}

}  // namespace gatehouse::net
