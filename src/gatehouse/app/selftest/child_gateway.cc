#include "gatehouse/app/selftest/child_gateway.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>

#include "gatehouse/app/server.h"

namespace gatehouse::app::selftest {
namespace {

constexpr int kStartMilliseconds = 60'000;

void set_apart(config::Snapshot& snapshot, const base::Secret& key) {
  const base::Endpoint any{.address = base::Address::v4({127, 0, 0, 1}), .port = 0};
  config::Listen listen;
  listen.api = {any};
  listen.admin = {any};
  snapshot.listen = std::move(listen);
  snapshot.workers.threads = 1;
  snapshot.store.clear();
  snapshot.access_log.path.clear();
  snapshot.webhook.reset();
  snapshot.log.level = std::max(snapshot.log.level, config::LogLevel::warn);
  snapshot.timeouts.drain = std::chrono::seconds(1);
  config::Key own;
  own.name = "gatehouse-selftest";
  own.key = key;
  snapshot.keys.push_back(std::move(own));
}

// In the child: writes its address to `out` once it listens.
int serve(const std::string& config_path, const base::Secret& key, int out) {
  Server server({.config_path = config_path,
                 .store = {},
                 .environment = config::process_environment(),
                 .adjust = [&key](config::Snapshot& snapshot) { set_apart(snapshot, key); },
                 .on_listening =
                     [out](Server& s) {
                       const std::string line = s.api().front().to_string() + "\n";
                       if (::write(out, line.data(), line.size()) < 0) std::fputs("gatehouse: nobody reads\n", stderr);
                       ::close(out);
                     }});
  return server.run();
}

// The line that the child writes; empty if it ends, or takes too long, before.
std::string read_line(int in) {
  std::string line;
  std::array<char, 128> bytes{};
  while (!line.ends_with('\n') && line.size() < bytes.size()) {
    pollfd wait{.fd = in, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wait, 1, kStartMilliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return {};
    const auto count = ::read(in, bytes.data(), bytes.size());
    if (count <= 0) return {};
    line.append(bytes.data(), static_cast<std::size_t>(count));
  }
  line.pop_back();
  return line;
}

}  // namespace

Result<std::unique_ptr<ChildGateway>> ChildGateway::start(const std::string& config_path, const base::Secret& key) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return fail(Code::io, "no pipe can be made");
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(Code::io, "no process can be made");
  if (pid == 0) {
    ::close(ends[0]);
    // The parent may have ended before it was asked for.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    int code = 2;
    if (::getppid() == parent) {
      try {
        code = serve(config_path, key, ends[1]);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "gatehouse: %s\n", error.what());
      }
    }
    std::fflush(nullptr);
    ::_exit(code);  // what is registered for the end is the parent's
  }
  ::close(ends[1]);
  auto gateway = std::unique_ptr<ChildGateway>(new ChildGateway());
  gateway->pid_ = pid;
  const std::string address = read_line(ends[0]);
  ::close(ends[0]);
  if (address.empty()) return fail(Code::configuration, "the gateway of this configuration did not start");
  gateway->url_ = "http://" + address;
  return gateway;
}

bool ChildGateway::stop() {
  if (pid_ < 0) return true;
  ::kill(pid_, SIGTERM);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

ChildGateway::~ChildGateway() { stop(); }

}  // namespace gatehouse::app::selftest
