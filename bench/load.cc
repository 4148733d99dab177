// The load generator: one thread, keep-alive HTTP/1.1 connections to one loopback port, every answer checked. It warms
// up, measures, prints one JSON line and ends by itself, whatever the server does. Modes:
//   closed  every connection sends its next request when the last was answered (saturation; latency at c=1)
//   rate    requests at fixed times; latency counts from the intended time, so a stalled server is charged for every
//           request that should have gone out meanwhile (no coordinated omission)
//   hold    opens streams, prints {"event":"held"} when each has its first event, holds them, closes
//   churn   connects, asks for a stream, reads a few events, closes in mid-stream, again
// The CPU time of `--watch` processes is read at the edges of the measuring window, by this process, so that it
// covers exactly the counted requests.
#include <arpa/inet.h>
#include <dirent.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "common.h"
#include "event_scanner.h"
#include "histogram.h"
#include "plan.h"

namespace gatehouse::bench {
namespace {

struct Errors {
  std::uint64_t connect = 0;   // refused or failed
  std::uint64_t status = 0;    // not 200
  std::uint64_t length = 0;    // not the bytes or events that were sent
  std::uint64_t closed = 0;    // before the answer's end
  std::uint64_t protocol = 0;  // not HTTP as we know it
  std::uint64_t total() const { return connect + status + length + closed + protocol; }
};

// CPU time of all threads of a process, ns: the first number of /proc/PID/task/TID/schedstat.
Nanos cpu_of(const std::vector<int>& processes) {
  Nanos total = 0;
  for (const int pid : processes) {
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    DIR* directory = opendir(tasks.c_str());
    if (directory == nullptr) continue;
    while (const dirent* entry = readdir(directory)) {
      if (entry->d_name[0] == '.') continue;
      FILE* file = std::fopen((tasks + "/" + entry->d_name + "/schedstat").c_str(), "r");
      if (file == nullptr) continue;
      long long spent = 0;
      if (std::fscanf(file, "%lld", &spent) == 1) total += spent;
      std::fclose(file);
    }
    closedir(directory);
  }
  return total;
}

enum class State { closed, connecting, idle, sending, head, body };
enum class Framing { length, chunked, until_close };
enum class ChunkPart { size, data, data_end, trailer };

struct Connection {
  int fd = -1;
  State state = State::closed;
  std::size_t sent = 0;
  std::string head;  // of an answer whose head has not come whole
  Framing framing = Framing::length;
  std::uint64_t left = 0;  // of the body, or of the chunk
  ChunkPart part = ChunkPart::size;
  std::string chunk_line;
  std::uint64_t body_bytes = 0;
  EventScanner scanner;
  bool close_after = false;
  bool first_byte_seen = false;
  bool held = false;
  Nanos started = 0;  // when it was sent, or should have been
  Nanos last_read = 0;
};

class Load {
 public:
  Load(Settings settings, Request request)
      : settings_(std::move(settings)),
        request_(std::move(request)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(settings_.connections) {
    if (epoll_ < 0) die("epoll_create1");
    if (settings_.ack_port != 0) open_ack_channel();
  }
  ~Load() {
    for (Connection& connection : connections_) {
      if (connection.fd >= 0) close(connection.fd);
    }
    if (ack_fd_ >= 0) close(ack_fd_);
    close(epoll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void run() {
    const Nanos begin = now_ns();
    window_begin_ = begin + settings_.warmup;
    window_end_ = window_begin_ + settings_.duration;
    // `rate` may finish late answers, `hold` must have opened everything: both bounded.
    const Nanos hard_end = window_end_ + (settings_.mode == Mode::rate   ? settings_.grace
                                          : settings_.mode == Mode::hold ? 60 * kSecond
                                                                         : 0);
    if (settings_.mode == Mode::rate) period_ = static_cast<Nanos>(1e9 / settings_.rate);
    next_intended_ = begin;
    if (settings_.mode == Mode::hold) window_begin_ = window_end_ = hard_end;  // known when all are open
    if (settings_.mode == Mode::closed || settings_.mode == Mode::rate) {
      for (std::size_t i = 0; i < connections_.size(); ++i) open(i);
    }
    std::array<epoll_event, 512> events{};
    while (!finished_) {
      const Nanos now = now_ns();
      move_window(now);
      if (now >= hard_end || errors_.total() > 1000 + 2 * connections_.size()) break;
      Nanos deadline = std::min(hard_end, now + 100 * kMillisecond);
      if (!measured_already_) deadline = std::min(deadline, measuring_ ? window_end_ : window_begin_);
      reopen();
      if (settings_.mode == Mode::rate) deadline = std::min(deadline, send_due(now));
      if (settings_.mode == Mode::hold || settings_.mode == Mode::churn) open_more(now);
      const int count =
          wait_until(epoll_, events.data(), static_cast<int>(events.size()), std::max<Nanos>(deadline, 1));
      now_ = now_ns();
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        serve(event.data.u64, event.events);
      }
      send_acks();
    }
    if (measuring_) leave_window(now_ns());
    if (settings_.mode == Mode::rate) count_stuck(now_ns());
  }

  void print() const {
    const double seconds = static_cast<double>(measured_) / 1e9;
    std::printf(
        "{\"seconds\":%.3f,\"requests\":%llu,\"rps\":%.1f,\"p50_us\":%.2f,\"p90_us\":%.2f,\"p99_us\":%.2f,"
        "\"p999_us\":%.2f,\"max_us\":%.2f,\"ttfb_p50_us\":%.2f,\"ttfb_p99_us\":%.2f,\"events\":%llu,"
        "\"events_per_s\":%.1f,\"reads\":%llu,\"event_delay_p50_us\":%.2f,\"event_delay_p99_us\":%.2f,"
        "\"gap_p50_us\":%.2f,\"gap_p99_us\":%.2f,\"bytes\":%llu,\"cpu_us\":%.1f,\"all_requests\":%llu,\"cycles\":%llu,"
        "\"late\":%llu,\"unfinished\":%llu,\"reconnects\":%llu,\"errors\":%llu,\"error_kinds\":{\"connect\":%llu,"
        "\"status\":%llu,"
        "\"length\":%llu,\"closed\":%llu,\"protocol\":%llu},\"last_status\":%d}\n",
        seconds, number(requests_), seconds > 0 ? static_cast<double>(requests_) / seconds : 0,
        latency_.quantile_us(0.5), latency_.quantile_us(0.9), latency_.quantile_us(0.99), latency_.quantile_us(0.999),
        latency_.max_us(), first_byte_.quantile_us(0.5), first_byte_.quantile_us(0.99), number(events_),
        seconds > 0 ? static_cast<double>(events_) / seconds : 0, number(reads_), event_delay_.quantile_us(0.5),
        event_delay_.quantile_us(0.99), gap_.quantile_us(0.5), gap_.quantile_us(0.99), number(bytes_),
        static_cast<double>(cpu_) / 1000.0, number(all_requests_), number(cycles_done_), number(late_),
        number(unfinished_), number(reconnects_), number(errors_.total()), number(errors_.connect),
        number(errors_.status), number(errors_.length), number(errors_.closed), number(errors_.protocol), last_status_);
    std::fflush(stdout);
  }

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
  }

  void open_ack_channel() {
    ack_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(settings_.ack_port);
    if (ack_fd_ < 0 || connect(ack_fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("acks");
    set_no_delay(ack_fd_);
    if (send(ack_fd_, kAckGreeting.data(), kAckGreeting.size(), MSG_NOSIGNAL) < 0) die("acks");
  }

  // What this turn read, in one write. The channel blocks: it holds a few kB at most, one name a stream.
  void send_acks() {
    std::string_view rest(reinterpret_cast<const char*>(acks_.data()), acks_.size() * sizeof acks_[0]);
    while (!rest.empty()) {
      const ssize_t sent = send(ack_fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0) die("acks");
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    acks_.clear();
  }

  static unsigned long long number(std::uint64_t value) { return value; }

  void move_window(Nanos now) {
    if (!measuring_ && !measured_already_ && now >= window_begin_) {
      measuring_ = true;
      entered_ = now;
      cpu_ = -cpu_of(settings_.watched);
    }
    if (measuring_ && now >= window_end_) {
      leave_window(now);
      // `rate` waits for what was due in the window; a stream that is held is closed now.
      if (settings_.mode != Mode::rate) finished_ = true;
    }
  }

  void leave_window(Nanos now) {
    measuring_ = false;
    measured_already_ = true;
    cpu_ += cpu_of(settings_.watched);
    measured_ = now - entered_;
    if (settings_.mode != Mode::rate) return;
    // What is under way counts when it ends; what was never sent counts as it stands.
    for (const Connection& connection : connections_) waiting_ += under_way(connection) ? 1 : 0;
    for (; next_intended_ < window_end_; next_intended_ += period_) {
      latency_.add(now - next_intended_);
      ++late_;
    }
    finished_ = waiting_ == 0;
  }

  static bool under_way(const Connection& connection) {
    return connection.state == State::sending || connection.state == State::head || connection.state == State::body;
  }

  // What even the time of grace did not answer counts with the time it has waited.
  void count_stuck(Nanos now) {
    for (const Connection& connection : connections_) {
      if (!under_way(connection) || connection.started < window_begin_ || connection.started >= window_end_) continue;
      latency_.add(now - connection.started);
      ++unfinished_;
    }
  }

  void open(std::size_t index) {
    Connection& connection = connections_[index];
    connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection.fd < 0) die("socket");
    set_no_delay(connection.fd);
    const sockaddr_in address = loopback(settings_.port);
    connection.state = State::connecting;
    if (connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      fail(index, errors_.connect);
      return;
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.u64 = index;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  }

  void watch(std::size_t index, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.u64 = index;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connections_[index].fd, &event);
  }

  void close_connection(Connection& connection) {
    if (connection.fd >= 0) close(connection.fd);
    connection = Connection{};
  }

  void fail(std::size_t index, std::uint64_t& kind) {
    ++kind;
    end_connection(index);
  }

  // After an error or a close that the server announced.
  void end_connection(std::size_t index) {
    Connection& connection = connections_[index];
    close_connection(connection);
    if (settings_.mode == Mode::churn) {
      ++cycles_done_;
      return;
    }
    if (settings_.mode == Mode::hold) {
      ++lost_;
      note_held();
      return;
    }
    if (measured_already_) return;
    ++reconnects_;
    reopen_.push_back(index);
  }

  void reopen() {
    std::vector<std::size_t> wanted;
    wanted.swap(reopen_);
    for (const std::size_t index : wanted) open(index);
  }

  // Tells, once, when every stream that could be opened is.
  void note_held() {
    if (settings_.mode != Mode::hold || held_ || with_head_ + lost_ < connections_.size()) return;
    held_ = true;
    std::printf("{\"event\":\"held\",\"streams\":%zu}\n", with_head_);
    std::fflush(stdout);
    window_begin_ = now_;
    window_end_ = now_ + settings_.duration;
  }

  // Sends what is due by now; returns when the next is.
  Nanos send_due(Nanos now) {
    now_ = now;
    while (!idle_.empty() && next_intended_ <= now && next_intended_ < window_end_) {
      const std::size_t index = idle_.front();
      idle_.pop_front();
      if (connections_[index].state != State::idle) continue;
      const Nanos intended = next_intended_;
      next_intended_ += period_;
      begin_request(index, intended);
    }
    return idle_.empty() ? now + 100 * kMillisecond : std::max(next_intended_, now);
  }

  void open_more(Nanos now) {
    now_ = now;
    // At most 256 handshakes at a time, so that no backlog overflows.
    if (settings_.mode == Mode::hold) {
      while (opened_ < connections_.size() && opened_ - with_head_ - lost_ < 256) open(opened_++);
      return;
    }
    for (std::size_t i = 0; i < connections_.size() && opened_ < settings_.cycles; ++i) {
      if (connections_[i].state == State::closed) {
        ++opened_;
        open(i);
      }
    }
    if (cycles_done_ >= settings_.cycles) finished_ = true;
  }

  void begin_request(std::size_t index, Nanos started) {
    Connection& connection = connections_[index];
    connection.started = started;
    connection.sent = 0;
    connection.body_bytes = 0;
    connection.first_byte_seen = false;
    connection.last_read = 0;
    connection.scanner = EventScanner{};
    request_.renew(++all_requests_);
    send_rest(index);
  }

  void send_rest(std::size_t index) {
    Connection& connection = connections_[index];
    const std::string_view rest = std::string_view(request_.bytes).substr(connection.sent);
    const ssize_t sent = send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      fail(index, errors_.closed);
      return;
    }
    if (sent > 0) connection.sent += static_cast<std::size_t>(sent);
    if (connection.sent == request_.bytes.size()) {
      if (connection.state == State::sending) watch(index, EPOLLIN);
      connection.state = State::head;
    } else if (connection.state != State::sending) {
      connection.state = State::sending;
      watch(index, EPOLLIN | EPOLLOUT);
    }
  }

  // The connection is there and unused: ask, or wait to be due.
  void become_idle(std::size_t index) {
    Connection& connection = connections_[index];
    connection.state = State::idle;
    if (settings_.mode == Mode::rate) {
      idle_.push_back(index);
    } else {
      begin_request(index, now_);
    }
  }

  void serve(std::size_t index, std::uint32_t what) {
    Connection& connection = connections_[index];
    if (connection.state == State::closed) return;
    if (connection.state == State::connecting) {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0 || (what & (EPOLLERR | EPOLLHUP)) != 0) return fail(index, errors_.connect);
      watch(index, EPOLLIN);
      return become_idle(index);
    }
    if (connection.state == State::sending && (what & EPOLLOUT) != 0) {
      send_rest(index);
      if (connection.state != State::head) return;
    }
    if ((what & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) return;
    const ssize_t got = recv(connection.fd, input_.data(), input_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return serve_close(index);
    read(index, std::string_view(input_.data(), static_cast<std::size_t>(got)));
  }

  void serve_close(std::size_t index) {
    Connection& connection = connections_[index];
    if (connection.state == State::idle) return end_connection(index);  // an unused connection may be closed
    if (connection.state == State::body && connection.framing == Framing::until_close) {
      connection.close_after = true;
      return end_answer(index);
    }
    fail(index, errors_.closed);
  }

  void read(std::size_t index, std::string_view bytes) {
    Connection& connection = connections_[index];
    if (measuring_) bytes_ += bytes.size();
    if (connection.state == State::idle) return fail(index, errors_.protocol);
    if (connection.state == State::head || connection.state == State::sending) {
      std::string whole;
      if (!connection.head.empty()) {
        whole = std::move(connection.head) + std::string(bytes);
        connection.head.clear();
        bytes = whole;
      }
      const std::size_t end = bytes.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        if (bytes.size() > 65536) return fail(index, errors_.protocol);
        connection.head.assign(bytes);
        return;
      }
      if (!read_head(connection, bytes.substr(0, end))) return fail(index, errors_.protocol);
      if (last_status_ != 200) return fail(index, errors_.status);
      if (connection.state == State::sending) return fail(index, errors_.protocol);
      connection.state = State::body;
      return read_body(index, bytes.substr(end + 4));
    }
    read_body(index, bytes);
  }

  bool read_head(Connection& connection, std::string_view head) {
    if (head.size() < 12 || !head.starts_with("HTTP/1.")) return false;
    last_status_ = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
    const std::string_view how = header_value(head, "connection:");
    connection.close_after = !how.empty() && lower(how.front()) == 'c';
    const std::string_view length = header_value(head, "content-length:");
    if (!header_value(head, "transfer-encoding:").empty()) {
      connection.framing = Framing::chunked;
      connection.part = ChunkPart::size;
      connection.chunk_line.clear();
    } else if (!length.empty()) {
      connection.framing = Framing::length;
      connection.left = 0;
      for (const char c : length) {
        if (c < '0' || c > '9') return false;
        connection.left = connection.left * 10 + static_cast<std::uint64_t>(c - '0');
      }
    } else {
      connection.framing = Framing::until_close;
    }
    return true;
  }

  void read_body(std::size_t index, std::string_view bytes) {
    Connection& connection = connections_[index];
    const std::uint64_t events_before = connection.scanner.events;
    bool ended = false;
    if (connection.framing == Framing::length) {
      if (bytes.size() > connection.left) return fail(index, errors_.protocol);
      connection.left -= bytes.size();
      take(connection, bytes);
      ended = connection.left == 0;
    } else if (connection.framing == Framing::until_close) {
      take(connection, bytes);
    } else {
      const int state = read_chunks(connection, bytes);
      if (state < 0) return fail(index, errors_.protocol);
      ended = state == 1;
    }
    if (settings_.stream) note_events(connection, connection.scanner.events - events_before);
    if (settings_.mode == Mode::churn && connection.scanner.events >= settings_.read_events) return cut(index);
    if (ended) end_answer(index);
  }

  void note_events(Connection& connection, std::uint64_t fresh) {
    if (fresh == 0) return;
    if (!connection.held) {
      connection.held = true;
      ++with_head_;
      note_held();
    }
    if (measuring_) {
      events_ += fresh;
      ++reads_;
      if (connection.last_read > 0) gap_.add(now_ - connection.last_read);
    }
    connection.last_read = now_;
  }

  // 1: the last chunk came; 0: more must come; -1: nonsense.
  int read_chunks(Connection& connection, std::string_view bytes) {
    while (!bytes.empty()) {
      if (connection.part == ChunkPart::data) {
        const std::size_t size = std::min<std::uint64_t>(connection.left, bytes.size());
        take(connection, bytes.substr(0, size));
        bytes.remove_prefix(size);
        connection.left -= size;
        if (connection.left == 0) connection.part = ChunkPart::data_end;
        continue;
      }
      const char c = bytes.front();
      bytes.remove_prefix(1);
      if (c != '\n') {
        if (c != '\r') connection.chunk_line += c;
        if (connection.chunk_line.size() > 1024) return -1;
        continue;
      }
      const std::string line = std::move(connection.chunk_line);
      connection.chunk_line.clear();
      if (connection.part == ChunkPart::data_end) {
        if (!line.empty()) return -1;
        connection.part = ChunkPart::size;
      } else if (connection.part == ChunkPart::trailer) {
        if (line.empty()) return bytes.empty() ? 1 : -1;
      } else {
        char* end = nullptr;
        connection.left = std::strtoull(line.c_str(), &end, 16);
        if (end == line.c_str()) return -1;
        connection.part = connection.left == 0 ? ChunkPart::trailer : ChunkPart::data;
      }
    }
    return 0;
  }

  void take(Connection& connection, std::string_view bytes) {
    if (bytes.empty()) return;
    if (!connection.first_byte_seen) {
      connection.first_byte_seen = true;
      if (measuring_ && connection.started >= entered_) first_byte_.add(now_ - connection.started);
    }
    connection.body_bytes += bytes.size();
    if (!settings_.stream) return;
    connection.scanner.feed(bytes, measuring_ || ack_fd_ >= 0, [this](std::uint64_t stamp) {
      if (ack_fd_ >= 0) {
        acks_.push_back(stamp);
      } else if (stamp > 0) {
        event_delay_.add(now_ - static_cast<Nanos>(stamp));
      }
    });
  }

  void end_answer(std::size_t index) {
    Connection& connection = connections_[index];
    const bool whole = settings_.stream
                           ? connection.scanner.done &&
                                 (settings_.expect_events == 0 || connection.scanner.events == settings_.expect_events)
                           : connection.body_bytes > 0 &&
                                 (settings_.expect_bytes == 0 || connection.body_bytes == settings_.expect_bytes);
    if (!whole || settings_.mode == Mode::hold || settings_.mode == Mode::churn) return fail(index, errors_.length);
    if (settings_.mode == Mode::rate) {
      if (connection.started >= window_begin_ && connection.started < window_end_) {
        latency_.add(now_ - connection.started);
        if (measured_already_) ++late_;
      }
    } else if (measuring_ && connection.started >= entered_) {
      latency_.add(now_ - connection.started);
    }
    if (measuring_) ++requests_;
    if (measured_already_ && waiting_ > 0) --waiting_;
    if (measured_already_ && waiting_ == 0) {
      finished_ = true;
      return;
    }
    if (connection.close_after) return end_connection(index);
    become_idle(index);
  }

  // Every other one is cut by a reset, the others by an orderly close (a reset too where bytes lie unread).
  void cut(std::size_t index) {
    Connection& connection = connections_[index];
    if (cycles_done_ % 2 == 0) {
      const linger at_once{1, 0};
      setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    if (measuring_) ++requests_;
    close_connection(connection);
    ++cycles_done_;
  }

  Settings settings_;
  Request request_;
  int epoll_;
  int ack_fd_ = -1;
  std::vector<std::uint64_t> acks_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;  // may name a connection twice after it was closed unused
  std::vector<std::size_t> reopen_;
  std::vector<char> input_ = std::vector<char>(256U << 10U);
  Nanos now_ = 0;
  Nanos window_begin_ = 0;
  Nanos window_end_ = 0;
  Nanos entered_ = 0;
  Nanos measured_ = 0;
  Nanos period_ = 0;
  Nanos next_intended_ = 0;
  Nanos cpu_ = 0;
  bool measuring_ = false;
  bool measured_already_ = false;
  bool finished_ = false;
  std::size_t opened_ = 0;
  std::size_t with_head_ = 0;  // connections that have had an event
  std::size_t lost_ = 0;
  bool held_ = false;
  std::size_t waiting_ = 0;
  int last_status_ = 0;
  Histogram latency_;
  Histogram first_byte_;
  Histogram event_delay_;
  Histogram gap_;
  std::uint64_t requests_ = 0;
  std::uint64_t all_requests_ = 0;
  std::uint64_t cycles_done_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t reads_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t late_ = 0;        // due in the window of `rate`; sent or answered only after it, if at all
  std::uint64_t unfinished_ = 0;  // sent, never answered
  std::uint64_t reconnects_ = 0;
  Errors errors_;
};

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  using namespace gatehouse::bench;
  const Options options(argc, argv,
                        {{"port", "0"},
                         {"mode", "closed"},
                         {"connections", "64"},
                         {"warmup", "0.3"},
                         {"seconds", "1"},
                         {"rate", "2000"},
                         {"grace", "5"},
                         {"body-bytes", "844"},
                         {"model", "bench-json"},
                         {"path", "/v1/chat/completions"},
                         {"stream", "0"},
                         {"expect-bytes", "0"},
                         {"expect-events", "0"},
                         {"cycles", "0"},
                         {"read-events", "3"},
                         {"ack-port", "0"},
                         {"watch", ""}});
  bind_to_parent();
  raise_descriptor_limit();
  prctl(PR_SET_TIMERSLACK, 1UL);
  const Settings settings = read_settings(options);
  Load load(settings, make_request(settings, options.headers()));
  load.run();
  load.print();
  return 0;
}
