#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "gatehouse/base/buffer.h"
#include "gatehouse/net/tls.h"

namespace gatehouse::net {
namespace {

constexpr std::size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;
// Rounds of reading that brought tickets and key updates only, in a row: a peer that sends nothing else is cut off.
constexpr int kMaxQuietRounds = 16;

// OpenSSL's own socket BIO writes with SIGPIPE raised, so we bring ours.
struct Wire {
  int fd = -1;
  int error = 0;         // errno of the last call that failed for good
  bool blocked = false;  // the last receive had nothing
  bool ended = false;    // FIN
};

Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

int wire_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  for (;;) {
    const ssize_t sent = ::send(wire_of(bio).fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<int>(sent);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      BIO_set_retry_write(bio);
    } else {
      wire_of(bio).error = errno;
    }
    return -1;
  }
}

int wire_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  Wire& wire = wire_of(bio);
  for (;;) {
    const ssize_t got = ::recv(wire.fd, data, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got == 0) wire.ended = true;
    if (got >= 0) return static_cast<int>(got);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wire.blocked = true;
      BIO_set_retry_read(bio);
    } else {
      wire.error = errno;
    }
    return -1;
  }
}

long wire_control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return wire_of(bio).ended ? 1 : 0;
    default:
      return 0;
  }
}

BIO* new_wire(Wire& wire) {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gatehouse");
    BIO_meth_set_write(method, wire_write);
    BIO_meth_set_read(method, wire_read);
    BIO_meth_set_ctrl(method, wire_control);
    return method;
  }();
  BIO* bio = BIO_new(kMethod);
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, FreeSsl>;

enum class Role : std::uint8_t { server, client };

// Takes bytes from the front of several pieces.
class Pieces {
 public:
  explicit Pieces(std::span<const std::string_view> pieces) : pieces_(pieces) {}

  // The next bytes for one record: where they lie if they lie together, else gathered in `block`.
  std::string_view next(std::span<char, kRecord> block) {
    skip(0);
    if (pieces_.empty()) return {};
    const std::string_view first = pieces_.front().substr(offset_);
    if (first.size() >= kRecord || pieces_.size() == 1) return first.substr(0, kRecord);
    std::size_t filled = 0;
    std::size_t offset = offset_;
    for (const std::string_view piece : pieces_) {
      const std::string_view part = piece.substr(offset, kRecord - filled);
      if (!part.empty()) std::memcpy(block.data() + filled, part.data(), part.size());
      filled += part.size();
      offset = 0;
      if (filled == kRecord) break;
    }
    return {block.data(), filled};
  }
  // Returns how many there were to skip.
  std::size_t skip(std::size_t count) {
    std::size_t skipped = 0;
    while (!pieces_.empty()) {
      const std::size_t left = pieces_.front().size() - offset_;
      if (left > count - skipped) {
        offset_ += count - skipped;
        return count;
      }
      skipped += left;
      offset_ = 0;
      pieces_ = pieces_.subspan(1);
    }
    return skipped;
  }

 private:
  std::span<const std::string_view> pieces_;
  std::size_t offset_ = 0;
};

class TlsStream final : public Stream {
 public:
  // `origin` is the client's key into its session cache.
  TlsStream(std::unique_ptr<TcpStream> tcp, Ssl ssl, Role role, std::string origin);
  ~TlsStream() override;

  Task<Result<void>> handshake();

  Task<Result<std::size_t>> read_some(char* data, std::size_t size) override;
  Result<std::size_t> try_write(std::span<const std::string_view> pieces) override;
  Task<Result<void>> wait_writable() override;
  void shutdown_write() override;
  void cancel() override;
  void watch_close(CloseWatcher* watcher) override;
  bool peer_closed() const override;
  bool idle_and_open() const override;
  const Endpoint& peer() const override { return tcp_->peer(); }
  const Endpoint& local() const override { return tcp_->local(); }
  const TlsInfo* tls() const override { return &info_; }

 private:
  // What a pending wait holds on to, so that it may outlive the stream.
  struct Link {
    TlsStream* stream = nullptr;
    CloseWatcher* watcher = nullptr;
    bool watching = false;
  };
  enum class Seen : std::uint8_t { nothing, bytes, end };

  void begin() const;
  Seen look() const;
  Error failure(int kind) const;
  Error reason() const;
  // OpenSSL asked for more input though there is some: it has dealt with a message that is not data.
  bool goes_on(int kind) const;
  const std::shared_ptr<Link>& link();
  void start_watch();
  void take_info();

