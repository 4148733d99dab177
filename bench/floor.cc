// What forwarding costs on this machine when nothing is done: bytes are read on one side and written on the other, with
// raw epoll, one read and one write each way a request. No HTTP is looked at: every client has an upstream connection
// of its own. Not a proxy for use; the figure below which no proxy on this kernel gets (docs/performance.md).
//
//   bench_floor UPSTREAM_PORT [MAX_SECONDS]    prints its port as a line of JSON, ends by itself
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
  explicit Pump(int upstream_port) : upstream_port_(upstream_port) {}

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
    std::array<epoll_event, 256> events;
    while (std::chrono::steady_clock::now() < end) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept();
        } else {
          forward(fd);
        }
      }
    }
  }

 private:
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
    other_[static_cast<std::size_t>(fd)] = other_[static_cast<std::size_t>(to)] = -1;
    ::close(fd);
    ::close(to);
  }

  int upstream_port_;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::vector<int> other_;
  std::array<char, 65536> block_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_floor UPSTREAM_PORT [MAX_SECONDS]\n");
    return 2;
  }
  Pump pump(std::atoi(argv[1]));
  if (!pump.open()) {
    std::perror("bench_floor");
    return 2;
  }
  pump.run(std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 3600));
  return 0;
}
