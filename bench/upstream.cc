// A mock of an OpenAI-compatible server for measurements: one thread, always the same answer. What it answers is
// chosen by the model's name in the request, because every proxy forwards that:
//   bench-json            a chat completion of 583 bytes with usage
//   bench-sse-N-GAP       a stream of N events, GAP microseconds apart (rounded to 1 ms); GAP 0: one event a stream
//                         and turn, as fast as the sockets take them
//   bench-sse-N-ack       the same, but an event goes out when the load has told that it has the one before. So no
//                         proxy, however far behind, can read two events of a stream at once
// Each event is a write of its own; `system_fingerprint` carries a stamp (common.h): when it was written, or with
// `ack` the name of the stream. A connection that begins with kAckGreeting carries such names back, 8 bytes each.
// Any other model is a 404, so that a proxy that fails to map a name shows. GET /stats tells the ledger.
#include <sys/uio.h>

#include <algorithm>
#include <memory>
#include <queue>
#include <utility>

#include "common.h"

namespace gatehouse::bench {
namespace {

constexpr std::size_t kJsonAnswerBytes = 583;
constexpr std::size_t kMaxRequestBytes = 8U << 20U;
constexpr std::uint32_t kMaxEvents = 10'000'000;

std::string json_answer() {
  std::string body = R"({"id":"chatcmpl-BENCH0000000000000000000000","object":"chat.completion","created":1767225600,)"
                     R"("model":"bench-json","choices":[{"index":0,"message":{"role":"assistant","content":")";
  const std::string tail = R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":171,)"
                           R"("completion_tokens":24,"total_tokens":195},"system_fingerprint":"fp_bench"})";
  const std::string_view prose =
      "The shipment left the warehouse on Tuesday and should arrive before the end of the week. If it does not, reply "
      "to this message and we will look into it for you. ";
  for (std::size_t i = 0; body.size() + tail.size() < kJsonAnswerBytes; ++i) body += prose[i % prose.size()];
  body += tail;
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_bench\r\nopenai-processing-ms: 1\r\n"
         "content-length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string plain_answer(std::string_view status, std::string_view body) {
  std::string out = "HTTP/1.1 ";
  out.append(status).append("\r\ncontent-type: application/json\r\ncontent-length: ");
  out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return out;
}

// An event as it goes out: one HTTP chunk that holds one server-sent event.
struct Event {
  std::string bytes;
  std::size_t stamp_at = 0;  // where the stamp goes
};

Event make_event(std::string_view choices_and_usage) {
  std::string data =
      R"(data: {"id":"chatcmpl-BENCH0000000000000000000000","object":"chat.completion.chunk","created":1767225600,)"
      R"("model":"bench-sse","system_fingerprint":"fp_~aaaaaaaaaaaaaaaa~",)";
  data.append(choices_and_usage).append("}\n\n");
  std::array<char, 16> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  Event event;
  event.bytes = size.data() + data + "\r\n";
  event.stamp_at = event.bytes.find('~') + 1;
  return event;
}

struct Script {
  Event first = make_event(
      R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}])");
  std::vector<Event> words;
  Event finish = make_event(R"("choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}])");
  Event usage = make_event(R"("choices":[],"usage":{"prompt_tokens":171,"completion_tokens":24,"total_tokens":195})");
  std::string done = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
  std::string head =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nx-request-id: req_bench\r\n"
      "transfer-encoding: chunked\r\n\r\n";
  std::string json = json_answer();
  std::string unknown_model =
      plain_answer("404 Not Found", R"({"error":{"message":"no such model","type":"invalid_request_error"}})");
  std::string bad_request =
      plain_answer("400 Bad Request", R"({"error":{"message":"bad request","type":"invalid_request_error"}})");

  Script() {
    for (const std::string_view word : {" The", " shipment", " left", " on", " Tuesday", ",", " and", " it", " should",
                                        " arrive", " before", " the", " week", " ends", ".", " Thanks"}) {
      words.push_back(make_event(R"("choices":[{"index":0,"delta":{"content":")" + std::string(word) +
                                 R"("},"logprobs":null,"finish_reason":null}])"));
    }
  }
};

struct Connection {
  int fd = -1;
  std::uint32_t generation = 0;
  std::string in;             // a request that has not come whole yet
  std::string model;          // found while the body of `body_left` bytes is still coming
  std::size_t body_left = 0;  // of a request whose model is known already: counted, not kept
  std::string out;            // what the socket did not take
  std::uint32_t events_left = 0;
  std::uint32_t events_total = 0;
  Nanos gap = 0;
  bool streaming = false;
  std::uint32_t stream = 0;  // its number: what is told of an earlier one on this connection is void
  bool on_ack = false;       // the next event waits for the last one's acknowledgement
  bool moved = false;        // since the last look for stalled streams
  bool carries_acks = false;
  bool watching_write = false;
  bool carried_request = false;
};

