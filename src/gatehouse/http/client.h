#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/async/abort.h"
#include "gatehouse/base/buffer.h"
#include "gatehouse/base/intrusive_list.h"
#include "gatehouse/http/body_decoder.h"
#include "gatehouse/http/body_source.h"
#include "gatehouse/http/duplex.h"
#include "gatehouse/http/head.h"
#include "gatehouse/net/stream.h"

// The client's side of HTTP/1.1: connections kept for reuse, and one exchange at a time on each.
namespace gatehouse::http {

// What is asked of an upstream. Everything borrowed lives until the exchange is over.
struct ClientRequest {
  Method method = Method::get;
  std::string_view head;                   // request line, fields and the empty line, ready to send
  std::span<const std::string_view> body;  // all of the body, framed by the head's content-length
  BodySource* body_source = nullptr;       // or a body to be pulled
  bool chunk_body = false;                 // frame what is pulled as chunks (the head says so)
  bool upgrade = false;                    // the head asks for another protocol: 101 is an answer
  base::Duration first_byte = std::chrono::seconds(300);
  base::Duration between_bytes = std::chrono::seconds(120);
  HeadLimits head_limits{.bytes = 64 * 1024, .fields = 200};
};

// One upstream connection. Owned by an exchange while in use, by the pool while idle.
class ClientConnection final : public base::ListNode {
 public:
  ClientConnection(std::unique_ptr<net::Stream> stream, std::uint64_t pool_key);

 private:
  friend class ClientExchange;
  friend class ClientPool;
  std::unique_ptr<net::Stream> stream_;
  base::Buffer in_;
  std::string out_;  // see ClientExchange::head_buffer
  ResponseHead head_;
  base::SteadyTime idle_since_{};
  std::uint64_t pool_key_;
  bool used_before_ = false;
};

class ClientPool;

// One request and its answer on one connection, for a single use: `run`, then pull the body with `next`. Destroyed
// early it closes the connection, so that the upstream stops working; after a whole answer the connection goes back to
// the pool. One loop's thread.
class ClientExchange final : public BodySource, private Duplex, private async::AbortListener {
 public:
  ClientExchange(ClientPool& pool, std::unique_ptr<ClientConnection> connection, async::AbortSource& abort);
  ~ClientExchange() override;

  // A place for the head of the request, whose memory stays with the connection.
  std::string& head_buffer() { return connection_->out_; }
  // Sends the request and waits for the head of the final answer (1xx are skipped, 101 is refused where it was not
  // asked for). Errors: upstream_timeout, upstream_broken, upstream_protocol, the abort's own, and the body source's.
  Task<Result<void>> run(const ClientRequest& request);
  const ResponseHead& head() const { return head_; }
  Eventually<Result<Piece>> next() override;
  // After 101: the connection, in place of a body. Null: the answer was another.
  Duplex* duplex() { return upgraded_ ? this : nullptr; }

  // Nothing of an answer came, the connection had been used before, and it ended at once: the server had closed it,
  // most likely before it saw the request.
  bool stale() const { return stale_; }
  bool reused() const { return reused_; }
  // The request's body was pulled from its source, so it cannot be sent again.
  bool body_spent() const { return body_spent_; }

 private:
  Task<Result<std::string_view>> read() override;
  Task<Result<void>> write(std::string_view bytes) override;
  void cancel() override;
  void on_abort() override;
  Task<Result<void>> send_pulled(const ClientRequest& request);
  std::optional<Result<Piece>> decode_piece();
  Task<Result<Piece>> wait_piece();
  Error broken(const Error& error, std::string_view what);

  ClientPool& pool_;
  std::unique_ptr<ClientConnection> connection_;
  async::AbortSource& abort_;
  ResponseHead& head_;  // in the connection: it is large, and need not be made anew for each exchange
  BodyDecoder decoder_;
  base::Buffer body_in_;  // what is read after the head; views of the head stay valid in the connection's buffer
  std::string_view rest_;
  base::Duration between_bytes_{};
  bool stale_ = false;
  bool reused_ = false;
  bool body_spent_ = false;
  bool finished_ = false;
  bool upgraded_ = false;
};

// The idle connections of one loop, by origin. Bounded by what the owner allows for each origin.
class ClientPool {
 public:
  struct Limits {
    std::uint32_t connections = 1024;  // to one origin, busy ones counted
    base::Duration idle = std::chrono::seconds(60);
  };
  ClientPool() = default;
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;

  // An idle connection that is still open (the one used last), or nothing. `key` stands for the origin and everything
  // that makes connections to it different (provider, TLS settings).
  std::unique_ptr<ClientConnection> take(std::uint64_t key);
  // A place for a new connection; false if all are in use.
  bool reserve(std::uint64_t key, const Limits& limits);
  void unreserve(std::uint64_t key);
  std::unique_ptr<ClientConnection> adopt(std::uint64_t key, std::unique_ptr<net::Stream> stream);

  // Closes what was idle too long or was closed by its server. For the worker's tick.
  void sweep();
  // Closes all idle connections and keeps none from now on.
  void close();
  struct Counts {
    std::uint32_t busy = 0;
    std::uint32_t idle = 0;
  };
  Counts counts(std::uint64_t key) const;

 private:
  friend class ClientExchange;
  struct Origin {
    std::uint64_t key = 0;
    Limits limits;
    Counts counts;
    base::IntrusiveList<ClientConnection> idle;
  };
  void give_back(std::unique_ptr<ClientConnection> connection);
  void drop(std::unique_ptr<ClientConnection> connection);
  static base::SteadyTime coarse_now(const ClientConnection& connection);
  Origin& origin(std::uint64_t key);
  const Origin* find(std::uint64_t key) const;

  std::vector<std::unique_ptr<Origin>> origins_;  // a handful: one for each provider
  bool closed_ = false;
};

}  // namespace gatehouse::http
