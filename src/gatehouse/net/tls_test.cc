#include "gatehouse/net/tls.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "gatehouse/net/test_support.h"

namespace gatehouse::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Authority;
using testing::Gone;
using testing::Issued;
using testing::read;
using testing::rethrow;
using testing::run;
using testing::tcp_pair;
using testing::TcpPair;
using testing::TempDir;
using testing::write;

using ServerContext = std::shared_ptr<const TlsServerContext>;

struct TlsPair {
  Result<std::unique_ptr<Stream>> client = fail(Code::internal);
  Result<std::unique_ptr<Stream>> server = fail(Code::internal);
};

Task<void> accept_into(std::unique_ptr<TcpStream> tcp, ServerContext context, Result<std::unique_ptr<Stream>>& into) {
  into = co_await tls_accept(std::move(tcp), std::move(context), seconds(10));
}

// `send_buffer`: bytes the kernel holds for the client's writes (0: as it likes).
Task<TlsPair> tls_pair(async::Loop& loop, ServerContext server, TlsClientContext& client, std::string host,
                       int send_buffer = 0) {
  TcpPair tcp = co_await tcp_pair(loop);
  if (send_buffer > 0) ::setsockopt(tcp.client->fd(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
  TlsPair pair;
  async::TaskScope scope(loop, rethrow);
  scope.spawn(accept_into(std::move(tcp.server), std::move(server), pair.server));
  pair.client = co_await tls_connect(std::move(tcp.client), client, std::move(host), seconds(10), nullptr);
  co_await scope.join();
  co_return pair;
}

class Tls : public ::testing::Test {
 protected:
  Tls()
      : authority(dir, "ca"),
        issued(authority.issue({.name = "server", .alternatives = "DNS:localhost,IP:127.0.0.1"})) {}

  ServerContext server(TlsServerOptions options = {}) const {
    if (options.cert_file.empty()) {
      options.cert_file = issued.cert_file;
      options.key_file = issued.key_file;
    }
    auto loaded = TlsServerContext::load(options, base::SystemClock().wall());
    if (!loaded) throw std::runtime_error(loaded.error().to_string());
    return *loaded;
  }
  std::unique_ptr<TlsClientContext> client() const { return client({.ca_file = authority.file()}); }
  static std::unique_ptr<TlsClientContext> client(const TlsClientOptions& options) {
    auto loaded = TlsClientContext::load(options);
    if (!loaded) throw std::runtime_error(loaded.error().to_string());
    return std::move(*loaded);
  }
  // What a handshake fails with on the client's side; empty when it does not.
  std::string failure(const ServerContext& with, TlsClientContext& by, const std::string& host) const {
    std::string detail;
    run([&](async::Loop& loop) { return failed_handshake(loop, with, by, host, detail); });
    return detail;
  }
  static Task<void> failed_handshake(async::Loop& loop, ServerContext with, TlsClientContext& by, std::string host,
                                     std::string& detail) {
    auto pair = co_await tls_pair(loop, std::move(with), by, std::move(host));
    if (pair.client) co_return;
    EXPECT_EQ(pair.client.error().code, Code::upstream_tls);
    EXPECT_FALSE(pair.server.has_value());
    detail = pair.client.error().detail;
  }

  TempDir dir;
  Authority authority;
  Issued issued;
};

Task<void> talk(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, std::move(server), client, "localhost");
  Stream& a = **pair.client;
  Stream& b = **pair.server;
  EXPECT_EQ(a.tls()->version, "TLSv1.3");
  EXPECT_EQ(a.tls()->alpn, "http/1.1");
  EXPECT_EQ(b.tls()->alpn, "http/1.1");
  EXPECT_FALSE(a.tls()->resumed);
  EXPECT_EQ(b.tls()->peer_subject, "");
  EXPECT_EQ(a.peer(), b.local());
  EXPECT_EQ(b.peer(), a.local());
  // Small pieces make one record: one read brings them all.
  std::array<std::string_view, 4> pieces = {"HTTP/1.1 200 OK\r\n", "", "\r\n", "body"};
  auto written = a.try_write(pieces);
  EXPECT_EQ(written.value_or(0), 23U);
  std::array<char, 64> block;
  auto got = co_await b.read_some(block.data(), block.size());
  EXPECT_EQ(std::string_view(block.data(), got.value_or(0)), "HTTP/1.1 200 OK\r\n\r\nbody");
  // An end in order, half-closed: the other direction still works.
  a.shutdown_write();
  got = co_await b.read_some(block.data(), block.size());
  EXPECT_TRUE(got.has_value());
  EXPECT_EQ(*got, 0U);
  EXPECT_TRUE((co_await write(b, "late")).has_value());
  EXPECT_EQ(*co_await read(a, 4), "late");
}
TEST_F(Tls, ShakesHandsTalksAndEndsInOrder) {
  auto by = client();
  run([&](async::Loop& loop) { return talk(loop, server(), *by); });
}

constexpr std::size_t kBig = 12'000'000;

Task<void> send_big(Stream& stream, std::string_view all) {
  // Pieces of odd sizes, so that records begin and end anywhere in them.
  std::vector<std::string_view> pieces;
  std::size_t at = 0;
  for (std::size_t i = 0; at < all.size(); ++i) {
    const std::size_t size = (i % 7) * 9'973;
    pieces.push_back(all.substr(at, size));
    at += pieces.back().size();
  }
  auto e = write_all(stream, pieces, seconds(20));
  auto done = e.ready() ? e.take() : co_await e.task();
  EXPECT_TRUE(done.has_value());
  stream.shutdown_write();
}
Task<void> receive_big(Stream& stream, std::string& into) {
  std::vector<char> block(50'000);
  for (;;) {
    auto got = co_await stream.read_some(block.data(), block.size());
    EXPECT_TRUE(got.has_value());
    if (!got || *got == 0) co_return;
    into.append(block.data(), *got);
  }
}
std::string noise(std::size_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  for (auto& byte : bytes) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<char>(seed >> 56);
  }
  return bytes;
}
Task<void> big(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, std::move(server), client, "localhost");
  const std::string there = noise(kBig, 1);
  const std::string back = noise(kBig, 2);
  std::string got_there;
  std::string got_back;
  async::TaskScope scope(loop, rethrow);
  scope.spawn(send_big(**pair.client, there));
  scope.spawn(send_big(**pair.server, back));
  scope.spawn(receive_big(**pair.server, got_there));
  scope.spawn(receive_big(**pair.client, got_back));
  co_await scope.join();
  EXPECT_TRUE(got_there == there);
  EXPECT_TRUE(got_back == back);
}
TEST_F(Tls, CarriesMuchBothWaysAtOnce) {
  auto by = client();
  run([&](async::Loop& loop) { return big(loop, server(), *by); });
}

