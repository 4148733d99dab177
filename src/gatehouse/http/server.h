#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/timer_wheel.h"
#include "gatehouse/base/buffer.h"
#include "gatehouse/http/body_decoder.h"
#include "gatehouse/http/body_source.h"
#include "gatehouse/http/duplex.h"
#include "gatehouse/http/head.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/net/stream.h"

// The server's side of HTTP/1.1: a session reads one request after the other from a stream, gives each to a Handler as
// an Incoming, and keeps the connection in step whatever the handler did.
namespace gatehouse::http {

// Milliseconds where nothing else is said; from the configuration's `limits` and `timeouts`.
struct ServerOptions {
  HeadLimits head;
  base::Duration head_timeout = std::chrono::seconds(10);   // from a request's first byte to the end of its head
  base::Duration body_timeout = std::chrono::seconds(60);   // a body of unknown length, or without a minimum rate
  std::uint64_t body_min_rate = 500;                        // bytes a second; 0: only body_timeout
  base::Duration idle_timeout = std::chrono::seconds(75);   // between requests
  base::Duration write_timeout = std::chrono::seconds(60);  // without progress
  std::uint32_t requests_per_connection = 0;                // 0: any number
};

class ServerSession;

// One request and its answer, as the handler sees them. Lives in the session, valid until the handler returns. Views of
// the head and of the body hold as long.
class Incoming final : public BodySource {
 public:
  const RequestHead& head() const;
  const net::Stream& stream() const;
  base::SteadyTime first_byte_at() const;  // of this request
  // Aborted when the client leaves; the handler may abort it too (its deadline), and hands it to whatever it starts.
  // Any reason but the client's leaving also ends a wait for the client's bytes, or for room to send him some, that is
  // under way.
  async::AbortSource& abort();

  // The whole body in one piece, however it was framed. More than `limit` bytes: Code::too_large, at once where the
  // length was declared. Instead of `next`, not after it.
  Eventually<Result<std::string_view>> whole_body(std::uint64_t limit);
  // The body piece by piece. The first call sends "100 Continue" where the client waits for it.
  Eventually<Result<Piece>> next() override;
  bool body_done() const;
  std::uint64_t body_bytes() const;  // received so far

  // The answer: begin_head, then fields appended to the string it gives, then send_whole or send_head.
  std::string& begin_head(int status);
  // Sends the head with content-length and the body in one gathered write (at most 12 pieces). The answer is finished.
  Eventually<Result<void>> send_whole(std::span<const std::string_view> body);
  // The head of an answer that comes in pieces; with a length where it is known. It waits for the first `write` or
  // `flush`, so that both go out together.
  void send_head(std::optional<std::uint64_t> length);
  Eventually<Result<void>> flush();
  Eventually<Result<void>> write(std::string_view bytes);
  // `write` and `finish` in one.
  Eventually<Result<void>> write_last(std::string_view bytes);
  // Without it the connection is broken off when the handler returns, so that no client takes a part for the whole.
  Eventually<Result<void>> finish();
  // Instead of an answer: sends the head that was begun with begin_head(101) and hands the connection over, with what
  // came behind the request. The request must have asked for it (RequestHead::upgrade) and have no body. The session
  // owns the duplex, until the handler returns; then the connection closes. The client's leaving is told by reads alone
  // from here on. Errors: client_closed.
  Task<Result<Duplex*>> upgrade();
  // The gateway stops taking requests: what goes on for long ends itself when it can.
  bool draining() const;
  // Closes the connection after this answer.
  void close_after();
  bool head_sent() const;            // something of the answer is on the wire
  std::uint64_t bytes_sent() const;  // of the body

 private:
  friend class ServerSession;
  explicit Incoming(ServerSession& session) : session_(session) {}
  ServerSession& session_;
};

// Answers requests. Shared by all sessions of a worker, outlives them.
class Handler {
 public:
  virtual ~Handler() = default;
  // Must not throw.
  virtual Task<void> handle(Incoming& incoming) = 0;
  // A request that no handler will see, because it is not HTTP as we take it or did not come in time: the body of the
  // answer (JSON). `client` as far as known; `begun`: what came of the request, unread.
  virtual std::string refuse_malformed(const Error& error, int status, const net::Endpoint& client,
                                       std::string_view begun) = 0;
  virtual std::string_view date() = 0;
};

// One connection's life. The owner awaits `run` (in a TaskScope) and may call `drain`.
class ServerSession final : private net::CloseWatcher, private async::TimerWheel::Entry, private Duplex {
 public:
  ServerSession(std::unique_ptr<net::Stream> stream, const ServerOptions& options, Handler& handler);
  Task<void> run();
  // No further request is taken: closes at once when idle, else after the answer under way.
  void drain();
  // Breaks off what is under way: whatever waits for the client or an upstream ends now, and what a handler still has
  // to say goes out as far as that needs no waiting.
  void abort(async::AbortReason reason);
  bool in_request() const { return in_request_; }

 private:
  friend class Incoming;
  enum class Answer : std::uint8_t { none, building, head_waiting, streaming, finished, broken };

  Task<bool> read_head();
  bool after_request();
  void skip_body();
  Task<void> answer_malformed(Error error, int status);
  Task<void> linger();

  Eventually<Result<std::string_view>> whole_body(std::uint64_t limit);
  Task<Result<std::string_view>> collect_body(std::uint64_t limit);
  Eventually<Result<Piece>> next_piece();
  Task<Result<Piece>> wait_piece();
  std::optional<Result<Piece>> decode_piece();
  Task<Result<void>> send_continue();
  Task<Result<void>> read_into(base::Buffer& buffer, std::size_t at_most);

  void close_head(std::optional<std::uint64_t> length);
  Eventually<Result<void>> send(std::span<std::string_view> pieces, Answer then);
  Task<Result<void>> send_later(std::span<std::string_view> pieces);
  Task<Result<void>> finish_send(Task<Result<void>> task);
  Result<void> sent_or_broken(Result<void> result);
  Eventually<Result<void>> write_piece(std::string_view bytes, bool last);

  Task<Result<Duplex*>> upgrade();
  Task<Result<std::string_view>> read() override;
  Task<Result<void>> write(std::string_view bytes) override;
  void cancel() override;

  void on_peer_closed() override;
  void on_due() override;

  std::unique_ptr<net::Stream> stream_;
  const ServerOptions& options_;
  Handler& handler_;
  Incoming incoming_{*this};
  async::AbortSource abort_;

  // `in_` begins with the head of the request under way and stays as it is while the request is served, for views
  // point into it. Bytes of the body that came later are in `raw_` (by the piece) or `body_` (in one piece).
  base::Buffer in_;
  base::Buffer raw_;
  base::Buffer body_;
  std::string_view rest_;  // received and not yet decoded: in in_, later in raw_
  bool rest_in_raw_ = false;
  RequestHead head_;
  BodyDecoder decoder_;
  std::uint64_t body_received_ = 0;
  base::SteadyTime first_byte_{};
  base::SteadyTime body_started_{};
  std::uint32_t requests_ = 0;

  std::string out_;  // the answer's head
  std::array<char, 24> chunk_line_{};
  std::array<std::string_view, 16> pieces_;
  std::uint64_t body_sent_ = 0;
  Answer answer_ = Answer::none;
  int status_ = 0;
  bool chunked_answer_ = false;
  bool ends_by_close_ = false;  // the answer's body ends with the connection
  bool on_the_wire_ = false;
  bool keep_alive_ = false;
  bool continue_due_ = false;
  bool draining_ = false;
  bool in_request_ = false;
};

}  // namespace gatehouse::http
