#include "gatehouse/net/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

namespace gatehouse::net {
namespace {

using Tcp = boost::asio::ip::tcp;
using Socket = boost::asio::basic_stream_socket<Tcp, async::Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<Tcp, async::Executor>;

constexpr std::size_t kMaxPieces = 16;
// Up to here it is cheaper to copy what is to be sent into one piece: the kernel asks some 200 ns for a list of pieces.
constexpr std::size_t kSendInOne = 4096;

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

ssize_t send_pieces(int fd, std::span<iovec> pieces, std::size_t size) {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (pieces.size() == 1) return ::send(fd, pieces.front().iov_base, size, kFlags);
  if (size <= kSendInOne) {
    std::array<char, kSendInOne> whole;
    std::size_t at = 0;
    for (const iovec& piece : pieces) {
      std::memcpy(whole.data() + at, piece.iov_base, piece.iov_len);
      at += piece.iov_len;
    }
    return ::send(fd, whole.data(), size, kFlags);
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(fd, &message, kFlags);
}

Endpoint name_of(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (ask(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return from_sockaddr(storage);
}

}  // namespace

// The connection as the poller sees it. Whoever waits is resumed straight from the poller's batch; an error that comes
// from elsewhere (`cancel`) is told after the batch, as its caller may be in the middle of anything.
class TcpStream::Impl final : public async::Poller::Watch, public std::enable_shared_from_this<TcpStream::Impl> {
 public:
  using ReadDone = std::move_only_function<void(Result<std::size_t>)>;
  using WaitDone = std::move_only_function<void(Result<void>)>;
  using Callback = std::pair<std::shared_ptr<void>, void (*)(void*)>;
  static constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

  Impl(TcpStream& of, int descriptor, const Endpoint& p, const Endpoint& l)
      : peer(p), local(l), fd(descriptor), stream_(&of), poller_(of.loop().poller()) {}
  ~Impl() override { ::close(fd); }

  // Not in the constructor: the poller shares in it.
  void open() { registered_ = poller_.add(fd, shared_from_this()); }
  // The stream dies. Whoever still waits goes with it, unresumed.
  void leave() {
    stream_ = nullptr;
    if (registered_) poller_.remove(fd, shared_from_this());
    drop_waits();
  }

  // Reads now if something may be there; nothing: it has to be waited for.
  std::optional<Result<std::size_t>> read_now(char* data, std::size_t size) {
    if (cancelled) return std::unexpected(stream_->cancelled_error());
    if (!registered_) return std::unexpected(Error(Code::io, "The connection could not be watched"));
    while (may_read_) {
      const ssize_t got = ::recv(fd, data, size, MSG_DONTWAIT);
      if (got >= 0) {
        // Less than asked for: nothing is left, and what comes next will be told.
        may_read_ = ended_ || static_cast<std::size_t>(got) == size;
        return static_cast<std::size_t>(got);
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return std::unexpected(socket_error(errno));
      may_read_ = false;
    }
    return std::nullopt;
  }
  void wait_read(char* data, std::size_t size, ReadDone done) {
    read_data_ = data;
    read_size_ = size;
    read_done_ = std::move(done);
    poller_.wait_begins();
  }
  void wait_readable(WaitDone done) {
    readable_done_ = std::move(done);
    poller_.wait_begins();
  }
  void wait_writable(WaitDone done) {
    writable_done_ = std::move(done);
    poller_.wait_begins();
  }
  void when(short wanted, Callback callback) {
    if (ready(wanted) || !registered_) {
      poller_.after_batch([callback = std::move(callback)] { callback.second(callback.first.get()); });
    } else {
      (wanted == POLLIN ? readable_callbacks_ : writable_callbacks_).push_back(std::move(callback));
    }
  }
  bool ready(short wanted) const {
    pollfd ask{fd, static_cast<short>(wanted | POLLRDHUP), 0};
    return ::poll(&ask, 1, 0) > 0;
  }

  void watch_close(CloseWatcher* watcher) { watcher_ = watcher; }

  void cancel() {
    if (cancelled) return;
    cancelled = true;
    if (!read_done_ && !readable_done_ && !writable_done_) return;
    poller_.after_batch([self = shared_from_this()] {
      if (self->stream_ != nullptr) self->fail_waits(self->stream_->cancelled_error());
    });
  }

  void collect(std::uint32_t events) override {
    if ((events & kEnd) != 0) ended_ = true;
    if ((events & (EPOLLIN | kEnd)) == 0) return;
    may_read_ = true;
    if (read_done_) collected_ = read_now(read_data_, read_size_);
  }

  void on_events(std::uint32_t events) override {
    const auto self = shared_from_this();
    if ((events & (EPOLLIN | kEnd)) != 0) {
      if (collected_) {
        // Since it was collected the stream may have been cancelled, or have died with who waited.
        auto got = std::exchange(collected_, std::nullopt);
        if (cancelled && stream_ != nullptr) *got = std::unexpected(stream_->cancelled_error());
        if (read_done_) finish(read_done_, std::move(*got));
      }
      if (stream_ != nullptr && readable_done_) finish(readable_done_, Result<void>());
      call(readable_callbacks_);
      if (stream_ != nullptr && ended_ && watcher_ != nullptr) std::exchange(watcher_, nullptr)->on_peer_closed();
    }
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
      if (stream_ != nullptr && writable_done_) finish(writable_done_, Result<void>());
      call(writable_callbacks_);
    }
  }

  void abandon() override {
    registered_ = false;
    const auto self = shared_from_this();
    drop_waits();
  }

  Endpoint peer;
  Endpoint local;
  const int fd;
  bool cancelled = false;
  unsigned reads_in_row = 0;

 private:
  template <class Done, class R>
  void finish(Done& done, R result) {
    auto taken = std::exchange(done, nullptr);
    poller_.wait_ends();
    taken(std::move(result));
  }
  void fail_waits(const Error& error) {
    if (read_done_) finish(read_done_, Result<std::size_t>(std::unexpected(error)));
    if (readable_done_) finish(readable_done_, Result<void>(std::unexpected(error)));
    if (writable_done_) finish(writable_done_, Result<void>(std::unexpected(error)));
  }
  template <class Done>
  void drop(Done& done) {
    if (!done) return;
    const auto dropped = std::exchange(done, nullptr);
    poller_.wait_ends();
  }
  void drop_waits() {
    drop(read_done_);
    drop(readable_done_);
    drop(writable_done_);
    readable_callbacks_.clear();
    writable_callbacks_.clear();
  }
  static void call(std::vector<Callback>& callbacks) {
    std::vector<Callback> now;
    now.swap(callbacks);
    for (auto& [state, then] : now) then(state.get());
  }

  TcpStream* stream_;
  async::Poller& poller_;
  CloseWatcher* watcher_ = nullptr;
  ReadDone read_done_;
  char* read_data_ = nullptr;
  std::size_t read_size_ = 0;
  std::optional<Result<std::size_t>> collected_;  // in this batch, and not yet told
  WaitDone readable_done_;
  WaitDone writable_done_;
  std::vector<Callback> readable_callbacks_;
  std::vector<Callback> writable_callbacks_;
  bool registered_ = false;
  bool may_read_ = true;  // whether a read may bring something
  bool ended_ = false;    // the peer ended or broke its side: reads do not wait any more
};

TcpStream::TcpStream(async::Loop& loop, int fd, const Endpoint& peer, const Endpoint& local)
    : Stream(loop), impl_(std::make_shared<Impl>(*this, fd, peer, local)) {
  no_delay(fd);
  impl_->open();
}

TcpStream::~TcpStream() { impl_->leave(); }

namespace {

// Something that is there already, as a task.
template <class T>
Task<Result<T>> there(Result<T> value) {
  co_return value;
}
template <class T>
Task<Result<T>> after_others(async::Loop& loop, Result<T> value) {
  co_await loop.after_ready();
  co_return value;
}

}  // namespace

Task<Result<std::size_t>> TcpStream::read_some(char* data, std::size_t size) {
  if (auto got = impl_->read_now(data, size)) {
    if (++impl_->reads_in_row < kReadsInRow) return there(std::move(*got));
    impl_->reads_in_row = 0;
    return after_others(loop(), std::move(*got));
  }
  impl_->reads_in_row = 0;
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<async::Executor>, void(Result<std::size_t>)>(
      [](auto done, Impl* impl, char* at, std::size_t most) { impl->wait_read(at, most, std::move(done)); },
      async::kAwait, impl_.get(), data, size);
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
    const ssize_t sent = send_pieces(impl_->fd, std::span(vectors).first(count), offered);
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
  if (impl_->cancelled) return there(Result<void>(std::unexpected(cancelled_error())));
  if (impl_->ready(POLLOUT)) return there(Result<void>());
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<async::Executor>, void(Result<void>)>(
      [](auto done, Impl* impl) { impl->wait_writable(std::move(done)); }, async::kAwait, impl_.get());
}

Task<Result<void>> TcpStream::wait_readable() {
  if (impl_->cancelled) return there(Result<void>(std::unexpected(cancelled_error())));
  if (impl_->ready(POLLIN)) return there(Result<void>());
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<async::Executor>, void(Result<void>)>(
      [](auto done, Impl* impl) { impl->wait_readable(std::move(done)); }, async::kAwait, impl_.get());
}

void TcpStream::when_readable(std::shared_ptr<void> state, void (*then)(void* state)) {
  impl_->when(POLLIN, {std::move(state), then});
}

void TcpStream::when_writable(std::shared_ptr<void> state, void (*then)(void* state)) {
  impl_->when(POLLOUT, {std::move(state), then});
}

void TcpStream::shutdown_write() { ::shutdown(impl_->fd, SHUT_WR); }

void TcpStream::cancel() { impl_->cancel(); }

void TcpStream::break_off() {
  const linger at_once{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  cancel();
}

void TcpStream::watch_close(CloseWatcher* watcher) { impl_->watch_close(watcher); }

bool TcpStream::peer_closed() const {
  pollfd ask{impl_->fd, POLLRDHUP, 0};
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
int TcpStream::fd() const { return impl_->fd; }

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