// Wakes a stream: `generation` tells whether the descriptor still means the same connection.
struct Due {
  Nanos when;
  int fd;
  std::uint32_t generation;
  bool operator>(const Due& other) const { return when > other.when; }
};

class Upstream {
 public:
  Upstream(int port, Nanos ends) : ends_(ends) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (epoll_ < 0 || listener_ < 0) die("socket");
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("bind");
    if (listen(listener_, 8192) != 0) die("listen");
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
    std::printf("{\"event\":\"listening\",\"port\":%d,\"pid\":%d}\n", ntohs(address.sin_port), getpid());
    std::fflush(stdout);
  }
  ~Upstream() {
    connections_.clear();
    close(listener_);
    close(epoll_);
  }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  // Runs until its time is over or a signal has set `stop`.
  void run(const volatile sig_atomic_t& stop) {
    std::array<epoll_event, 512> events{};
    while (stop == 0 && now_ns() < ends_) {
      Nanos deadline = std::min(ends_, next_look_);
      if (!ready_.empty()) {
        deadline = 0;
      } else if (!due_.empty()) {
        deadline = std::min(deadline, due_.top().when);
      }
      const int count = wait_until(epoll_, events.data(), static_cast<int>(events.size()), deadline);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_all();
        } else {
          serve(fd, events[static_cast<std::size_t>(i)].events);
        }
      }
      run_due();
      run_ready();
      if (now_ns() >= next_look_) free_stalled();
    }
  }

 private:
  void watch(int fd, std::uint32_t what, int operation) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  Connection* find(int fd, std::uint32_t generation) {
    Connection* connection = connections_[static_cast<std::size_t>(fd)].get();
    return connection != nullptr && connection->generation == generation ? connection : nullptr;
  }

  void accept_all() {
    for (int i = 0; i < 256; ++i) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      set_no_delay(fd);
      if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(static_cast<std::size_t>(fd) + 64);
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      connection->generation = ++generation_;
      connections_[static_cast<std::size_t>(fd)] = std::move(connection);
      watch(fd, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_ADD);
      ++accepted_;
    }
  }

  void drop(Connection& connection) {
    if (connection.streaming) {
      --streams_open_;
      ++aborted_;
    }
    if (connection.carried_request) --carrying_;
    const int fd = connection.fd;
    connections_[static_cast<std::size_t>(fd)].reset();
    close(fd);
  }

  // Handles what epoll told of a connection; it may be gone afterwards.
  void serve(int fd, std::uint32_t what) {
    Connection* connection = connections_[static_cast<std::size_t>(fd)].get();
    if (connection == nullptr) return;
    if ((what & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) return drop(*connection);
    if ((what & EPOLLOUT) != 0 && !flush(*connection)) return drop(*connection);
    if ((what & EPOLLIN) == 0) return;
    const ssize_t got = recv(fd, input_.data(), input_.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return drop(*connection);
    if (got < 0) return;
    std::string_view bytes(input_.data(), static_cast<std::size_t>(got));
    if (!connection->carried_request && connection->in.empty() && bytes.starts_with(kAckGreeting)) {
      connection->carries_acks = true;  // so short a greeting comes whole
      bytes.remove_prefix(kAckGreeting.size());
    }
    if (connection->carries_acks) return take_acks(*connection, bytes);
    if (connection->body_left > 0) {
      const std::size_t skipped = std::min(connection->body_left, bytes.size());
      connection->body_left -= skipped;
      bytes.remove_prefix(skipped);
      if (connection->body_left > 0) return;
      if (!answer(*connection, std::exchange(connection->model, {}))) return drop(*connection);
      if (bytes.empty()) return;
    }
    if (!connection->in.empty()) {
      connection->in.append(bytes);
      bytes = connection->in;
    }
    std::string_view rest = bytes;
    if (!take_requests(*connection, rest)) return drop(*connection);
    if (rest.size() > kMaxRequestBytes) return drop(*connection);
    if (rest.empty()) {
      if (connection->in.capacity() > 4096) connection->in.shrink_to_fit();
      connection->in.clear();
    } else if (connection->in.empty()) {
      connection->in.assign(rest);
    } else {
      connection->in.erase(0, connection->in.size() - rest.size());
    }
  }

  // Answers every whole request in `bytes`, which is left with what has not come whole. False: close.
  bool take_requests(Connection& connection, std::string_view& bytes) {
    while (!bytes.empty() && !connection.streaming) {
      const std::size_t head_end = bytes.find("\r\n\r\n");
      if (head_end == std::string_view::npos) return true;
      const std::string_view head = bytes.substr(0, head_end);
      std::string_view body = bytes.substr(head_end + 4);
      if (head.starts_with("GET /stats ")) {
        bytes = body;
        if (!send_all(connection, stats())) return false;
        continue;
      }
      std::string model;
      std::string decoded;
      std::size_t used = 0;
      if (!header_value(head, "transfer-encoding:").empty()) {
        const int state = decode_chunked(body, decoded, used);
        if (state < 0) return false;
        if (state == 0) return true;
        model = model_of(decoded);
      } else {
        const std::string_view length_text = header_value(head, "content-length:");
        const std::size_t length = std::strtoull(std::string(length_text).c_str(), nullptr, 10);
        if (length > kMaxRequestBytes) return false;
        model = model_of(body.substr(0, length));
        if (body.size() < length) {
          if (model.empty()) return true;
          connection.body_left = length - body.size();
          connection.model = std::move(model);
          bytes = {};
          return true;
        }
        used = length;
      }
      body.remove_prefix(used);
      bytes = body;
      if (!answer(connection, model)) return false;
    }
    return true;
  }

  // 1: whole, `used` bytes of `in` decoded; 0: more must come; -1: nonsense.
  static int decode_chunked(std::string_view in, std::string& out, std::size_t& used) {
    std::size_t at = 0;
    while (true) {
      const std::size_t line_end = in.find("\r\n", at);
      if (line_end == std::string_view::npos) return 0;
      char* end = nullptr;
      const std::string line(in.substr(at, line_end - at));
      const std::size_t size = std::strtoull(line.c_str(), &end, 16);
      if (end == line.c_str() || size > kMaxRequestBytes) return -1;
      at = line_end + 2;
      if (in.size() < at + size + 2) return 0;
      out.append(in.substr(at, size));
      at += size + 2;
      if (size == 0) {
        used = at;
        return 1;
      }
    }
  }

  // The model's name, empty when it has not come (yet). Clients and proxies here write it without escapes.
  static std::string model_of(std::string_view body) {
    std::size_t at = body.find("\"model\"");
    if (at == std::string_view::npos) return {};
    at = body.find('"', at + 7);
    if (at == std::string_view::npos) return {};
    const std::size_t end = body.find('"', at + 1);
    if (end == std::string_view::npos) return {};
    return std::string(body.substr(at + 1, end - at - 1));
  }

  bool answer(Connection& connection, const std::string& model) {
    if (!connection.carried_request) {
      connection.carried_request = true;
      ++carrying_;
    }
    if (model == "bench-json") {
      ++json_answers_;
      return send_all(connection, script_.json);
    }
    unsigned count = 0;
    unsigned gap_us = 0;
    const bool on_ack = model.starts_with("bench-sse-") && model.ends_with("-ack");
    const int fields = std::sscanf(model.c_str(), "bench-sse-%u-%u", &count, &gap_us);
    if (fields + (on_ack ? 1 : 0) == 2 && count >= 4 && count <= kMaxEvents) {
      ++streams_;
      ++streams_open_;
      connection.streaming = true;
      connection.stream = static_cast<std::uint32_t>(streams_);
      connection.on_ack = on_ack;
      connection.events_total = connection.events_left = count;
      connection.gap = static_cast<Nanos>(gap_us) * 1000;
      if (!send_all(connection, script_.head)) return false;
      return send_event(connection);
    }
    ++refused_;
    return send_all(connection, model.empty() ? script_.bad_request : script_.unknown_model);
  }

  // Writes the stream's next event and plans the one after. False: the connection is broken.
  bool send_event(Connection& connection) {
    const std::uint32_t at = connection.events_total - connection.events_left;
    Event& event = at == 0                       ? script_.first
                   : connection.events_left == 2 ? script_.finish
                   : connection.events_left == 1 ? script_.usage
                                                 : script_.words[at % script_.words.size()];
    std::uint64_t stamp = 0;
    if (connection.on_ack) {
      stamp = static_cast<std::uint64_t>(connection.stream) << 32U | static_cast<std::uint32_t>(connection.fd);
    } else if (connection.gap > 0) {
      stamp = static_cast<std::uint64_t>(now_ns());
    }
    write_stamp(event.bytes.data() + event.stamp_at, stamp);
    connection.moved = true;
    ++events_;
    --connection.events_left;
    if (!send_all(connection, event.bytes)) return false;
    if (connection.events_left == 0) {
      connection.streaming = false;
      --streams_open_;
      if (!send_all(connection, script_.done)) return false;
      if (connection.in.empty()) return true;
      std::string waiting = std::exchange(connection.in, {});
      std::string_view rest = waiting;
      if (!take_requests(connection, rest)) return false;
      connection.in.assign(rest);
      return true;
    }
    plan(connection);
    return true;
  }

  // A stream whose client does not read is planned by the flush instead: what waits for it stays one event.
  void plan(const Connection& connection) {
    if (!connection.out.empty() || connection.on_ack) return;
    if (connection.gap == 0) {
      ready_.emplace_back(connection.fd, connection.generation);
    } else {
      const Nanos when = (now_ns() + connection.gap) / kMillisecond * kMillisecond;
      due_.push({when, connection.fd, connection.generation});
    }
  }

  // Names of streams whose last event has arrived, cut anywhere.
  void take_acks(Connection& connection, std::string_view bytes) {
    connection.in.append(bytes);
    std::size_t at = 0;
    for (; connection.in.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
      std::uint64_t name = 0;
      std::memcpy(&name, connection.in.data() + at, sizeof name);
      const auto fd = static_cast<std::uint32_t>(name);
      if (fd >= connections_.size()) continue;
      Connection* told = connections_[fd].get();
      if (told == nullptr || !told->streaming || told->stream != static_cast<std::uint32_t>(name >> 32U)) continue;
      if (!send_event(*told)) drop(*told);
    }
    connection.in.erase(0, at);
  }

  // A proxy may hold an event back until it has the next, or lose the stamp: such a stream goes on, if slowly.
  void free_stalled() {
    next_look_ = now_ns() + 100 * kMillisecond;
    for (const auto& connection : connections_) {
      if (connection == nullptr || !connection->streaming || !connection->on_ack) continue;
      if (!std::exchange(connection->moved, false) && !send_event(*connection)) drop(*connection);
    }
  }

  void run_due() {
    const Nanos now = now_ns();
    while (!due_.empty() && due_.top().when <= now) {
      const Due due = due_.top();
      due_.pop();
      Connection* connection = find(due.fd, due.generation);
      if (connection != nullptr && connection->streaming && !send_event(*connection)) drop(*connection);
    }
  }

  void run_ready() {
    turn_.swap(ready_);
    for (const auto& [fd, generation] : turn_) {
      Connection* connection = find(fd, generation);
      if (connection != nullptr && connection->streaming && !send_event(*connection)) drop(*connection);
    }
    turn_.clear();
  }

  bool send_all(Connection& connection, std::string_view bytes) {
    if (connection.out.empty()) {
      const ssize_t sent = send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      if (bytes.empty()) return true;
    }
    connection.out.append(bytes);
    if (!connection.watching_write) {
      connection.watching_write = true;
      watch(connection.fd, EPOLLIN | EPOLLRDHUP | EPOLLOUT, EPOLL_CTL_MOD);
    }
    return true;
  }

  bool flush(Connection& connection) {
    const ssize_t sent = send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    connection.out.erase(0, static_cast<std::size_t>(sent));
    if (!connection.out.empty()) return true;
    connection.watching_write = false;
    watch(connection.fd, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_MOD);
    if (connection.streaming) plan(connection);
    return true;
  }

  // `connections`: those that have carried a chat request and are open; the asker is not among them.
  std::string stats() const {
    std::array<char, 512> body{};
    std::snprintf(body.data(), body.size(),
                  "{\"connections\":%llu,\"accepted\":%llu,\"json\":%llu,\"streams\":%llu,\"streams_open\":%llu,"
                  "\"aborted\":%llu,\"events\":%llu,\"refused\":%llu}",
                  carrying_, accepted_, json_answers_, streams_, streams_open_, aborted_, events_, refused_);
    return plain_answer("200 OK", body.data());
  }

  using Count = unsigned long long;
  Script script_;
  Nanos ends_;
  Nanos next_look_ = 0;
  int epoll_ = -1;
  int listener_ = -1;
  std::uint32_t generation_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor; closing is drop's
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<std::pair<int, std::uint32_t>> ready_;
  std::vector<std::pair<int, std::uint32_t>> turn_;
  std::vector<char> input_ = std::vector<char>(256U << 10U);
  Count carrying_ = 0;
  Count accepted_ = 0;
  Count json_answers_ = 0;
  Count streams_ = 0;
  Count streams_open_ = 0;
  Count aborted_ = 0;
  Count events_ = 0;
  Count refused_ = 0;
};

volatile sig_atomic_t stop_requested = 0;

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  using namespace gatehouse::bench;
  const Options options(argc, argv, {{"port", "0"}, {"max-seconds", "3600"}});
  bind_to_parent();
  raise_descriptor_limit();
  prctl(PR_SET_TIMERSLACK, 1UL);
  for (const int number : {SIGTERM, SIGINT}) signal(number, [](int) { stop_requested = 1; });
  const Nanos ends = now_ns() + static_cast<Nanos>(options.number("max-seconds")) * kSecond;
  Upstream(static_cast<int>(options.number("port")), ends).run(stop_requested);
  return 0;
}
