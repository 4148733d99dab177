#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/async/eventually.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/async/task.h"
#include "gatehouse/base/error.h"
#include "gatehouse/net/address.h"

namespace gatehouse::net {

// What TLS established; empty strings on a plain stream.
struct TlsInfo {
  std::string version;       // "TLSv1.3"
  std::string alpn;          // "http/1.1" or ""
  std::string peer_subject;  // of a verified client certificate (RFC 2253)
  bool resumed = false;
};

// Hears that the peer has left. Called once, on the stream's loop.
class CloseWatcher {
 public:
  virtual void on_peer_closed() = 0;

 protected:
  ~CloseWatcher() = default;
};

// A connected byte stream: TCP, TLS over it, or a fake in a test. Owned by one session or one pooled connection, used
// on one loop's thread. The loop of a caller:
//     stream.deadline(30s);
//     auto got = co_await stream.read_some(at, size);   // 0: the peer ended its side
//     stream.no_deadline();
// Errors: Code::timed_out (the deadline passed), Code::cancelled (`cancel` was called), Code::closed (reset or broken
// pipe), Code::io or Code::upstream_tls else. After any of them nothing more is read.
class Stream : private async::TimerWheel::Entry, private async::Poller::PutOff {
 public:
  explicit Stream(async::Loop& loop) : loop_(loop) {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Waits for bytes; at most one read at a time. `size` >= 1.
  virtual Task<Result<std::size_t>> read_some(char* data, std::size_t size) = 0;
  // Writes as much of the pieces as goes without waiting; returns how many bytes went (0: the pipe is full).
  virtual Result<std::size_t> try_write(std::span<const std::string_view> pieces) = 0;
  virtual Task<Result<void>> wait_writable() = 0;
  // Tries to write when the batch of events under way is over, before anybody else goes on: the sends of a batch then
  // follow each other, and a receiver on another core is woken once for all of them. The caller's part:
  //     stream.put_off(pieces);
  //     co_await stream.loop().after_ready();
  //     auto written = stream.written();   // as of try_write
  // `pieces` and what they point to live until then.
  void put_off(std::span<const std::string_view> pieces) {
    put_off_ = pieces;
    written_ = 0;
    loop_.poller().send_after_batch(*this);
  }
  Result<std::size_t> written() { return std::move(written_); }
  // What was put off and has not gone yet will not go.
  void withdraw() { async::Poller::PutOff::unlink(); }
  // Ends our side in order (TLS close_notify, FIN), as far as that goes without waiting. Reading goes on.
  virtual void shutdown_write() = 0;
  // Every wait under way and every later one fails. What needs no waiting (`try_write`) still goes, so that a peer that
  // was too slow can be told so.
  virtual void cancel() = 0;
  // `cancel`, and the peer will see that the connection was broken and did not end: a reset over TCP, which loses what
  // is still under way; over TLS an end without close_notify says the same.
  virtual void break_off() { cancel(); }
  // Calls `watcher` when the peer closes or resets while nobody reads. Bytes that arrive are left alone; a stream may
  // stop watching then (and `peer_closed` still tells). One watcher at a time; nullptr stops it.
  virtual void watch_close(CloseWatcher* watcher) = 0;
  // Asks the kernel, without waiting: did the peer end its side, or reset?
  virtual bool peer_closed() const = 0;
  // Reusable from a pool: open, nothing to read, not ended by the peer.
  virtual bool idle_and_open() const = 0;

  // Coarse (50 ms): cancels the stream when it passes, and errors are then Code::timed_out.
  void deadline(base::Duration in) { loop_.arm(*this, in); }
  void no_deadline() { disarm(); }

  virtual const Endpoint& peer() const = 0;
  virtual const Endpoint& local() const = 0;
  virtual const TlsInfo* tls() const { return nullptr; }
  async::Loop& loop() const { return loop_; }

 protected:
  bool timed_out() const { return timed_out_; }
  // Of reads that need not wait, so many follow each other before the others of the loop have a turn: a peer that sends
  // as fast as we read would keep the loop, with its deadlines, to himself.
  static constexpr unsigned kReadsInRow = 8;
  Error cancelled_error() const { return Error(timed_out_ ? Code::timed_out : Code::cancelled); }

 private:
  void on_due() final {
    timed_out_ = true;
    cancel();
  }
  void send_now() final { written_ = try_write(put_off_); }

  async::Loop& loop_;
  std::span<const std::string_view> put_off_;
  Result<std::size_t> written_ = 0;
  bool timed_out_ = false;
};

// Writes all pieces; mostly at once, without a coroutine. `pieces` and what they point to live until it is done.
// `stall` bounds the time without progress (zero: the caller's own deadline holds).
Eventually<Result<void>> write_all(Stream& stream, std::span<std::string_view> pieces,
                                   base::Duration stall = base::Duration::zero());
// The same after `written` of them has been tried (Stream::put_off).
Eventually<Result<void>> write_rest(Stream& stream, std::span<std::string_view> pieces, Result<std::size_t> written,
                                    base::Duration stall = base::Duration::zero());

}  // namespace gatehouse::net