void set_buffer(int fd, int which, int bytes) {
  EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, which, &bytes, sizeof(bytes)), 0);
}

// The pipe is full when the writer ends, so that not even the end has room: it comes when there is some. Over a local
// socket, where a full pipe takes nothing at all; TCP still takes what fits into the segment begun last.
Task<void> full_pipe(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  const int fd = fds[0];
  TcpPair tcp{std::make_unique<TcpStream>(loop, fds[0], Endpoint(), Endpoint()),
              std::make_unique<TcpStream>(loop, fds[1], Endpoint(), Endpoint())};
  set_buffer(fd, SO_SNDBUF, 200'000);
  TlsPair pair;
  async::TaskScope scope(loop, rethrow);
  scope.spawn(accept_into(std::move(tcp.server), std::move(server), pair.server));
  pair.client = co_await tls_connect(std::move(tcp.client), client, "localhost", seconds(10), nullptr);
  co_await scope.join();
  const std::string all = noise(100'000, 4);
  std::array<std::string_view, 1> pieces = {all};
  EXPECT_EQ((*pair.client)->try_write(pieces).value_or(0), all.size());
  // Now the kernel holds more than it may.
  set_buffer(fd, SO_SNDBUF, 1);
  (*pair.client)->shutdown_write();
  std::string got;
  co_await receive_big(**pair.server, got);
  EXPECT_TRUE(got == all);
}
TEST_F(Tls, TheEndWaitsForRoom) {
  auto by = client();
  run([&](async::Loop& loop) { return full_pipe(loop, server(), *by); });
}

// The writer offers what is left in other pieces each time, sometimes less than what it offered before.
Task<void> changing_pieces(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, std::move(server), client, "localhost", 16'384);
  const std::string all = noise(3'000'000, 3);
  std::string got;
  async::TaskScope scope(loop, rethrow);
  std::size_t at = 0;
  std::size_t blocked = 0;
  std::size_t round = 0;
  bool reading = false;
  while (at < all.size()) {
    const std::string_view left = std::string_view(all).substr(at);
    const std::size_t first = 1 + (round * 7'919) % 5'000;
    const std::size_t second = round % 3 == 0 ? 0 : (round * 104'729) % 60'000;
    std::array<std::string_view, 2> pieces = {left.substr(0, first),
                                              left.size() > first ? left.substr(first, second) : std::string_view()};
    ++round;
    auto written = (*pair.client)->try_write(pieces);
    if (!written) {
      ADD_FAILURE() << written.error().to_string();
      co_return;
    }
    EXPECT_LE(*written, pieces[0].size() + pieces[1].size());
    at += *written;
    if (*written == pieces[0].size() + pieces[1].size()) continue;
    ++blocked;
    if (!reading) {
      scope.spawn(receive_big(**pair.server, got));
      reading = true;
    }
    // Offer the bytes again at once too: the pipe may still be full.
    if (round % 2 == 0) co_await (*pair.client)->wait_writable();
  }
  (*pair.client)->shutdown_write();
  co_await scope.join();
  EXPECT_GT(blocked, 0U);
  EXPECT_TRUE(got == all);
}
TEST_F(Tls, ShortWritesGoOnWhereTheyStopped) {
  auto by = client();
  run([&](async::Loop& loop) { return changing_pieces(loop, server(), *by); });
}

TEST_F(Tls, TheClientChecksTheCertificate) {
  auto by = client();
  EXPECT_EQ(failure(server(), *by, "localhost"), "");
  EXPECT_EQ(failure(server(), *by, "localhost."), "");
  EXPECT_EQ(failure(server(), *by, "127.0.0.1"), "");
  EXPECT_EQ(failure(server(), *by, "example.com"), "TLS with the provider failed: hostname mismatch");
  EXPECT_EQ(failure(server(), *by, "127.0.0.2"), "TLS with the provider failed: IP address mismatch");
  EXPECT_EQ(failure(server(), *by, ""), "TLS with the provider failed: its name cannot be used");

  const auto old =
      authority.issue({.name = "old", .alternatives = "DNS:localhost", .begins_in = -7200, .ends_in = -60});
  EXPECT_EQ(failure(server({.cert_file = old.cert_file, .key_file = old.key_file}), *by, "localhost"),
            "TLS with the provider failed: certificate has expired");

  const Authority other(dir, "other-ca");
  auto stranger = client({.ca_file = other.file()});
  EXPECT_EQ(failure(server(), *stranger, "localhost"),
            "TLS with the provider failed: unable to get local issuer certificate");
  auto system = client({});
  EXPECT_EQ(failure(server(), *system, "localhost"),
            "TLS with the provider failed: unable to get local issuer certificate");
  auto trusting = client({.insecure = true});
  EXPECT_EQ(failure(server(), *trusting, "example.com"), "");
}

TEST_F(Tls, ProtocolsThatDoNotMeet) {
  auto h2 = client();
  SSL_CTX_set_alpn_protos(h2->native(), reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  EXPECT_EQ(failure(server(), *h2, "localhost"),
            "TLS with the provider failed: it answered with the alert 'no application protocol'");
  SSL_CTX_set_alpn_protos(h2->native(), reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
  EXPECT_EQ(failure(server(), *h2, "localhost"), "");
  SSL_CTX_set_alpn_protos(h2->native(), nullptr, 0);
  EXPECT_EQ(failure(server(), *h2, "localhost"), "");

  auto old = client();
  SSL_CTX_set_max_proto_version(old->native(), TLS1_2_VERSION);
  EXPECT_EQ(failure(server(), *old, "localhost"), "");
  EXPECT_EQ(failure(server({.min_version = TlsVersion::tls1_3}), *old, "localhost"),
            "TLS with the provider failed: it answered with the alert 'protocol version'");
}

struct Outcome {
  bool accepted = false;
  std::string subject;
  std::string server_error;
  Code client_read = Code::internal;
};
Task<void> mutual(async::Loop& loop, ServerContext server, TlsClientContext& client, Outcome& outcome) {
  auto pair = co_await tls_pair(loop, std::move(server), client, "localhost");
  outcome.accepted = pair.server.has_value();
  if (pair.server) {
    outcome.subject = (*pair.server)->tls()->peer_subject;
    co_return;
  }
  outcome.server_error = pair.server.error().to_string();
  // In TLS 1.3 the client's handshake is over before the server has judged.
  EXPECT_TRUE(pair.client.has_value());
  auto got = co_await read(**pair.client, 1);
  EXPECT_FALSE(got.has_value());
  if (!got) outcome.client_read = got.error().code;
}

TEST_F(Tls, ClientCertificates) {
  const Authority people(dir, "people");
  const auto alice = people.issue({.name = "alice", .alternatives = ""});
  const Authority strangers(dir, "strangers");
  const auto mallory = strangers.issue({.name = "mallory", .alternatives = ""});
  const auto late = people.issue({.name = "late", .alternatives = "", .begins_in = -7200, .ends_in = -60});
  const auto with = [&](TlsClientAuth auth, const Issued* shown) {
    auto by = client();
    if (shown != nullptr) {
      SSL_CTX_use_certificate_file(by->native(), shown->cert_file.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(by->native(), shown->key_file.c_str(), SSL_FILETYPE_PEM);
    }
    Outcome outcome;
    const ServerContext context = server({.cert_file = issued.cert_file,
                                          .key_file = issued.key_file,
                                          .client_ca_file = people.file(),
                                          .client_auth = auth});
    run([&](async::Loop& loop) { return mutual(loop, context, *by, outcome); });
    return outcome;
  };
  EXPECT_EQ(with(TlsClientAuth::required, &alice).subject, "CN=alice");
  EXPECT_EQ(with(TlsClientAuth::optional, &alice).subject, "CN=alice");
  EXPECT_EQ(with(TlsClientAuth::none, &alice).subject, "");
  EXPECT_TRUE(with(TlsClientAuth::none, nullptr).accepted);
  const auto nobody = with(TlsClientAuth::optional, nullptr);
  EXPECT_TRUE(nobody.accepted);
  EXPECT_EQ(nobody.subject, "");

  auto refused = with(TlsClientAuth::required, nullptr);
  EXPECT_EQ(refused.server_error, "io: TLS with the client failed: it gave no certificate");
  EXPECT_EQ(refused.client_read, Code::upstream_tls);
  for (const auto auth : {TlsClientAuth::required, TlsClientAuth::optional}) {
    EXPECT_EQ(with(auth, &mallory).server_error,
              "io: TLS with the client failed: unable to get local issuer certificate");
    EXPECT_EQ(with(auth, &late).server_error, "io: TLS with the client failed: certificate has expired");
  }
}

Task<void> twice(async::Loop& loop, ServerContext server, TlsClientContext& client, std::vector<bool>& resumed) {
  for (int i = 0; i < 3; ++i) {
    TcpPair tcp = co_await tcp_pair(loop);
    TlsPair pair;
    // Sessions belong to a host and port; the ports of these pairs differ, as upstreams' do not.
    tcp.client->set_addresses(*Endpoint::parse("127.0.0.1:443"), tcp.client->local());
    async::TaskScope scope(loop, rethrow);
    scope.spawn(accept_into(std::move(tcp.server), server, pair.server));
    pair.client = co_await tls_connect(std::move(tcp.client), client, "localhost", seconds(10), nullptr);
    co_await scope.join();
    resumed.push_back((*pair.client)->tls()->resumed);
    EXPECT_EQ((*pair.server)->tls()->resumed, resumed.back());
    EXPECT_TRUE((co_await write(**pair.server, "x")).has_value());
    EXPECT_EQ(*co_await read(**pair.client, 1), "x");  // takes in the tickets of TLS 1.3 too
  }
}
TEST_F(Tls, ResumesSessions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto by = client();
    SSL_CTX_set_max_proto_version(by->native(), version);
    std::vector<bool> resumed;
    run([&](async::Loop& loop) { return twice(loop, server(), *by, resumed); });
    EXPECT_EQ(resumed, (std::vector<bool>{false, true, true})) << version;
    auto other = by->take_session("localhost:444");
    EXPECT_EQ(other, nullptr);
  }
}
TEST_F(Tls, ResumesSessionsWithClientCertificates) {
  const auto alice = authority.issue({.name = "alice", .alternatives = ""});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto by = client();
    SSL_CTX_set_max_proto_version(by->native(), version);
    SSL_CTX_use_certificate_file(by->native(), alice.cert_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(by->native(), alice.key_file.c_str(), SSL_FILETYPE_PEM);
    const ServerContext context = server({.cert_file = issued.cert_file,
                                          .key_file = issued.key_file,
                                          .client_ca_file = authority.file(),
                                          .client_auth = TlsClientAuth::required});
    std::vector<bool> resumed;
    run([&](async::Loop& loop) { return twice(loop, context, *by, resumed); });
    EXPECT_EQ(resumed, (std::vector<bool>{false, true, true})) << version;
  }
}

TEST_F(Tls, TheSessionCacheIsBounded) {
  auto by = client();
  const auto keep = [&](const std::string& origin) {
    SSL_SESSION* session = SSL_SESSION_new();
    const unsigned char id[] = {1};
    SSL_SESSION_set1_id(session, id, 1);
    SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION);
    by->keep_session(origin, session);
  };
  const auto take = [&](const std::string& origin) {
    SSL_SESSION* session = by->take_session(origin);
    SSL_SESSION_free(session);
    return session != nullptr;
  };
  for (int i = 0; i < 9; ++i) keep("a");
  std::size_t kept = 0;
  while (take("a")) ++kept;
  EXPECT_EQ(kept, TlsClientContext::kSessionsPerOrigin);
  keep("used");
  for (std::size_t i = 0; i + 2 < TlsClientContext::kOrigins; ++i) keep("o" + std::to_string(i));
  EXPECT_TRUE(take("used"));
  keep("used");
  keep("one more");
  keep("and another");
  EXPECT_TRUE(take("used"));
  EXPECT_FALSE(take("o0"));
  EXPECT_TRUE(take("o5"));
}

Task<void> cut(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, std::move(server), client, "localhost");
  EXPECT_TRUE((co_await write(**pair.server, "half of an answ")).has_value());
  pair.server->reset();
  EXPECT_EQ(*co_await read(**pair.client, 15), "half of an answ");
  auto got = co_await read(**pair.client, 1);
  EXPECT_EQ(got.error().code, Code::closed);
  got = co_await read(**pair.client, 1);
  EXPECT_EQ(got.error().code, Code::closed);
  EXPECT_FALSE((*pair.client)->idle_and_open());
}
TEST_F(Tls, AnEndWithoutCloseNotifyIsNoEnd) {
  auto by = client();
  run([&](async::Loop& loop) { return cut(loop, server(), *by); });
}

Task<void> broken_pipe(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, std::move(server), client, "localhost");
  pair.server->reset();
  std::array<std::string_view, 1> pieces = {"into the void"};
  Code code = Code::internal;
  for (int i = 0; i < 100 && code == Code::internal; ++i) {
    auto written = (*pair.client)->try_write(pieces);
    if (!written) code = written.error().code;
    if (written) co_await async::sleep(loop, milliseconds(1), nullptr);
  }
  EXPECT_EQ(code, Code::closed);
}
TEST_F(Tls, ABrokenPipeIsAnErrorAndNoSignal) {
  // Should a SIGPIPE be raised, it ends this process.
  ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);
  auto by = client();
  run([&](async::Loop& loop) { return broken_pipe(loop, server(), *by); });
}

Task<void> idle(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, std::move(server), client, "localhost");
  Stream& a = **pair.client;
  // The tickets of TLS 1.3 lie in the socket, unread.
  char byte = 0;
  EXPECT_TRUE(a.idle_and_open());
  EXPECT_TRUE(a.idle_and_open());
  SSL_SESSION* session = client.take_session("localhost:" + std::to_string(a.peer().port));
  EXPECT_NE(session, nullptr);  // they were taken in
  SSL_SESSION_free(session);
  EXPECT_TRUE((*pair.server)->idle_and_open());
  EXPECT_FALSE(a.peer_closed());
  EXPECT_TRUE((co_await write(**pair.server, "unasked")).has_value());
  EXPECT_FALSE(a.idle_and_open());
  EXPECT_EQ(*co_await read(a, 6), "unaske");
  EXPECT_FALSE(a.idle_and_open());  // one byte is left, decrypted
  auto got = co_await a.read_some(&byte, 1);
  EXPECT_EQ(*got, 1U);
  EXPECT_TRUE(a.idle_and_open());
  (*pair.server)->shutdown_write();
  EXPECT_FALSE(a.idle_and_open());
  EXPECT_TRUE(a.peer_closed());
}
TEST_F(Tls, TicketsDoNotMakeAnIdleStreamLookUsed) {
  auto by = client();
  run([&](async::Loop& loop) { return idle(loop, server(), *by); });
}

Task<void> watches(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, server, client, "localhost");
  Gone gone(loop);
  // Stopped and started again, with a request in between.
  (*pair.server)->watch_close(&gone);
  (*pair.server)->watch_close(nullptr);
  EXPECT_TRUE((co_await write(**pair.client, "hello")).has_value());
  EXPECT_EQ(*co_await read(**pair.server, 5), "hello");
  EXPECT_EQ(gone.calls, 0);
  (*pair.server)->watch_close(&gone);
  (*pair.client)->shutdown_write();  // close_notify and FIN
  EXPECT_TRUE(co_await gone.event.wait(nullptr));
  EXPECT_EQ(gone.calls, 1);
  EXPECT_TRUE((*pair.server)->peer_closed());

  // Cut off, without close_notify.
  auto cut_off = co_await tls_pair(loop, server, client, "localhost");
  gone.event.reset();
  (*cut_off.server)->watch_close(&gone);
  cut_off.client->reset();
  EXPECT_TRUE(co_await gone.event.wait(nullptr));
  EXPECT_EQ(gone.calls, 2);

  // A pipelined request ends the watch and is still there to be read.
  auto busy = co_await tls_pair(loop, server, client, "localhost");
  (*busy.server)->watch_close(&gone);
  EXPECT_TRUE((co_await write(**busy.client, "next")).has_value());
  co_await async::sleep(loop, milliseconds(5), nullptr);
  EXPECT_EQ(gone.calls, 2);
  EXPECT_FALSE((*busy.server)->idle_and_open());
  EXPECT_EQ(*co_await read(**busy.server, 4), "next");
  // A stream that dies with its watch pending.
  (*busy.server)->watch_close(&gone);
  busy.server->reset();
  busy.client->reset();
  co_await async::sleep(loop, milliseconds(5), nullptr);
  EXPECT_EQ(gone.calls, 2);
}
TEST_F(Tls, TellsThatThePeerLeft) {
  auto by = client();
  run([&](async::Loop& loop) { return watches(loop, server(), *by); });
}