  std::unique_ptr<TcpStream> tcp_;
  // OpenSSL's state moves on also where the stream's does not: a look at an idle stream takes in tickets.
  mutable Wire wire_;
  mutable std::optional<Error> broken_;
  mutable int quiet_rounds_ = 0;
  Ssl ssl_;
  std::string origin_;
  TlsInfo info_;
  std::shared_ptr<Link> link_;  // made when it is first needed
  base::Buffer unsent_;         // what a write that found the pipe full must be repeated with
  std::size_t sent_ahead_ = 0;  // bytes gone that the caller was not told of
  unsigned reads_in_row_ = 0;
  Role role_;
  bool established_ = false;
  bool cancelled_ = false;
  bool write_needs_input_ = false;
};

TlsStream::TlsStream(std::unique_ptr<TcpStream> tcp, Ssl ssl, Role role, std::string origin)
    : Stream(tcp->loop()), tcp_(std::move(tcp)), ssl_(std::move(ssl)), origin_(std::move(origin)), role_(role) {
  wire_.fd = tcp_->fd();
  BIO* bio = new_wire(wire_);
  SSL_set_bio(ssl_.get(), bio, bio);
  // An idle connection holds no buffers; a repeated write may come from another place.
  SSL_set_mode(ssl_.get(),
               SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
  // One receive for a record's head and body, and for the small records behind it.
  SSL_set_read_ahead(ssl_.get(), 1);
  SSL_set_options(ssl_.get(), SSL_OP_NO_RENEGOTIATION);
  if (role_ == Role::server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_app_data(ssl_.get(), &origin_);
    SSL_set_connect_state(ssl_.get());
  }
}

TlsStream::~TlsStream() {
  if (link_) link_->stream = nullptr;
  // Without this OpenSSL takes an end without close_notify for a reason never to resume the session.
  // (After a fatal alert it has done so already.)
  if (established_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

// Before every call: OpenSSL's error queue is the thread's, and what another connection left there would be taken for
// this one's failure.
void TlsStream::begin() const {
  ERR_clear_error();
  wire_.blocked = false;
  wire_.error = 0;
}

bool TlsStream::goes_on(int kind) const {
  return kind == SSL_ERROR_WANT_READ && !wire_.blocked && ++quiet_rounds_ <= kMaxQuietRounds;
}

// In words for an operator; of the caller's text and of keys it says nothing.
Error TlsStream::reason() const {
  const Code code = role_ == Role::client ? Code::upstream_tls : Code::io;
  const auto say = [&](const std::string& why) {
    return Error(code,
                 (role_ == Role::client ? "TLS with the provider failed: " : "TLS with the client failed: ") + why);
  };
  const unsigned long error = ERR_peek_error();
  const int number = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) {
    const char* text = ERR_reason_error_string(error);
    return say(text != nullptr ? text : "unknown reason");
  }
  switch (number) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return say(X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get())));
    case SSL_R_HTTP_REQUEST:
      return say("it speaks HTTP without TLS");
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return say("no common protocol; http/1.1 is needed");
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return say("it gave no certificate");
    default:
      break;
  }
  if (number > SSL_AD_REASON_OFFSET) {
    return say(std::string("it answered with the alert '") + SSL_alert_desc_string_long(number - SSL_AD_REASON_OFFSET) +
               "'");
  }
  const char* text = ERR_reason_error_string(error);
  return say(text != nullptr ? text : "unknown reason");
}

Error TlsStream::failure(int kind) const {
  if (kind == SSL_ERROR_WANT_READ) {
    broken_ = Error(role_ == Role::client ? Code::upstream_tls : Code::io, "TLS: messages without data, without end");
  } else if (kind != SSL_ERROR_SSL && wire_.error != 0) {
    const bool gone = wire_.error == ECONNRESET || wire_.error == EPIPE || wire_.error == ENOTCONN;
    broken_ = gone ? Error(Code::closed) : Error(Code::io, std::system_category().message(wire_.error));
  } else if (wire_.ended && kind != SSL_ERROR_SSL) {
    broken_ = Error(Code::closed);
  } else if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    broken_ = Error(Code::closed, "The connection ended without the end of TLS");
  } else {
    broken_ = reason();
  }
  ERR_clear_error();
  return *broken_;
}

Task<Result<void>> TlsStream::handshake() {
  for (;;) {
    if (cancelled_) co_return std::unexpected(cancelled_error());
    begin();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) break;
    const int kind = SSL_get_error(ssl_.get(), result);
    Result<void> waited;
    if (kind == SSL_ERROR_WANT_READ) {
      waited = co_await tcp_->wait_readable();
    } else if (kind == SSL_ERROR_WANT_WRITE) {
      waited = co_await tcp_->wait_writable();
    } else {
      co_return std::unexpected(failure(kind));
    }
    if (cancelled_) co_return std::unexpected(cancelled_error());
    if (!waited) co_return waited;
  }
  established_ = true;
  take_info();
  co_return Result<void>();
}

