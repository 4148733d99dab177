#include "gatehouse/net/dns.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/net/connector.h"
#include "gatehouse/net/test_support.h"

namespace gatehouse::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::read;
using testing::rethrow;
using testing::run;
using testing::write;

enum class Type : std::uint16_t { a = 1, cname = 5, aaaa = 28 };

// What the server says to one question.
struct Reply {
  std::vector<Address> addresses;  // of either family; those of the type asked for go out
  std::uint32_t ttl = 60;
  std::uint8_t code = 0;  // 2: server failure, 3: no such name
  bool silent = false;
  bool cut = false;  // over UDP: truncated, ask again over TCP
};

// A DNS server on loopback, UDP and TCP, on a thread of its own.
class DnsServer {
 public:
  explicit DnsServer(std::function<Reply(const std::string& name)> script) : script_(std::move(script)) {
    // The two ports must be the same; the kernel chooses the first, the second may be taken by somebody else.
    for (int attempt = 0; attempt < 50; ++attempt) {
      udp_ = ::socket(AF_INET, SOCK_DGRAM, 0);
      tcp_ = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_storage address{};
      socklen_t length = to_sockaddr({Address::v4({127, 0, 0, 1}), 0}, address);
      auto* any = reinterpret_cast<sockaddr*>(&address);
      if (::bind(udp_, any, length) == 0 && ::getsockname(udp_, any, &length) == 0 && ::bind(tcp_, any, length) == 0 &&
          ::listen(tcp_, 8) == 0) {
        port_ = from_sockaddr(address).port;
        break;
      }
      ::close(udp_);
      ::close(tcp_);
    }
    if (port_ == 0 || ::pipe(stop_.data()) != 0) throw std::runtime_error("no port for the DNS server");
    thread_ = std::thread([this] { serve(); });
  }
  ~DnsServer() {
    ::close(stop_[1]);
    thread_.join();
    for (const int fd : {stop_[0], udp_, tcp_}) ::close(fd);
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  std::string servers() const { return "127.0.0.1:" + std::to_string(port_); }
  int questions() const { return questions_; }
  int over_tcp() const { return over_tcp_; }

 private:
  void serve() {
    std::array<pollfd, 3> polled = {{{stop_[0], POLLIN, 0}, {udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
    for (;;) {
      if (::poll(polled.data(), polled.size(), -1) < 0) continue;
      if (polled[0].revents != 0) return;
      if (polled[1].revents != 0) {
        std::array<char, 512> block;
        sockaddr_storage from{};
        socklen_t length = sizeof(from);
        auto* sender = reinterpret_cast<sockaddr*>(&from);
        const ssize_t got = ::recvfrom(udp_, block.data(), block.size(), 0, sender, &length);
        if (got > 0) {
          const std::string reply = answer({block.data(), static_cast<std::size_t>(got)}, false);
          if (!reply.empty()) ::sendto(udp_, reply.data(), reply.size(), 0, sender, length);
        }
      }
      if (polled[2].revents != 0) {
        const int fd = ::accept(tcp_, nullptr, nullptr);
        if (fd < 0) continue;
        std::array<unsigned char, 2> size{};
        std::string question;
        // One question a connection, or two when both types come at once.
        while (::recv(fd, size.data(), 2, MSG_WAITALL) == 2) {
          question.resize(static_cast<std::size_t>(size[0]) << 8 | size[1]);
          if (::recv(fd, question.data(), question.size(), MSG_WAITALL) < 12) break;
          ++over_tcp_;
          std::string reply = answer(question, true);
          reply.insert(0, {static_cast<char>(reply.size() >> 8), static_cast<char>(reply.size())});
          ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
        }
        ::close(fd);
      }
    }
  }

  static void put16(std::string& out, std::uint16_t value) {
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value);
  }

  std::string answer(std::string_view question, bool tcp) {
    ++questions_;
    std::string name;
    std::size_t at = 12;
    while (at < question.size() && question[at] != 0) {
      if (!name.empty()) name += '.';
      const auto size = static_cast<std::size_t>(static_cast<unsigned char>(question[at]));
      name += question.substr(at + 1, size);
      at += 1 + size;
    }
    const auto type = static_cast<Type>(static_cast<unsigned char>(question[at + 2]));
    const std::string_view asked = question.substr(12, at + 5 - 12);
    const Reply reply = script_(name);
    if (reply.silent) return {};
    const bool cut = reply.cut && !tcp;
    std::vector<Address> found;
    for (const auto& address : reply.addresses) {
      if (address.is_v6() == (type == Type::aaaa) && !cut) found.push_back(address);
    }
    std::string out(question.substr(0, 2));
    out += static_cast<char>(0x81 | (cut ? 0x02 : 0));
    out += static_cast<char>(0x80 | reply.code);
    put16(out, 1);
    put16(out, static_cast<std::uint16_t>(found.size()));
    put16(out, 0);
    put16(out, 0);
    out += asked;
    for (const auto& address : found) {
      put16(out, 0xc00c);
      put16(out, static_cast<std::uint16_t>(type));
      put16(out, 1);
      put16(out, static_cast<std::uint16_t>(reply.ttl >> 16));
      put16(out, static_cast<std::uint16_t>(reply.ttl));
      put16(out, static_cast<std::uint16_t>(address.bytes().size()));
      out += address.bytes();
    }
    return out;
  }

  std::function<Reply(const std::string&)> script_;
  std::array<int, 2> stop_{};
  int udp_ = -1;
  int tcp_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> questions_ = 0;
  std::atomic<int> over_tcp_ = 0;
  std::thread thread_;
};

Address at(const char* literal) { return *Address::parse(literal); }

ResolverOptions using_server(const DnsServer& server, base::Duration patience = seconds(20)) {
  return {.servers = server.servers(), .try_timeout = patience, .tries = 1, .max_names = 1024};
}

Task<void> resolves(async::Loop& loop, DnsServer& server) {
  Resolver resolver(loop, using_server(server));
  auto got = co_await resolver.resolve("both.example", nullptr);
  EXPECT_TRUE(got.has_value());
  std::ranges::sort(*got);
  EXPECT_EQ(*got, (std::vector<Address>{at("2001:db8::1"), at("192.0.2.1"), at("192.0.2.2")}));
  EXPECT_EQ(server.questions(), 2);
  // From the cache, whatever the case.
  got = co_await resolver.resolve("BOTH.example", nullptr);
  EXPECT_EQ(got->size(), 3U);
  EXPECT_EQ(server.questions(), 2);

  got = co_await resolver.resolve("missing.example.", nullptr);
  EXPECT_EQ(got.error().to_string(), "upstream_unreachable: The provider's name does not exist");
  const int asked = server.questions();
  got = co_await resolver.resolve("missing.example.", nullptr);
  EXPECT_FALSE(got.has_value());
  EXPECT_EQ(server.questions(), asked);
  got = co_await resolver.resolve("empty.example.", nullptr);
  EXPECT_EQ(got.error().to_string(), "upstream_unreachable: The provider's name does not exist");

  got = co_await resolver.resolve("v4.example.", nullptr);
  EXPECT_EQ(*got, (std::vector<Address>{at("192.0.2.9")}));
}
TEST(Resolver, AsksOnceAndRemembers) {
  DnsServer server([](const std::string& name) -> Reply {
    if (name == "both.example") return {.addresses = {at("192.0.2.1"), at("192.0.2.2"), at("2001:db8::1")}};
    if (name == "v4.example") return {.addresses = {at("192.0.2.9")}};
    if (name == "empty.example") return {.addresses = {}};
    return {.addresses = {}, .code = 3};
  });
  run([&](async::Loop& loop) { return resolves(loop, server); });
}

Task<void> without_server(async::Loop& loop, DnsServer& server) {
  Resolver resolver(loop, using_server(server));
  EXPECT_EQ(co_await resolver.resolve("192.0.2.7", nullptr), (std::vector<Address>{at("192.0.2.7")}));
  EXPECT_EQ(co_await resolver.resolve("2001:db8::7", nullptr), (std::vector<Address>{at("2001:db8::7")}));
  for (const char* local : {"localhost", "LocalHost", "localhost.", "app.localhost"}) {
    EXPECT_EQ(co_await resolver.resolve(local, nullptr), (std::vector<Address>{at("127.0.0.1"), at("::1")})) << local;
  }
  for (const std::string& bad : {std::string(), std::string("."), std::string(254, 'a'), std::string("a\0b", 3)}) {
    auto got = co_await resolver.resolve(bad, nullptr);
    EXPECT_EQ(got.error().code, Code::upstream_unreachable);
  }
  EXPECT_EQ(server.questions(), 0);
}
TEST(Resolver, AnswersLiteralsAndLocalhostItself) {
  DnsServer server([](const std::string&) -> Reply { return {.addresses = {at("192.0.2.66")}}; });
  run([&](async::Loop& loop) { return without_server(loop, server); });
}

Task<void> ask(Resolver& resolver, std::string name, async::AbortSource* abort, Result<std::vector<Address>>& into) {
  into = co_await resolver.resolve(std::move(name), abort);
}
Task<void> shares(async::Loop& loop, DnsServer& server, std::promise<void>& gate) {
  Resolver resolver(loop, using_server(server));
  std::array<Result<std::vector<Address>>, 20> answers;
  async::AbortSource abort;
  Result<std::vector<Address>> impatient;
  async::TaskScope scope(loop, rethrow);
  async::TaskScope leaves(loop, rethrow);
  for (auto& answer : answers) scope.spawn(ask(resolver, "one.example", nullptr, answer));
  leaves.spawn(ask(resolver, "one.example", &abort, impatient));
  loop.post([&abort] { abort.abort(async::AbortReason::client_gone); });
  co_await leaves.join();
  EXPECT_EQ(scope.running(), answers.size());
  gate.set_value();
  co_await scope.join();
  for (const auto& answer : answers) EXPECT_EQ(answer, (std::vector<Address>{at("192.0.2.1")}));
  EXPECT_EQ(impatient.error().code, Code::client_closed);
  EXPECT_EQ(server.questions(), 2);
  abort.reset();
  abort.abort(async::AbortReason::deadline);
  auto got = co_await resolver.resolve("one.example", &abort);
  EXPECT_EQ(got.error().code, Code::upstream_timeout);
}
TEST(Resolver, SharesAQueryAndLetsAWaiterGo) {
  // Nothing is answered before the gate opens.
  std::promise<void> gate;
  DnsServer server([open = gate.get_future().share()](const std::string&) -> Reply {
    open.wait();
    return {.addresses = {at("192.0.2.1")}};
  });
  run([&](async::Loop& loop) { return shares(loop, server, gate); });
}

Task<void> fails(async::Loop& loop, DnsServer& server) {
  Resolver resolver(loop, using_server(server, milliseconds(200)));
  auto got = co_await resolver.resolve("silent.example.", nullptr);
  EXPECT_EQ(got.error().to_string(), "upstream_unreachable: The provider's name could not be resolved");
  got = co_await resolver.resolve("broken.example.", nullptr);
  EXPECT_EQ(got.error().to_string(), "upstream_unreachable: The provider's name could not be resolved");
  // A server's trouble is not remembered.
  const int asked = server.questions();
  got = co_await resolver.resolve("broken.example.", nullptr);
  EXPECT_GT(server.questions(), asked);

  Resolver misled(loop, {.servers = "not an address"});
  got = co_await misled.resolve("one.example", nullptr);
  EXPECT_EQ(got.error().to_string(), "upstream_unreachable: The resolver could not be set up");
}
TEST(Resolver, SaysWhenTheServerIsSilentOrBroken) {
  DnsServer server([](const std::string& name) -> Reply {
    if (name == "silent.example") return {.addresses = {}, .silent = true};
    return {.addresses = {}, .code = 2};
  });
  run([&](async::Loop& loop) { return fails(loop, server); });
}

Task<void> expires(async::Loop& loop, DnsServer& server) {
  Resolver resolver(loop, using_server(server));
  // TTL 0 counts as one second.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE((co_await resolver.resolve("short.example.", nullptr)).has_value());
  EXPECT_EQ(server.questions(), 2);
  co_await async::sleep(loop, milliseconds(1'010), nullptr);
  EXPECT_TRUE((co_await resolver.resolve("short.example.", nullptr)).has_value());
  EXPECT_EQ(server.questions(), 4);
}
TEST(Resolver, ForgetsWhenTheTimeIsUp) {
  DnsServer server([](const std::string&) -> Reply { return {.addresses = {at("192.0.2.1")}, .ttl = 0}; });
  run([&](async::Loop& loop) { return expires(loop, server); });
}

Task<void> many_names(async::Loop& loop, DnsServer& server) {
  ResolverOptions options = using_server(server);
  options.max_names = 3;
  Resolver resolver(loop, options);
  // The one that would be forgotten first makes room.
  for (const char* name : {"long1.example.", "short.example.", "long2.example.", "long3.example."}) {
    EXPECT_TRUE((co_await resolver.resolve(name, nullptr)).has_value());
  }
  EXPECT_EQ(server.questions(), 8);
  for (const char* name : {"long1.example.", "long2.example.", "long3.example."}) {
    EXPECT_TRUE((co_await resolver.resolve(name, nullptr)).has_value());
  }
  EXPECT_EQ(server.questions(), 8);
  EXPECT_TRUE((co_await resolver.resolve("short.example.", nullptr)).has_value());
  EXPECT_EQ(server.questions(), 10);
}
TEST(Resolver, RemembersABoundedNumberOfNames) {
  DnsServer server([](const std::string& name) -> Reply {
    return {.addresses = {at("192.0.2.1")}, .ttl = name.starts_with("short") ? 20U : 200U};
  });
  run([&](async::Loop& loop) { return many_names(loop, server); });
}

Task<void> truncated(async::Loop& loop, DnsServer& server) {
  Resolver resolver(loop, using_server(server));
  auto got = co_await resolver.resolve("large.example.", nullptr);
  EXPECT_EQ(got->size(), 40U);
  EXPECT_EQ(server.over_tcp(), 2);
}
TEST(Resolver, AsksAgainOverTcpWhatWasCut) {
  DnsServer server([](const std::string&) -> Reply {
    Reply reply{.addresses = {}, .cut = true};
    for (std::uint8_t i = 0; i < 40; ++i) reply.addresses.push_back(Address::v4({192, 0, 2, i}));
    return reply;
  });
  run([&](async::Loop& loop) { return truncated(loop, server); });
}

Task<void> dies(async::Loop& loop, DnsServer& server) {
  auto resolver = std::make_unique<Resolver>(loop, using_server(server));
  std::array<Result<std::vector<Address>>, 3> answers;
  async::TaskScope scope(loop, rethrow);
  scope.spawn(ask(*resolver, "one.example", nullptr, answers[0]));
  scope.spawn(ask(*resolver, "one.example", nullptr, answers[1]));
  scope.spawn(ask(*resolver, "two.example", nullptr, answers[2]));
  while (server.questions() < 4) co_await async::sleep(loop, milliseconds(1), nullptr);
  resolver.reset();
  co_await scope.join();
  for (const auto& answer : answers) EXPECT_EQ(answer.error().code, Code::cancelled);
}
TEST(Resolver, MayDieWithQueriesUnderWay) {
  DnsServer server([](const std::string&) -> Reply { return {.addresses = {}, .silent = true}; });
  run([&](async::Loop& loop) { return dies(loop, server); });
}

TEST(Resolver, MayDieWithItsLoop) {
  DnsServer server([](const std::string&) -> Reply { return {.addresses = {}, .silent = true}; });
  Result<std::vector<Address>> answer;
  {
    async::Loop loop;
    Resolver resolver(loop, using_server(server));
    async::start(loop, ask(resolver, "one.example", nullptr, answer), [](std::exception_ptr) {});
    loop.post([&loop] { loop.stop(); });
    loop.run();
  }
  EXPECT_TRUE(answer.has_value() && answer->empty());  // nobody answered
}

Task<void> connects(async::Loop& loop, DnsServer& server, TlsServerOptions files, std::string ca_file) {
  Resolver resolver(loop, using_server(server));
  Connector connector(loop, resolver);
  auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
  const std::uint16_t port = (*listener)->local().port;

  auto stream = co_await connector.connect({"127.0.0.1", port, false}, {}, nullptr);
  EXPECT_TRUE(stream.has_value());
  // The first addresses refuse; the last one answers.
  stream = co_await connector.connect({"up.example.", port, false}, {}, nullptr);
  EXPECT_TRUE(stream.has_value());
  EXPECT_EQ((*stream)->peer(), (*listener)->local());
  EXPECT_EQ((*stream)->tls(), nullptr);
  // "localhost" is 127.0.0.1 first, where somebody listens.
  stream = co_await connector.connect({"localhost", port, false}, {}, nullptr);
  EXPECT_TRUE(stream.has_value());

  stream = co_await connector.connect({"down.example.", port, false}, {}, nullptr);
  EXPECT_EQ(stream.error().code, Code::upstream_unreachable);
  stream = co_await connector.connect({"missing.example.", port, false}, {}, nullptr);
  EXPECT_EQ(stream.error().detail, "The provider's name does not exist");
  stream = co_await connector.connect({"silent.example.", port, false}, {.connect_timeout = milliseconds(20)}, nullptr);
  EXPECT_EQ(stream.error().to_string(), "upstream_timeout: The provider's name was not resolved in time");
  async::AbortSource abort;
  loop.post([&abort] { abort.abort(async::AbortReason::client_gone); });
  stream = co_await connector.connect({"silent.example.", port, false}, {}, &abort);
  EXPECT_EQ(stream.error().code, Code::client_closed);
  stream = co_await connector.connect({"127.0.0.1", port, false}, {}, &abort);
  EXPECT_EQ(stream.error().code, Code::client_closed);
  stream = co_await connector.connect({"127.0.0.1", port, true}, {}, nullptr);
  EXPECT_EQ(stream.error().code, Code::internal);

  // With TLS, the name is checked and not the address.
  for (int i = 0; i < 3; ++i) co_await (*listener)->accept();
  auto context = TlsServerContext::load(files, base::SystemClock().wall());
  auto client = TlsClientContext::load({.ca_file = ca_file});
  Result<std::unique_ptr<Stream>> accepted = fail(Code::internal);
  async::TaskScope scope(loop, rethrow);
  scope.spawn([](Listener& on, std::shared_ptr<const TlsServerContext> with,
                 Result<std::unique_ptr<Stream>>& into) -> Task<void> {
    auto tcp = co_await on.accept();
    into = co_await tls_accept(std::move(*tcp), std::move(with), seconds(5));
  }(**listener, *context, accepted));
  stream = co_await connector.connect({"up.example.", port, true}, {.tls = client->get()}, nullptr);
  co_await scope.join();
  EXPECT_TRUE(stream.has_value() && accepted.has_value());
  EXPECT_EQ((*stream)->tls()->alpn, "http/1.1");
  EXPECT_TRUE((co_await write(**stream, "hello")).has_value());
  EXPECT_EQ(*co_await read(**accepted, 5), "hello");
}
TEST(Connector, ResolvesAndTriesInTurn) {
  DnsServer server([](const std::string& name) -> Reply {
    // Nobody listens on 127.0.0.2 and 127.0.0.3: a listener is bound to one address.
    if (name == "up.example") return {.addresses = {at("127.0.0.2"), at("127.0.0.3"), at("127.0.0.1")}};
    if (name == "down.example") return {.addresses = {at("127.0.0.2"), at("127.0.0.3")}};
    if (name == "silent.example") return {.addresses = {}, .silent = true};
    return {.addresses = {}, .code = 3};
  });
  const testing::TempDir dir;
  const testing::Authority authority(dir, "ca");
  const auto issued = authority.issue({.name = "up", .alternatives = "DNS:up.example"});
  run([&](async::Loop& loop) {
    return connects(loop, server, {.cert_file = issued.cert_file, .key_file = issued.key_file}, authority.file());
  });
}

// An address that does not answer takes its share of the time and no more.
Task<void> slow_first(async::Loop& loop, DnsServer& server) {
  Resolver resolver(loop, using_server(server));
  Connector connector(loop, resolver);
  auto full = Listener::bind(loop, *Endpoint::parse("127.0.0.2:0"), 0);
  const std::uint16_t port = (*full)->local().port;
  // Fill its backlog, so that the kernel drops what comes.
  std::vector<std::unique_ptr<TcpStream>> held;
  for (;;) {
    auto stream = co_await tcp_connect(loop, (*full)->local(), milliseconds(50), nullptr);
    if (!stream) break;
    held.push_back(std::move(*stream));
  }
  auto stream =
      co_await connector.connect({"slow.example.", port, false}, {.connect_timeout = milliseconds(100)}, nullptr);
  EXPECT_EQ(stream.error().code, Code::upstream_timeout);
  auto listener = Listener::bind(loop, {at("127.0.0.3"), port}, 16);
  EXPECT_TRUE(listener.has_value());
  const auto begin = async::Loop::now();
  stream = co_await connector.connect({"slow.example.", port, false}, {.connect_timeout = seconds(20)}, nullptr);
  const auto took = async::Loop::now() - begin;
  EXPECT_TRUE(stream.has_value());
  EXPECT_EQ((*stream)->peer().address, at("127.0.0.3"));
  EXPECT_GE(took, Connector::kPerAddress);
  EXPECT_LT(took, 2 * Connector::kPerAddress);
}
TEST(Connector, DoesNotWaitForTheFirstAddressAlone) {
  DnsServer server([](const std::string&) -> Reply { return {.addresses = {at("127.0.0.2"), at("127.0.0.3")}}; });
  run([&](async::Loop& loop) { return slow_first(loop, server); });
}

TEST(Origin, IsAKey) {
  const Origin origin{"a.example", 443, true};
  EXPECT_EQ(std::hash<Origin>()(origin), std::hash<Origin>()(Origin{"a.example", 443, true}));
  EXPECT_NE(std::hash<Origin>()(origin), std::hash<Origin>()(Origin{"a.example", 443, false}));
  EXPECT_NE(origin, (Origin{"a.example", 444, true}));
}

}  // namespace
}  // namespace gatehouse::net