Task<void> reads_until(Stream& stream, Result<std::string>& into) { into = co_await read(stream, 1); }
Task<void> stops(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  auto pair = co_await tls_pair(loop, server, client, "localhost");
  Result<std::string> got;
  async::TaskScope scope(loop, rethrow);
  scope.spawn(reads_until(**pair.client, got));
  co_await async::sleep(loop, milliseconds(2), nullptr);
  (*pair.client)->cancel();
  co_await scope.join();
  EXPECT_EQ(got.error().code, Code::cancelled);
  (*pair.server)->deadline(milliseconds(10));
  got = co_await read(**pair.server, 1);
  EXPECT_EQ(got.error().code, Code::timed_out);
  std::array<std::string_view, 1> pieces = {"x"};
  // A peer that was too slow can still be told so, and that this was all.
  EXPECT_EQ((*pair.server)->try_write(pieces).value_or(0), 1U);
  (*pair.server)->shutdown_write();

  // Handshakes that a silent peer holds up.
  TcpPair tcp = co_await tcp_pair(loop);
  auto late = co_await tls_accept(std::move(tcp.server), server, milliseconds(10));
  EXPECT_EQ(late.error().code, Code::timed_out);
  tcp = co_await tcp_pair(loop);
  late = co_await tls_connect(std::move(tcp.client), client, "localhost", milliseconds(10), nullptr);
  EXPECT_EQ(late.error().code, Code::upstream_timeout);
}
TEST_F(Tls, DeadlinesAndCancelEndIt) {
  auto by = client();
  run([&](async::Loop& loop) { return stops(loop, server(), *by); });
}