void TlsStream::take_info() {
  info_.version = SSL_get_version(ssl_.get());
  info_.resumed = SSL_session_reused(ssl_.get()) == 1;
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  if (size > 0) info_.alpn.assign(reinterpret_cast<const char*>(protocol), size);
  X509* certificate = role_ == Role::server ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return;
  BIO* text = BIO_new(BIO_s_mem());
  if (text == nullptr) return;
  X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long length = BIO_get_mem_data(text, &data);
  if (length > 0) info_.peer_subject.assign(data, static_cast<std::size_t>(length));
  BIO_free(text);
}

Task<Result<std::size_t>> TlsStream::read_some(char* data, std::size_t size) {
  for (;;) {
    if (cancelled_) co_return std::unexpected(cancelled_error());
    if (broken_) co_return std::unexpected(*broken_);
    begin();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), data, size, &got);
    if (result == 1) {
      quiet_rounds_ = 0;
      if (++reads_in_row_ >= kReadsInRow) {
        reads_in_row_ = 0;
        co_await loop().after_ready();
      }
      co_return got;
    }
    reads_in_row_ = 0;
    const int kind = SSL_get_error(ssl_.get(), result);
    if (kind == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
    if (goes_on(kind)) continue;
    Result<void> waited;
    if (kind == SSL_ERROR_WANT_READ && wire_.blocked) {
      waited = co_await tcp_->wait_readable();
    } else if (kind == SSL_ERROR_WANT_WRITE) {
      waited = co_await tcp_->wait_writable();
    } else {
      co_return std::unexpected(failure(kind));
    }
    if (cancelled_) co_return std::unexpected(cancelled_error());
    if (!waited) co_return std::unexpected(std::move(waited.error()));
  }
}

Result<std::size_t> TlsStream::try_write(std::span<const std::string_view> pieces) {
  if (broken_) return std::unexpected(*broken_);
  std::array<char, kRecord> block;
  Pieces left(pieces);
  std::size_t taken = 0;
  for (;;) {
    // A write that found the pipe full may be sealed in a record by now: it is repeated with the very same bytes, which
    // the caller was not told of; he is, once they have gone.
    const bool again = !unsent_.empty();
    if (!again && sent_ahead_ > 0) {
      const std::size_t told = left.skip(sent_ahead_);
      sent_ahead_ -= told;
      taken += told;
    }
    const std::string_view next = again ? unsent_.view() : left.next(block);
    if (next.empty() || (!again && sent_ahead_ > 0)) return taken;
    begin();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), next.data(), next.size(), &written);
    if (result == 1) {
      if (again) {
        unsent_.consume(written);
        unsent_.release();
        sent_ahead_ += written;
      } else {
        left.skip(written);
        taken += written;
      }
      continue;
    }
    const int kind = SSL_get_error(ssl_.get(), result);
    if (kind != SSL_ERROR_WANT_WRITE && kind != SSL_ERROR_WANT_READ) return std::unexpected(failure(kind));
    write_needs_input_ = kind == SSL_ERROR_WANT_READ;
    if (!again) unsent_.append(next);
    return taken;
  }
}

Task<Result<void>> TlsStream::wait_writable() {
  if (cancelled_) co_return std::unexpected(cancelled_error());
  if (broken_) co_return std::unexpected(*broken_);
  auto waited = write_needs_input_ ? co_await tcp_->wait_readable() : co_await tcp_->wait_writable();
  write_needs_input_ = false;
  if (cancelled_) co_return std::unexpected(cancelled_error());
  co_return waited;
}

void TlsStream::shutdown_write() {
  // In the middle of a record there is no orderly end.
  if (established_ && !broken_ && unsent_.empty()) {
    begin();
    const int result = SSL_shutdown(ssl_.get());
    const bool full = result < 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    if (full && !cancelled_) {
      // A FIN before the close_notify would make a whole answer look cut off: both wait for room in the pipe.
      tcp_->when_writable(link(), [](void* state) {
        TlsStream* stream = static_cast<Link*>(state)->stream;
        if (stream != nullptr && !stream->cancelled_) stream->shutdown_write();
      });
      return;
    }
  }
  tcp_->shutdown_write();
}

void TlsStream::cancel() {
  cancelled_ = true;
  tcp_->cancel();
}

TlsStream::Seen TlsStream::look() const {
  for (;;) {
    if (broken_) return Seen::end;
    begin();
    char byte = 0;
    std::size_t got = 0;
    const int result = SSL_peek_ex(ssl_.get(), &byte, 1, &got);
    if (result == 1) {
      quiet_rounds_ = 0;
      return Seen::bytes;
    }
    const int kind = SSL_get_error(ssl_.get(), result);
    if (kind == SSL_ERROR_ZERO_RETURN) return Seen::end;
    if (goes_on(kind)) continue;
    if (kind == SSL_ERROR_WANT_WRITE || (kind == SSL_ERROR_WANT_READ && wire_.blocked)) return Seen::nothing;
    failure(kind);
  }
}

