#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/gemini/codec.h"
#include "gatehouse/llm/chat/assembler.h"

// For the tests of this folder.
namespace gatehouse::dialects::gemini::testing {

inline const llm::Quirks kPlain;
inline const Rewrites kNothing;

inline llm::ChatRequest read(std::string_view body, bool stream = false) {
  auto request = front().read_request(body, "m", stream);
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().error.detail);
  return request ? std::move(*request) : llm::ChatRequest{};
}

struct Written {
  std::string body;
  std::vector<std::string> lost;
  Rewrites rewrites;
  std::string error;  // of what it could not
  std::string param;
};

inline Written write(const llm::ChatRequest& request, std::string_view model = "gemini-3-flash-preview",
                     llm::Origin origin = llm::Origin::gemini) {
  Written written;
  Losses losses;
  auto body =
      back().write_request(request, {.model = model, .quirks = kPlain, .origin = origin}, losses, written.rewrites);
  if (body) {
    written.body = *body;
  } else {
    written.error = body.error().error.slug();
    written.param = body.error().param;
  }
  written.lost = losses.dropped();
  return written;
}

// A stream, event by event, put together; `error` is set where it failed. The run has to be well-formed.
struct Decoded {
  llm::ChatAnswer answer;
  bool ended = false;
  std::optional<llm::ChatError> error;
};
inline Decoded decode(const std::vector<std::string>& chunks, const Rewrites& rewrites = kNothing) {
  const auto decoder = back().make_decoder({rewrites, kPlain, llm::Origin::gemini});
  llm::AnswerAssembler assembler;
  std::vector<llm::ChatEvent> events;
  const auto add = [&] {
    for (const auto& event : events) {
      const auto added = assembler.add(event);
      EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().detail);
    }
    events.clear();
  };
  for (const std::string& chunk : chunks) {
    decoder->on_event("", chunk, events);
    add();
  }
  decoder->on_end(events);
  add();
  return {assembler.answer(), assembler.ended(), assembler.error()};
}

inline llm::ChatAnswer answer(std::string_view body, const Rewrites& rewrites = kNothing) {
  auto read = back().read_answer(body, {rewrites, kPlain, llm::Origin::gemini});
  EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().detail);
  return read ? std::move(*read) : llm::ChatAnswer{};
}

// One candidate's chunk.
inline std::string chunk(std::string_view parts, std::string_view besides = "") {
  std::string out = R"({"candidates":[{"content":{"role":"model","parts":[)";
  out.append(parts).append("]}").append(besides).append(R"(,"index":0}],"modelVersion":"gemini-x","responseId":"r1"})");
  return out;
}

// Everything of an answer's first choice that is text.
inline std::string text_of(const llm::ChatAnswer& answer) {
  std::string out;
  if (answer.choices.empty()) return out;
  for (const auto& block : answer.choices.front().blocks) {
    if (const auto* text = block.as<llm::Text>()) out += text->text;
  }
  return out;
}

inline std::vector<const llm::ToolCall*> calls_of(const llm::ChatAnswer& answer) {
  std::vector<const llm::ToolCall*> calls;
  if (answer.choices.empty()) return calls;
  for (const auto& block : answer.choices.front().blocks) {
    if (const auto* call = block.as<llm::ToolCall>()) calls.push_back(call);
  }
  return calls;
}

// What the run of events is written as for a caller.
inline std::string encode(const std::vector<llm::ChatEvent>& run, const llm::ChatRequest& request) {
  const auto encoder = front().make_encoder({.request = request, .seed = "s1"});
  std::string out;
  for (const auto& event : run) encoder->write(event, out);
  return out;
}

}  // namespace gatehouse::dialects::gemini::testing