Task<void> connects(std::unique_ptr<TcpStream> tcp, TlsClientContext& client, async::AbortSource& abort, Code& code) {
  auto stream = co_await tls_connect(std::move(tcp), client, "localhost", seconds(60), &abort);
  if (!stream) code = stream.error().code;
}
Task<void> accepts(std::unique_ptr<TcpStream> tcp, ServerContext context, async::AbortSource& abort, Code& code) {
  auto stream = co_await tls_accept(std::move(tcp), std::move(context), seconds(60), &abort);
  if (!stream) code = stream.error().code;
}
Task<void> aborts(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  TcpPair one = co_await tcp_pair(loop);
  TcpPair two = co_await tcp_pair(loop);
  async::AbortSource abort;
  Code connecting = Code::internal;
  Code accepting = Code::internal;
  async::TaskScope scope(loop, rethrow);
  scope.spawn(connects(std::move(one.client), client, abort, connecting));
  scope.spawn(accepts(std::move(two.server), server, abort, accepting));
  co_await async::sleep(loop, milliseconds(2), nullptr);
  abort.abort(async::AbortReason::shutdown);
  co_await scope.join();
  EXPECT_EQ(connecting, Code::shutting_down);
  EXPECT_EQ(accepting, Code::shutting_down);
  // Aborted before it began.
  TcpPair three = co_await tcp_pair(loop);
  connecting = Code::internal;
  co_await connects(std::move(three.client), client, abort, connecting);
  EXPECT_EQ(connecting, Code::shutting_down);
}
TEST_F(Tls, AHandshakeIsAborted) {
  auto by = client();
  run([&](async::Loop& loop) { return aborts(loop, server(), *by); });
}

