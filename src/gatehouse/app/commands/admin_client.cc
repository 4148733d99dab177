#include "gatehouse/app/commands/admin_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/http/body_decoder.h"
#include "gatehouse/http/head.h"
#include "gatehouse/net/address.h"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMostAnswer = 16UL << 20;
constexpr int kSeconds = 30;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

http::Method method_of(std::string_view name) { return name == "HEAD" ? http::Method::head : http::Method::get; }

std::unexpected<Error> failed() {
  const bool late = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS;
  return fail(late ? Code::timed_out : Code::upstream_unreachable,
              late ? "the gateway does not answer" : "the gateway cannot be reached there; is it running?");
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<AdminClient> AdminClient::open(std::string_view url, base::Secret admin_key) {
  static constexpr std::string_view kScheme = "http://";
  if (url.starts_with(kScheme)) {
    url.remove_prefix(kScheme.size());
  } else if (url.find("://") != url.npos) {
    return fail(Code::configuration, "the admin address: http only, on this machine");
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  auto at = base::Endpoint::parse(url);
  if (!at) return fail(Code::configuration, "the admin address " + at.error().detail);
  if (!at->address.is_loopback()) {
    return fail(Code::configuration,
                "the admin address is not of this machine; the key would go over the network unencrypted");
  }
  for (const char c : admin_key.reveal()) {
    if (c <= 0x20 || c >= 0x7f) return fail(Code::configuration, "the admin key has a character that no key has");
  }
  return AdminClient(*at, std::move(admin_key));
}

Result<AdminClient::Answer> AdminClient::ask(std::string_view method, std::string_view target,
                                             std::string_view body) const {
  sockaddr_storage address{};
  const socklen_t length = net::to_sockaddr(at_, address);
  const Socket socket(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return failed();
  const timeval limit{.tv_sec = kSeconds, .tv_usec = 0};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), length) != 0) return failed();
  std::string out = fmt::format("{} {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n",
                                method, target, at_.to_string(), key_.reveal());
  if (!body.empty()) out += fmt::format("content-type: application/json\r\ncontent-length: {}\r\n", body.size());
  out.append("\r\n").append(body);
  for (std::string_view rest = out; !rest.empty();) {
    const auto sent = ::send(socket.fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) return failed();
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string in;
  std::array<char, 16384> block{};
  for (;;) {
    const auto got = ::recv(socket.fd(), block.data(), block.size(), 0);
    if (got < 0) return failed();
    if (got == 0) break;
    in.append(block.data(), static_cast<std::size_t>(got));
    if (in.size() > kMostAnswer) return fail(Code::too_large, "the gateway's answer is too large");
  }
  const auto strange = [] { return fail(Code::upstream_protocol, "what answers there is no gateway's admin port"); };
  http::ResponseHead head;
  std::size_t scanned = 0;
  const auto parsed = http::parse_response_head(in, scanned, {}, method_of(method), head);
  if (parsed.state != http::ParseState::done) return strange();
  Answer answer{.status = head.status, .body = {}};
  http::BodyDecoder decoder(head.framing, head.content_length);
  std::string_view rest = std::string_view(in).substr(parsed.consumed);
  for (;;) {
    const auto step = decoder.decode(rest);
    answer.body.append(step.data);
    rest.remove_prefix(step.consumed);
    if (step.state == http::BodyDecoder::State::data) continue;
    if (step.state == http::BodyDecoder::State::bad) return strange();
    break;
  }
  if (!decoder.close_is_end()) return strange();
  return answer;
}

}  // namespace gatehouse::app