const std::shared_ptr<TlsStream::Link>& TlsStream::link() {
  if (!link_) {
    link_ = std::make_shared<Link>();
    link_->stream = this;
  }
  return link_;
}

void TlsStream::watch_close(CloseWatcher* watcher) {
  if (watcher == nullptr && !link_) return;
  link()->watcher = watcher;
  if (watcher != nullptr && !link_->watching) start_watch();
}

// Not TcpStream's own watch: a client that leaves sends close_notify before its FIN, and those bytes would end it.
void TlsStream::start_watch() {
  link_->watching = true;
  tcp_->when_readable(link_, [](void* state) {
    auto* link = static_cast<Link*>(state);
    link->watching = false;
    if (link->stream == nullptr || link->watcher == nullptr || link->stream->cancelled_) return;
    const Seen seen = link->stream->look();
    if (seen == Seen::end || link->stream->tcp_->peer_closed()) {
      std::exchange(link->watcher, nullptr)->on_peer_closed();
    } else if (seen == Seen::nothing) {
      link->stream->start_watch();
    }
  });
}

bool TlsStream::peer_closed() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0 || tcp_->peer_closed();
}

bool TlsStream::idle_and_open() const {
  // Part of a record counts as something to read: what it will be is not known.
  return !cancelled_ && unsent_.empty() && look() == Seen::nothing && SSL_has_pending(ssl_.get()) == 0;
}

struct CancelStream {
  TlsStream* stream;
  void operator()() const { stream->cancel(); }
};

Task<Result<std::unique_ptr<Stream>>> shake_hands(std::unique_ptr<TlsStream> stream, base::Duration timeout,
                                                  async::AbortSource* abort) {
  std::optional<async::AbortCallback<CancelStream>> on_abort;
  if (abort != nullptr) on_abort.emplace(*abort, CancelStream{stream.get()});
  stream->deadline(timeout);
  auto done = co_await stream->handshake();
  stream->no_deadline();
  if (abort != nullptr && abort->aborted()) co_return std::unexpected(abort->error());
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return stream;
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> tls_accept(std::unique_ptr<TcpStream> tcp,
                                                 std::shared_ptr<const TlsServerContext> context,
                                                 base::Duration timeout, async::AbortSource* abort) {
  // The SSL object keeps OpenSSL's context for as long as the stream lives.
  Ssl ssl(SSL_new(context->native()));
  if (!ssl) co_return fail(Code::overloaded, "No TLS connection could be made");
  auto stream = std::make_unique<TlsStream>(std::move(tcp), std::move(ssl), Role::server, std::string());
  co_return co_await shake_hands(std::move(stream), timeout, abort);
}

Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<TcpStream> tcp, TlsClientContext& context,
                                                  std::string host, base::Duration timeout, async::AbortSource* abort) {
  Ssl ssl(SSL_new(context.native()));
  if (!ssl) co_return fail(Code::overloaded, "No TLS connection could be made");
  // "example.com." is the same host, but no certificate has the dot.
  if (host.ends_with('.')) host.pop_back();
  X509_VERIFY_PARAM* verify = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool literal = Address::parse(host).has_value();
  const bool named = literal ? X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str()) == 1
                             : !host.empty() && X509_VERIFY_PARAM_set1_host(verify, host.data(), host.size()) == 1 &&
                                   SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  if (!named) {
    ERR_clear_error();
    co_return fail(Code::upstream_tls, "TLS with the provider failed: its name cannot be used");
  }
  std::string origin = host + ":" + std::to_string(tcp->peer().port);
  if (SSL_SESSION* session = context.take_session(origin)) {
    SSL_set_session(ssl.get(), session);
    SSL_SESSION_free(session);
  }
  auto stream = std::make_unique<TlsStream>(std::move(tcp), std::move(ssl), Role::client, std::move(origin));
  auto done = co_await shake_hands(std::move(stream), timeout, abort);
  if (done) co_return done;
  Error& error = done.error();
  if (abort != nullptr && abort->aborted()) co_return done;
  if (error.code == Code::timed_out) {
    co_return fail(Code::upstream_timeout, "The provider did not finish the TLS handshake in time");
  }
  if (error.code == Code::closed) {
    co_return fail(Code::upstream_tls, "TLS with the provider failed: it ended the connection");
  }
  co_return done;
}

}  // namespace gatehouse::net