Task<void> strangers(async::Loop& loop, ServerContext server, TlsClientContext& client) {
  TcpPair tcp = co_await tcp_pair(loop);
  EXPECT_TRUE((co_await write(*tcp.client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).has_value());
  auto got = co_await tls_accept(std::move(tcp.server), server, seconds(5));
  EXPECT_EQ(got.error().to_string(), "io: TLS with the client failed: it speaks HTTP without TLS");
  tcp = co_await tcp_pair(loop);
  tcp.client.reset();
  got = co_await tls_accept(std::move(tcp.server), server, seconds(5));
  EXPECT_EQ(got.error().code, Code::closed);
  tcp = co_await tcp_pair(loop);
  tcp.server.reset();
  got = co_await tls_connect(std::move(tcp.client), client, "localhost", seconds(5), nullptr);
  EXPECT_EQ(got.error().to_string(), "upstream_tls: TLS with the provider failed: it ended the connection");
  tcp = co_await tcp_pair(loop);
  EXPECT_TRUE((co_await write(*tcp.server, "220 mail.example.com ESMTP\r\n")).has_value());
  got = co_await tls_connect(std::move(tcp.client), client, "localhost", seconds(5), nullptr);
  EXPECT_EQ(got.error().to_string(), "upstream_tls: TLS with the provider failed: wrong version number");
}
TEST_F(Tls, PeersThatDoNotSpeakIt) {
  auto by = client();
  run([&](async::Loop& loop) { return strangers(loop, server(), *by); });
}

// A peer on a thread of its own that uses OpenSSL's blocking calls, to send what our streams never do.
class RawClient {
 public:
  RawClient(std::uint16_t port, const std::string& ca_file, int version, std::function<void(SSL*)> talk)
      : thread_([=, talk = std::move(talk)] {
          SSL_CTX* context = SSL_CTX_new(TLS_client_method());
          SSL_CTX_set_max_proto_version(context, version);
          SSL_CTX_load_verify_file(context, ca_file.c_str());
          SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
          const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
          if (fd < 0) throw std::runtime_error("socket");
          sockaddr_storage address{};
          const socklen_t length = to_sockaddr({Address::v4({127, 0, 0, 1}), port}, address);
          EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), length), 0);
          const int on = 1;
          ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
          SSL* ssl = SSL_new(context);
          SSL_set_fd(ssl, fd);
          EXPECT_EQ(SSL_connect(ssl), 1);
          talk(ssl);
          SSL_free(ssl);
          ::close(fd);
          SSL_CTX_free(context);
        }) {}

 private:
  std::jthread thread_;
};

