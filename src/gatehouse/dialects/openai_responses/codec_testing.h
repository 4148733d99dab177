#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/assembler.h"

// What the tests of the codec share.
namespace gatehouse::dialects::openai_responses::testing {

inline const llm::Quirks kPlain{};
inline const Rewrites kNone{};
inline const Reading kOpenai{.rewrites = kNone, .quirks = kPlain, .origin = llm::Origin::openai};

inline Target target(llm::Origin origin = llm::Origin::openai) {
  return {.model = "target-model", .stream = false, .quirks = kPlain, .origin = origin};
}

inline llm::ChatRequest read(std::string_view body) {
  auto request = front().read_request(body, {}, false);
  EXPECT_TRUE(request.has_value()) << request.error().error.detail;
  return request ? std::move(*request) : llm::ChatRequest{};
}

// (event, data) of a stream.
using Sse = std::vector<std::pair<std::string, std::string>>;
inline Sse events_of(std::string_view stream) {
  Sse out;
  while (!stream.empty()) {
    const auto end = stream.find("\n\n");
    std::string_view one = stream.substr(0, end);
    stream.remove_prefix(end == std::string_view::npos ? stream.size() : end + 2);
    std::string name;
    std::string data;
    while (!one.empty()) {
      const auto line_end = one.find('\n');
      const std::string_view line = one.substr(0, line_end);
      one.remove_prefix(line_end == std::string_view::npos ? one.size() : line_end + 1);
      if (line.starts_with("event: ")) name = line.substr(7);
      if (line.starts_with("data: ")) data = line.substr(6);
    }
    out.emplace_back(std::move(name), std::move(data));
  }
  return out;
}

struct Decoded {
  llm::ChatAnswer answer;
  std::optional<llm::ChatError> error;
  bool ended = false;
  std::string encoded;  // by the front, as it went
};

// Decodes a stream, holds its run to the rules and encodes it again on the way.
inline Decoded decode(const Sse& stream, const Reading& reading, const Writing& writing) {
  const auto decoder = back().make_decoder(reading);
  const auto encoder = front().make_encoder(writing);
  llm::AnswerAssembler assembler;
  Decoded out;
  std::vector<llm::ChatEvent> events;
  const auto take = [&] {
    for (const auto& event : events) {
      encoder->write(event, out.encoded);
      const auto added = assembler.add(event);
      EXPECT_TRUE(added.has_value()) << added.error().detail;
    }
    events.clear();
  };
  for (const auto& [name, data] : stream) {
    decoder->on_event(name, data, events);
    take();
  }
  decoder->on_end(events);
  take();
  out.error = assembler.error();
  out.ended = assembler.ended();
  out.answer = assembler.take();
  return out;
}

// Holds an encoded stream to the rules of the dialect; the response of its last event.
inline std::string checked_response(const std::string& stream) {
  std::uint64_t number = 0;
  std::uint64_t next_item = 0;
  std::string last;
  for (const auto& [name, data] : events_of(stream)) {
    EXPECT_TRUE(json::validate(data).has_value()) << data;
    const json::Value event(data);
    EXPECT_EQ(event["type"].string_or(""), name);
    EXPECT_EQ(event["sequence_number"].integer(), static_cast<std::int64_t>(number++)) << data;
    if (name == "response.output_item.added") {
      EXPECT_EQ(event["output_index"].integer(), static_cast<std::int64_t>(next_item++));
    }
    if (event["response"].exists()) last = std::string(event["response"].raw());
  }
  return last;
}

}  // namespace gatehouse::dialects::openai_responses::testing
