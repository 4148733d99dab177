#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common.h"

// What the load was told to do, and the request it makes of it.
namespace gatehouse::bench {

enum class Mode { closed, rate, hold, churn };

struct Settings {
  Mode mode = Mode::closed;
  int port = 0;
  std::size_t connections = 1;
  Nanos warmup = 0;
  Nanos duration = kSecond;
  Nanos grace = 5 * kSecond;  // for answers that `rate` still waits for when its window ends
  double rate = 0;
  std::size_t body_bytes = 844;
  std::string model;
  std::string path;
  bool stream = false;
  std::uint64_t expect_bytes = 0;   // of an answer's body; 0: any
  std::uint64_t expect_events = 0;  // of a stream, without [DONE]; 0: any
  std::uint64_t cycles = 0;
  std::uint64_t read_events = 3;
  int ack_port = 0;  // of the upstream: every event's stamp goes back to it (upstream.cc); 0: none
  std::vector<int> watched;
};

// Ends the program on nonsense.
inline Settings read_settings(const Options& options) {
  Settings settings;
  const std::string& mode = options.text("mode");
  if (mode == "closed") {
    settings.mode = Mode::closed;
  } else if (mode == "rate") {
    settings.mode = Mode::rate;
  } else if (mode == "hold") {
    settings.mode = Mode::hold;
  } else if (mode == "churn") {
    settings.mode = Mode::churn;
  } else {
    std::fprintf(stderr, "--mode: closed, rate, hold or churn\n");
    std::exit(2);
  }
  settings.port = static_cast<int>(options.number("port"));
  settings.connections = static_cast<std::size_t>(std::clamp(options.number("connections"), 1.0, 30000.0));
  settings.warmup = static_cast<Nanos>(options.number("warmup") * 1e9);
  settings.duration = static_cast<Nanos>(std::min(options.number("seconds"), 86400.0) * 1e9);
  settings.grace = static_cast<Nanos>(options.number("grace") * 1e9);
  settings.rate = std::max(options.number("rate"), 1.0);
  settings.body_bytes = static_cast<std::size_t>(options.number("body-bytes"));
  settings.model = options.text("model");
  settings.path = options.text("path");
  settings.stream = options.number("stream") != 0;
  settings.expect_bytes = static_cast<std::uint64_t>(options.number("expect-bytes"));
  settings.expect_events = static_cast<std::uint64_t>(options.number("expect-events"));
  settings.cycles = static_cast<std::uint64_t>(options.number("cycles"));
  settings.read_events = static_cast<std::uint64_t>(options.number("read-events"));
  settings.ack_port = static_cast<int>(options.number("ack-port"));
  const std::string& watched = options.text("watch");
  for (std::size_t at = 0; at < watched.size();) {
    const std::size_t comma = std::min(watched.find(',', at), watched.size());
    settings.watched.push_back(std::atoi(watched.substr(at, comma - at).c_str()));
    at = comma + 1;
  }
  return settings;
}

// The request, whose `kCounterDigits` letters are another in every request: no cache may answer twice with one answer.
constexpr std::size_t kCounterDigits = 8;
struct Request {
  std::string bytes;
  std::size_t counter_at = 0;

  void renew(std::uint64_t number) {
    for (std::size_t i = 0; i < kCounterDigits; ++i) {
      bytes[counter_at + kCounterDigits - 1 - i] = static_cast<char>('a' + ((number >> (4 * i)) & 15));
    }
  }
};

inline Request make_request(const Settings& settings, const std::vector<std::string>& headers) {
  const std::string marker(kCounterDigits, 'a');
  std::string body = R"({"model":")" + settings.model + R"(","stream":)" + (settings.stream ? "true" : "false") +
                     R"(,"temperature":0.2,"max_tokens":256,"messages":[{"role":"system","content":"You answer )"
                     R"(questions of customers about their orders, briefly and politely."},{"role":"user",)"
                     R"("content":"Case )" +
                     marker + ". ";
  const std::string tail = R"("}]})";
  const std::string_view prose =
      "I ordered two lamps and a small table last month and only one of the lamps has come so far. The page for the "
      "order says that everything was delivered. Could you find out where the other parcel is, and tell me whether I "
      "may still send the table back when it comes, as I have found another one meanwhile? Thank you for your help. ";
  for (std::size_t i = 0; body.size() + tail.size() < settings.body_bytes; ++i) body += prose[i % prose.size()];
  body += tail;
  Request request;
  request.bytes = "POST " + settings.path + " HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(settings.port) +
                  "\r\nuser-agent: gatehouse-bench\r\naccept: application/json\r\ncontent-type: application/json\r\n";
  for (const std::string& header : headers) request.bytes += header + "\r\n";
  request.bytes += "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
  request.bytes += body;
  request.counter_at = request.bytes.find(marker + ".");
  return request;
}

}  // namespace gatehouse::bench