Task<Result<std::unique_ptr<Stream>>> accept_raw(Listener& listener, ServerContext server) {
  auto tcp = co_await listener.accept();
  if (!tcp) co_return std::unexpected(std::move(tcp.error()));
  co_return co_await tls_accept(std::move(*tcp), std::move(server), seconds(10));
}

Task<void> key_updates(async::Loop& loop, ServerContext server, std::string ca_file) {
  auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
  std::string echoed;
  {
    RawClient raw((*listener)->local().port, ca_file, TLS1_3_VERSION, [&echoed](SSL* ssl) {
      for (int i = 0; i < 20; ++i) {
        // Also asks the other side to update its key.
        EXPECT_EQ(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        EXPECT_EQ(SSL_write(ssl, "ping", 4), 4);
        std::array<char, 4> block{};
        EXPECT_EQ(SSL_read(ssl, block.data(), 4), 4);
        echoed.append(block.data(), 4);
      }
    });
    auto stream = co_await accept_raw(**listener, server);
    EXPECT_TRUE(stream.has_value());
    for (int i = 0; i < 20; ++i) {
      auto got = co_await read(**stream, 4);
      EXPECT_EQ(got.value_or("?"), "ping");
      EXPECT_TRUE((co_await write(**stream, "pong")).has_value());
    }
  }
  EXPECT_EQ(echoed.size(), 80U);
}
TEST_F(Tls, KeysAreRenewedOnTheWay) {
  run([&](async::Loop& loop) { return key_updates(loop, server(), authority.file()); });
}

Task<void> flood(async::Loop& loop, ServerContext server, std::string ca_file) {
  auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
  std::atomic<bool> stop = false;
  {
    RawClient raw((*listener)->local().port, ca_file, TLS1_3_VERSION, [&stop](SSL* ssl) {
      for (int i = 0; i < 2'000'000 && !stop; ++i) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        if (SSL_do_handshake(ssl) != 1) break;
      }
    });
    auto stream = co_await accept_raw(**listener, server);
    EXPECT_TRUE(stream.has_value());
    auto got = co_await read(**stream, 1);
    EXPECT_EQ(got.error().to_string(), "io: TLS: messages without data, without end");
    stop = true;
    stream->reset();
  }
}
TEST_F(Tls, MessagesWithoutDataDoNotGoOnForEver) {
  std::signal(SIGPIPE, SIG_IGN);  // the raw client's, not ours
  run([&](async::Loop& loop) { return flood(loop, server(), authority.file()); });
}

