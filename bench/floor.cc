// What forwarding costs on this machine when nothing is done: bytes are read on one side and written on the other, with
// raw epoll, one read and one write each way a request. No HTTP is looked at: every client has an upstream connection
// of its own. Not a proxy for use; the figure below which no proxy on this kernel gets (docs/performance.md).
//
//   bench_floor UPSTREAM_PORT [MAX_SECONDS [batch]]    prints its port as a line of JSON, ends by itself
//
// batch: all that is ready is read before any of it is sent on, so that the sends follow each other closely.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Pump {
 public:
  Pump(int upstream_port, bool batch) : upstream_port_(upstream_port), blocks_(batch ? kEvents : 0) {}

  bool open() {
    const sockaddr_in at = loopback(0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) return false;
    sockaddr_in bound{};
    socklen_t length = sizeof(bound);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &length);
    watch(listener_);
    std::printf("{\"event\":\"listening\",\"port\":%d,\"pid\":%d}\n", ntohs(bound.sin_port), ::getpid());
    std::fflush(stdout);
    return ::listen(listener_, 4096) == 0;
  }

  void run(std::chrono::seconds most) {
    const auto end = std::chrono::steady_clock::now() + most;
    std::array<epoll_event, kEvents> events;
    while (std::chrono::steady_clock::now() < end) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept();
        } else if (!blocks_.empty()) {
          collect(fd);
        } else {
          forward(fd);
        }
      }
      for (std::size_t i = 0; i < collected_; ++i) send_on(blocks_[i]);
      collected_ = 0;
    }
  }

 private:
  static constexpr std::size_t kEvents = 256;
  struct Block {
    int from = -1;
    std::size_t size = 0;
    std::array<char, 16384> bytes;
  };

  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void pair(int from, int to) {
    const int on = 1;
    ::setsockopt(from, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (static_cast<std::size_t>(from) >= other_.size()) other_.resize(static_cast<std::size_t>(from) + 1, -1);
    other_[static_cast<std::size_t>(from)] = to;
    watch(from);
  }

  void accept() {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    const int upstream = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in to = loopback(upstream_port_);
    if (::connect(upstream, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
      ::close(upstream);
      ::close(client);
      return;
    }
    pair(client, upstream);
    pair(upstream, client);
  }

  void forward(int fd) {
    const int to = other_[static_cast<std::size_t>(fd)];
    if (to < 0) return;  // its partner closed it in this round
    const ssize_t got = ::recv(fd, block_.data(), block_.size(), 0);
    if (got > 0 && ::send(to, block_.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got) return;
    part(fd, to);
  }

  void collect(int fd) {
    const int to = other_[static_cast<std::size_t>(fd)];
    if (to < 0) return;
    Block& block = blocks_[collected_];
    const ssize_t got = ::recv(fd, block.bytes.data(), block.bytes.size(), 0);
    if (got <= 0) return part(fd, to);
    block.from = fd;
    block.size = static_cast<std::size_t>(got);
    ++collected_;
  }

  void send_on(const Block& block) {
    const int to = other_[static_cast<std::size_t>(block.from)];
    if (to < 0) return;
    const ssize_t sent = ::send(to, block.bytes.data(), block.size, MSG_NOSIGNAL);
    if (sent < 0 || static_cast<std::size_t>(sent) != block.size) part(block.from, to);
  }

  void part(int fd, int to) {
    other_[static_cast<std::size_t>(fd)] = other_[static_cast<std::size_t>(to)] = -1;
    ::close(fd);
    ::close(to);
  }

  int upstream_port_;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::vector<int> other_;
  std::array<char, 65536> block_{};
  std::vector<Block> blocks_;  // in batches, as many as there can be events
  std::size_t collected_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_floor UPSTREAM_PORT [MAX_SECONDS [batch]]\n");
    return 2;
  }
  Pump pump(std::atoi(argv[1]), argc > 3 && std::string_view(argv[3]) == "batch");
  if (!pump.open()) {
    std::perror("bench_floor");
    return 2;
  }
  pump.run(std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 3600));
  return 0;
}
