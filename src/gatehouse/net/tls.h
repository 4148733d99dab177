#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/async/abort.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/net/stream.h"
#include "gatehouse/net/tcp.h"

// OpenSSL's own names, so that its headers stay in the .cc files.
struct ssl_ctx_st;
struct ssl_session_st;

namespace gatehouse::net {

// `optional`: asked for; a certificate that is given must still be good.
enum class TlsClientAuth : std::uint8_t { none, optional, required };
enum class TlsVersion : std::uint8_t { tls1_2, tls1_3 };

struct TlsServerOptions {
  std::string cert_file{};       // PEM, the leaf first, then what links it to a root
  std::string key_file{};        // PEM, without a passphrase
  std::string client_ca_file{};  // PEM bundle; needed unless client_auth is none
  TlsClientAuth client_auth = TlsClientAuth::none;
  TlsVersion min_version = TlsVersion::tls1_2;
};

// What a listener shows its clients. Immutable and shared by all loops; a reload loads another one, and connections
// made with the old one keep it alive and their session tickets with it. ALPN: http/1.1 is chosen; a client that
// offers only other protocols is refused (RFC 7301 3.2).
class TlsServerContext {
 public:
  // Reads the files (blocking: at start and on reload, never on a loop that serves). Code::configuration says which
  // file and what is wrong with it.
  static Result<std::shared_ptr<const TlsServerContext>> load(const TlsServerOptions& options, base::WallTime now);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  // What does not stop it but an operator should hear of: expired, not valid yet, about to expire.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // When the leaf certificate ends.
  base::WallTime expires() const { return expires_; }
  ssl_ctx_st* native() const { return context_; }

 private:
  explicit TlsServerContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
  std::vector<std::string> warnings_;
  base::WallTime expires_{};
};

struct TlsClientOptions {
  std::string ca_file{};  // PEM bundle trusted instead of the system's; empty: the system's
  bool insecure = false;  // neither the certificate nor the name is checked
};

// How a loop's connections to upstreams trust and resume. Belongs to one loop's thread, as its session cache has no
// lock: every loop makes its own. Streams may outlive it. TLS 1.2 or later; the certificate and the name (or IP
// address) it was issued for are checked; SNI goes out for names only (RFC 6066 3).
class TlsClientContext {
 public:
  // Newest sessions kept for a host and port, and how many hosts and ports.
  static constexpr std::size_t kSessionsPerOrigin = 4;
  static constexpr std::size_t kOrigins = 256;

  // Reads `ca_file` (blocking). Code::configuration.
  static Result<std::unique_ptr<TlsClientContext>> load(const TlsClientOptions& options);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;

  ssl_ctx_st* native() const;
  bool insecure() const;
  // The newest session for "host:port", or nullptr; the caller frees it. TLS 1.3 ones are handed out once
  // (RFC 8446 C.4).
  ssl_session_st* take_session(std::string_view origin);
  // Takes the session over.
  void keep_session(std::string_view origin, ssl_session_st* session);

 private:
  struct Impl;
  explicit TlsClientContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// TLS over a connection just accepted or connected. The stream that comes back keeps the contract of Stream; besides:
// - the peer's FIN without close_notify is Code::closed, not the end of the stream: somebody may have cut it;
// - destroying it sends no close_notify, so that an answer broken off never looks complete; `shutdown_write` does, and
//   where the pipe is full it does so later, as long as the stream lives;
// - after a short write the next one begins with the bytes that did not go (they may be sealed in a record already);
// - session tickets and key updates that arrive while it is idle do not make it look used.
// Errors of tls_accept: timed_out, closed (the client left), io with the reason. Of tls_connect: upstream_timeout,
// upstream_tls with a reason ("certificate has expired", "hostname mismatch"), or the abort's own.
Task<Result<std::unique_ptr<Stream>>> tls_accept(std::unique_ptr<TcpStream> tcp,
                                                 std::shared_ptr<const TlsServerContext> context,
                                                 base::Duration timeout, async::AbortSource* abort = nullptr);

// `host` is a name or an IP literal (IPv6 without brackets). `context` lives until this returns.
Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<TcpStream> tcp, TlsClientContext& context,
                                                  std::string host, base::Duration timeout, async::AbortSource* abort);

}  // namespace gatehouse::net