Task<void> renegotiation(async::Loop& loop, ServerContext server, std::string ca_file) {
  auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
  int told = 0;
  {
    RawClient raw((*listener)->local().port, ca_file, TLS1_2_VERSION, [&told](SSL* ssl) {
      EXPECT_EQ(SSL_renegotiate(ssl), 1);
      EXPECT_LE(SSL_do_handshake(ssl), 0);
      told = ERR_GET_REASON(ERR_peek_error());
    });
    auto stream = co_await accept_raw(**listener, server);
    EXPECT_EQ((*stream)->tls()->version, "TLSv1.2");
    auto got = co_await read(**stream, 1);
    EXPECT_FALSE(got.has_value());
  }
  EXPECT_EQ(told, SSL_R_NO_RENEGOTIATION);
}
TEST_F(Tls, DoesNotRenegotiate) {
  std::signal(SIGPIPE, SIG_IGN);
  run([&](async::Loop& loop) { return renegotiation(loop, server(), authority.file()); });
}

TEST_F(Tls, LoadingSaysWhatIsWrong) {
  const auto now = base::SystemClock().wall();
  const auto error = [&](const TlsServerOptions& options) {
    auto loaded = TlsServerContext::load(options, now);
    EXPECT_FALSE(loaded.has_value());
    return loaded ? std::string() : loaded.error().detail;
  };
  const auto other = authority.issue({.name = "another", .alternatives = ""});
  const std::string missing = dir.file("missing");
  const std::string junk = dir.write("junk", "not PEM");
  const std::string damaged = dir.write("damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const std::string locked = dir.file("locked");
  {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    BIO* bio = BIO_new_file(locked.c_str(), "w");
    PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "word", 4, nullptr, nullptr);
    BIO_free(bio);
    EVP_PKEY_free(key);
  }
  const std::string cert = issued.cert_file;
  const std::string key = issued.key_file;
  EXPECT_EQ(error({.cert_file = missing, .key_file = key}), "certificate " + missing + ": No such file or directory");
  EXPECT_EQ(error({.cert_file = cert, .key_file = missing}), "key " + missing + ": No such file or directory");
  EXPECT_EQ(error({.cert_file = junk, .key_file = key}), "certificate " + junk + ": holds no certificate in PEM form");
  EXPECT_TRUE(error({.cert_file = damaged, .key_file = key})
                  .starts_with("certificate " + damaged + ": block 1 cannot be read: "));
  EXPECT_EQ(error({.cert_file = cert, .key_file = junk}), "key " + junk + ": holds no private key in PEM form");
  EXPECT_EQ(error({.cert_file = cert, .key_file = locked}),
            "key " + locked + ": is protected by a passphrase; a key without one is needed");
  EXPECT_EQ(error({.cert_file = cert, .key_file = other.key_file}),
            "key " + other.key_file + ": does not belong to the first certificate in " + cert);
  EXPECT_EQ(error({.cert_file = dir.file(""), .key_file = key}),
            "certificate " + dir.file("") + ": is not a regular file");
  EXPECT_EQ(error({.cert_file = cert, .key_file = key, .client_auth = TlsClientAuth::required}),
            "TLS: client certificates are asked for, but no file names who may issue them");
  EXPECT_EQ(error({.cert_file = cert, .key_file = key, .client_ca_file = junk, .client_auth = TlsClientAuth::optional}),
            "client CA " + junk + ": holds no certificate in PEM form");
  EXPECT_EQ(TlsClientContext::load({.ca_file = junk}).error().detail,
            "CA " + junk + ": holds no certificate in PEM form");

  const auto warning = [&](const Issued& of, base::Duration later) {
    auto loaded = TlsServerContext::load({.cert_file = of.cert_file, .key_file = of.key_file},
                                         now + std::chrono::duration_cast<base::WallTime::duration>(later));
    EXPECT_TRUE(loaded.has_value());
    return (*loaded)->warnings().empty() ? std::string() : (*loaded)->warnings().front();
  };
  EXPECT_EQ(warning(issued, seconds(0)), "");
  EXPECT_TRUE(warning(issued, std::chrono::days(80)).starts_with("certificate " + cert + ": expires soon, on 20"));
  EXPECT_TRUE(warning(issued, std::chrono::days(91)).starts_with("certificate " + cert + ": expired on 20"));
  EXPECT_TRUE(warning(issued, -std::chrono::days(1)).starts_with("certificate " + cert + ": is not valid before 20"));
}

Task<void> reload(async::Loop& loop, ServerContext& server, ServerContext next, TlsClientContext& client) {
  auto before = co_await tls_pair(loop, server, client, "localhost");
  server = std::move(next);  // the old context now lives in its connections only
  auto after = co_await tls_pair(loop, server, client, "new.example");
  for (auto* pair : {&before, &after}) {
    EXPECT_TRUE((co_await write(**pair->client, "hello")).has_value());
    EXPECT_EQ(*co_await read(**pair->server, 5), "hello");
  }
}
TEST_F(Tls, AReloadLeavesConnectionsAlone) {
  auto by = client();
  const auto renewed = authority.issue({.name = "renewed", .alternatives = "DNS:new.example"});
  ServerContext current = server();
  ServerContext next = server({.cert_file = renewed.cert_file, .key_file = renewed.key_file});
  run([&](async::Loop& loop) { return reload(loop, current, next, *by); });
}

