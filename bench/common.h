#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the two tools of the benchmark share. Both are one thread, raw epoll, loopback only: they must cost less than
// any proxy between them, or they would be what is measured.
namespace gatehouse::bench {

using Nanos = std::int64_t;
inline constexpr Nanos kSecond = 1'000'000'000;
inline constexpr Nanos kMillisecond = 1'000'000;

inline Nanos now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Nanos>(now.tv_sec) * kSecond + now.tv_nsec;
}

[[noreturn]] inline void die(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  std::exit(2);
}

// The soft limit of descriptors goes to the hard one; the orchestrator has raised that where it may.
inline void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Neither tool outlives what started it, nor dies of a peer that closes.
inline void bind_to_parent() {
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() == 1) std::exit(2);
}

inline void set_no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// Waits at most until `deadline` (ns on the steady clock; 0: do not wait). Returns the number of events.
inline int wait_until(int epoll, epoll_event* events, int capacity, Nanos deadline) {
  const Nanos left = deadline == 0 ? 0 : deadline - now_ns();
  timespec timeout{};
  if (left > 0) {
    timeout.tv_sec = static_cast<time_t>(left / kSecond);
    timeout.tv_nsec = static_cast<long>(left % kSecond);
  }
  const int count = epoll_pwait2(epoll, events, capacity, &timeout, nullptr);
  return count < 0 ? 0 : count;
}

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// The value of a header in a head ("\r\n" lines), empty when absent. `name` in lower case, with its colon.
inline std::string_view header_value(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    if (head.size() - at < name.size()) return {};
    std::size_t i = 0;
    while (i < name.size() && lower(head[at + i]) == name[i]) ++i;
    if (i < name.size()) continue;
    std::size_t begin = at + i;
    std::size_t end = head.find("\r\n", begin);
    if (end == std::string_view::npos) end = head.size();
    while (begin < end && head[begin] == ' ') ++begin;
    return head.substr(begin, end - begin);
  }
  return {};
}

// A stamp is a number in a streamed event, as 16 letters between tildes ('a' = 0): when it was written (steady clock,
// ns), or which stream it belongs to. Letters, because guards may take a long number for a card number.
inline constexpr std::size_t kStampDigits = 16;
inline constexpr std::string_view kAckGreeting = "ACKS\n";
inline void write_stamp(char* out, std::uint64_t number) {
  for (std::size_t i = 0; i < kStampDigits; ++i) {
    out[i] = static_cast<char>('a' + ((number >> (60 - 4 * i)) & 15));
  }
}

// `--name value` pairs; a name may come again. Unknown names end the program: a typo must not measure something else.
class Options {
 public:
  Options(int argc, char** argv, std::map<std::string, std::string> defaults) : values_(std::move(defaults)) {
    for (int i = 1; i < argc; i += 2) {
      const std::string_view name = argv[i];
      if (!name.starts_with("--") || i + 1 >= argc) usage(name);
      const std::string key(name.substr(2));
      if (key == "header") {
        headers_.emplace_back(argv[i + 1]);
      } else if (const auto found = values_.find(key); found != values_.end()) {
        found->second = argv[i + 1];
      } else {
        usage(name);
      }
    }
  }
  const std::string& text(const std::string& name) const { return values_.at(name); }
  double number(const std::string& name) const {
    const std::string& value = values_.at(name);
    char* end = nullptr;
    const double parsed = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0' || !(parsed >= 0 && parsed < 1e12)) {
      std::fprintf(stderr, "--%s: '%s' is not a number in range\n", name.c_str(), value.c_str());
      std::exit(2);
    }
    return parsed;
  }
  const std::vector<std::string>& headers() const { return headers_; }

 private:
  [[noreturn]] void usage(std::string_view what) const {
    std::fprintf(stderr, "unknown or incomplete option '%.*s'; options:", static_cast<int>(what.size()), what.data());
    for (const auto& [name, value] : values_) std::fprintf(stderr, " --%s [%s]", name.c_str(), value.c_str());
    std::fprintf(stderr, "\n");
    std::exit(2);
  }
  std::map<std::string, std::string> values_;
  std::vector<std::string> headers_;
};

}  // namespace gatehouse::bench
