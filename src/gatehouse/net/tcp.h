#pragma once

#include <cstdint>
#include <memory>

#include "gatehouse/async/abort.h"
#include "gatehouse/net/stream.h"

namespace gatehouse::net {

// A TCP connection. The descriptor is non-blocking; TLS streams use `fd` and the two waits.
class TcpStream final : public Stream {
 public:
  // Takes the descriptor over.
  TcpStream(async::Loop& loop, int fd, const Endpoint& peer, const Endpoint& local);
  ~TcpStream() override;

  Task<Result<std::size_t>> read_some(char* data, std::size_t size) override;
  Result<std::size_t> try_write(std::span<const std::string_view> pieces) override;
  Task<Result<void>> wait_writable() override;
  Task<Result<void>> wait_readable();
  // Calls `then` once when there is something to read or the wait ends otherwise, also after the stream has died.
  void when_readable(std::shared_ptr<void> state, void (*then)(void* state));
  // The same for room to write.
  void when_writable(std::shared_ptr<void> state, void (*then)(void* state));
  void shutdown_write() override;
  void cancel() override;
  void break_off() override;
  void watch_close(CloseWatcher* watcher) override;
  bool peer_closed() const override;
  bool idle_and_open() const override;
  const Endpoint& peer() const override;
  const Endpoint& local() const override;
  // Replaces what `peer` and `local` say, after a PROXY protocol header.
  void set_addresses(const Endpoint& peer, const Endpoint& local);
  int fd() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

// Connects within `timeout`. Errors: upstream_unreachable, upstream_timeout, or the abort's own.
Task<Result<std::unique_ptr<TcpStream>>> tcp_connect(async::Loop& loop, Endpoint to, base::Duration timeout,
                                                     async::AbortSource* abort);

// A listening socket of one loop. Several loops bind the same endpoint (SO_REUSEPORT) and the kernel spreads the
// connections among them.
class Listener {
 public:
  static Result<std::unique_ptr<Listener>> bind(async::Loop& loop, const Endpoint& at, int backlog);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The endpoint bound, with the port that the kernel chose where 0 was asked for.
  const Endpoint& local() const { return local_; }
  // Waits for a connection. Code::overloaded: out of descriptors, try again after a pause; Code::cancelled: closed.
  Task<Result<std::unique_ptr<TcpStream>>> accept();
  void close();

 private:
  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  Endpoint local_;
};

}  // namespace gatehouse::net