Task<void> outlives(async::Loop& loop, ServerContext server, std::unique_ptr<TlsClientContext> client) {
  auto pair = co_await tls_pair(loop, std::move(server), *client, "localhost");
  client.reset();
  // The tickets that arrive now have nowhere to go.
  EXPECT_TRUE((co_await write(**pair.server, "x")).has_value());
  EXPECT_EQ(*co_await read(**pair.client, 1), "x");
}
TEST_F(Tls, AStreamMayOutliveItsContext) {
  run([&](async::Loop& loop) { return outlives(loop, server(), client()); });
}

// The openssl program, as a peer nobody here wrote.
class Openssl {
 public:
  explicit Openssl(std::vector<std::string> arguments) {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (::pipe(to.data()) != 0 || ::pipe(from.data()) != 0) throw std::runtime_error("pipe");
    arguments.insert(arguments.begin(), "openssl");
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], 0);
      ::dup2(from[1], 1);
      const int nowhere = ::open("/dev/null", O_WRONLY);
      if (nowhere >= 0) ::dup2(nowhere, 2);
      ::close(to[1]);
      ::close(from[0]);
      ::execvp("openssl", argv.data());
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    in_ = to[1];
    out_ = from[0];
  }
  ~Openssl() {
    ::close(in_);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    ::close(out_);
  }
  Openssl(const Openssl&) = delete;
  Openssl& operator=(const Openssl&) = delete;

  void say(std::string_view text) const {
    EXPECT_EQ(::write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Blocks until the output has `end` after `begin`; returns what is between.
  std::string hear(std::string_view begin, std::string_view end) {
    for (;;) {
      const auto from = heard_.find(begin);
      const auto to = from == std::string::npos ? from : heard_.find(end, from + begin.size());
      if (to != std::string::npos) return heard_.substr(from + begin.size(), to - from - begin.size());
      std::array<char, 4096> block;
      const ssize_t got = ::read(out_, block.data(), block.size());
      if (got <= 0) return {};
      heard_.append(block.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::string heard_;
};

Task<void> s_server(async::Loop& loop, Endpoint at, TlsClientContext& client) {
  for (const bool again : {false, true}) {
    auto tcp = co_await tcp_connect(loop, at, seconds(5), nullptr);
    EXPECT_TRUE(tcp.has_value());
    auto stream = co_await tls_connect(std::move(*tcp), client, "localhost", seconds(10), nullptr);
    EXPECT_TRUE(stream.has_value());
    if (!stream) co_return;
    EXPECT_EQ((*stream)->tls()->alpn, "http/1.1");
    EXPECT_EQ((*stream)->tls()->resumed, again);
    EXPECT_TRUE((co_await write(**stream, "GET / HTTP/1.0\r\n\r\n")).has_value());
    std::string page;
    std::array<char, 4096> block;
    for (;;) {
      auto got = co_await (*stream)->read_some(block.data(), block.size());
      EXPECT_TRUE(got.has_value());
      if (!got || *got == 0) break;
      page.append(block.data(), *got);
    }
    EXPECT_TRUE(page.starts_with("HTTP/1.0 200 ok")) << page.substr(0, 100);
  }
}
TEST_F(Tls, TalksToOpensslServer) {
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    Openssl peer({"s_server", "-accept", "127.0.0.1:0", "-cert", issued.cert_file, "-key", issued.key_file, "-www",
                  "-alpn", "http/1.1", version});
    const std::string port = peer.hear("ACCEPT 127.0.0.1:", "\n");
    const auto at = Endpoint::parse("127.0.0.1:" + port);
    ASSERT_TRUE(at.has_value()) << port;
    auto by = client();
    run([&](async::Loop& loop) { return s_server(loop, *at, *by); });
  }
}

Task<void> s_client(Listener& listener, ServerContext server, std::string& heard) {
  auto stream = co_await accept_raw(listener, std::move(server));
  EXPECT_TRUE(stream.has_value());
  if (!stream) co_return;
  EXPECT_EQ((*stream)->tls()->alpn, "http/1.1");
  auto got = co_await read(**stream, 6);
  heard = got.value_or("?");
  EXPECT_TRUE((co_await write(**stream, "<answer>")).has_value());
  (*stream)->shutdown_write();
}
TEST_F(Tls, TalksToOpensslClient) {
  run([&](async::Loop& loop) -> Task<void> {
    auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
    return [](std::unique_ptr<Listener> at, ServerContext context, std::string ca_file) -> Task<void> {
      Openssl peer({"s_client", "-connect", at->local().to_string(), "-CAfile", ca_file, "-verify_return_error",
                    "-verify_hostname", "localhost", "-alpn", "http/1.1", "-quiet"});
      peer.say("hello\n");
      std::string heard;
      co_await s_client(*at, std::move(context), heard);
      EXPECT_EQ(heard, "hello\n");
      EXPECT_EQ(peer.hear("<", ">"), "answer");
    }(std::move(*listener), server(), authority.file());
  });
}

}  // namespace
}  // namespace gatehouse::net
