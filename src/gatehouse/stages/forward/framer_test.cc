#include "gatehouse/stages/forward/framer.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/aws_event_stream.h"

namespace gatehouse::stages {
namespace {

using Events = std::vector<std::pair<std::string, std::string>>;
using providers::Framing;

struct Read {
  Events events;
  std::string error;  // slug; empty: none
};

Read read(Framing framing, std::string_view stream, std::size_t piece, std::size_t limit = 1 << 16) {
  Read read;
  const auto framer = make_framer(framing, limit);
  const auto visit = [&](std::string_view name, std::string_view data) { read.events.emplace_back(name, data); };
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    // The bytes are gone after the call, as those of a connection are.
    const std::string bytes(stream.substr(at, piece));
    if (const auto pushed = framer->push(bytes, visit); !pushed) {
      read.error = pushed.error().slug();
      return read;
    }
  }
  if (const auto ended = framer->end(visit); !ended) read.error = ended.error().slug();
  return read;
}

void expect_at_every_cut(Framing framing, std::string_view stream, const Events& events) {
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    const Read got = read(framing, stream, piece);
    EXPECT_EQ(got.events, events) << "in pieces of " << piece;
    EXPECT_EQ(got.error, "") << "in pieces of " << piece;
  }
}

TEST(Framer, ServerSentEventsAtEveryCut) {
  expect_at_every_cut(Framing::sse,
                      "\xEF\xBB\xBF: hello\r\n\r\nevent: a\r\ndata: {\"x\":\"\xC3\xA9\"}\r\n\r\n:ping\n\n"
                      "data: 1\ndata: 2\n\ndata: [DONE]\n",
                      {{"a", "{\"x\":\"\xC3\xA9\"}"}, {"", "1\n2"}, {"", "[DONE]"}});
}

TEST(Framer, LinesOfJsonAtEveryCut) {
  expect_at_every_cut(Framing::ndjson, "{\"a\":1}\n\r\n{\"b\":2}\r\n{\"c\":3}",
                      {{"", "{\"a\":1}"}, {"", "{\"b\":2}"}, {"", "{\"c\":3}"}});
}

TEST(Framer, AwsFramesAtEveryCut) {
  std::string stream;
  http::append_aws_event(stream, {{":message-type", "event"}, {":event-type", "messageStart"}},
                         "{\"role\":\"assistant\"}");
  http::append_aws_event(stream, {{":message-type", "exception"}, {":exception-type", "throttlingException"}},
                         "{\"message\":\"slow down\"}");
  http::append_aws_event(stream, {{":message-type", "error"}, {":error-code", "500"}, {":error-message", "a \"b\""}},
                         "");
  expect_at_every_cut(Framing::aws_event_stream, stream,
                      {{"messageStart", "{\"role\":\"assistant\"}"},
                       {"exception:throttlingException", "{\"message\":\"slow down\"}"},
                       {"exception:500", "{\"message\":\"a \\\"b\\\"\"}"}});
}

TEST(Framer, AFlippedBitIsRefused) {
  std::string stream;
  http::append_aws_event(stream, {{":message-type", "event"}, {":event-type", "x"}}, "{}");
  for (std::size_t i = 0; i < stream.size(); ++i) {
    std::string broken = stream;
    broken[i] = static_cast<char>(broken[i] ^ 1);
    EXPECT_NE(read(Framing::aws_event_stream, broken, broken.size()).error, "") << i;
  }
}

TEST(Framer, AStreamCutInAnEventIsBroken) {
  EXPECT_EQ(read(Framing::sse, "data: 1\n\ndata: 2", 4).error, "upstream_broken");
  std::string stream;
  http::append_aws_event(stream, {{":message-type", "event"}, {":event-type", "x"}}, "{}");
  stream.pop_back();
  EXPECT_EQ(read(Framing::aws_event_stream, stream, 4).error, "upstream_broken");
}

TEST(Framer, AnEventOverTheLimitIsRefused) {
  const std::string large(1000, 'x');
  for (const std::size_t piece : {1UL, 7UL, 5000UL}) {
    EXPECT_EQ(read(Framing::sse, "data: " + large, piece, 100).error, "upstream_too_large") << piece;
    EXPECT_EQ(read(Framing::ndjson, "\"" + large, piece, 100).error, "upstream_too_large") << piece;
  }
}

}  // namespace
}  // namespace gatehouse::stages
