#include "gatehouse/dialects/stream_end.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/answer_reader.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects {
namespace {

namespace fs = std::filesystem;
using llm::Operation;

std::vector<std::string> golden(const std::string& file) {
  std::ifstream in(fs::path(GATEHOUSE_GOLDEN) / file, std::ios::binary);
  std::vector<std::string> events;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("data: ")) events.push_back(line.substr(6));
  }
  EXPECT_FALSE(events.empty()) << file;
  return events;
}

// The data of each event of an ending, which must be JSON.
std::vector<std::string> events_of(std::string_view stream) {
  std::vector<std::string> events;
  EXPECT_TRUE(stream.ends_with("\n\n"));
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = stream.find("\n\n", at);
    const std::string_view event = stream.substr(at, end - at);
    const std::string data(event.substr(event.find("data: ") + 6));
    EXPECT_TRUE(data == "[DONE]" || json::validate(data)) << data;
    if (event.starts_with("event: ")) {
      EXPECT_EQ(json::read_string(json::find(data, "type")), event.substr(7, event.find('\n') - 7));
    }
    events.push_back(data);
    at = end + 2;
  }
  return events;
}

std::string text_at(std::string_view json, std::string_view path) {
  return json::read_string(json::find(json, path)).value_or("");
}

// A stream of messages is in order: one message_start first, blocks opened before they are written to and closed once,
// message_delta before message_stop, which is last. Gives what is open at the end.
std::map<std::string, std::string> check_messages(const std::vector<std::string>& events) {
  std::map<std::string, std::string> open;
  EXPECT_EQ(text_at(events.front(), "type"), "message_start");
  EXPECT_EQ(text_at(events.back(), "type"), "message_stop");
  EXPECT_EQ(text_at(events[events.size() - 2], "type"), "message_delta");
  for (std::size_t i = 1; i + 2 < events.size(); ++i) {
    const std::string type = text_at(events[i], "type");
    const std::string index(json::find(events[i], "index"));
    EXPECT_NE(type, "message_start");
    EXPECT_NE(type, "message_stop");
    if (type == "content_block_start") {
      EXPECT_TRUE(open.emplace(index, text_at(events[i], "content_block.type")).second) << events[i];
    }
    if (type == "content_block_delta") EXPECT_TRUE(open.contains(index)) << events[i];
    if (type == "content_block_stop") EXPECT_EQ(open.erase(index), 1u) << events[i];
  }
  return open;
}

// Cut behind every event of every golden stream.
TEST(StreamEnd, MessagesEndInOrderWhereverTheyAreCut) {
  for (const auto* file : {"anthropic/stream_text.in.sse", "anthropic/stream_tools.in.sse"}) {
    const auto all = golden(file);
    for (std::size_t cut = 0; cut + 2 < all.size(); ++cut) {
      StreamEnd end(Operation::messages, 1);
      std::vector<std::string> sent(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(cut));
      for (const auto& data : sent) end.on_event(data);
      // What comes next is known, and does not go out.
      end.on_held(all[cut]);
      EXPECT_FALSE(end.ended());
      llm::Usage usage{.prompt_tokens = 3, .completion_tokens = 7, .known = true};
      for (const bool blocked : {false, true}) {
        auto stream = sent;
        for (auto& data : events_of(blocked ? end.blocked_ending(usage) : end.cut_short(usage))) {
          stream.push_back(std::move(data));
        }
        const auto open = check_messages(stream);
        // Half a call is not closed.
        for (const auto& [index, type] : open) EXPECT_TRUE(type.ends_with("tool_use")) << file << " " << cut;
        EXPECT_EQ(text_at(stream[stream.size() - 2], "delta.stop_reason"), blocked ? "refusal" : "max_tokens");
        EXPECT_EQ(json::find(stream[stream.size() - 2], "usage.output_tokens"), "7");
        AnswerReader reader(AnswerReader::Depth::all, Operation::messages);
        for (const auto& data : stream) reader.on_event(data);
        EXPECT_TRUE(reader.done());
        EXPECT_EQ(reader.finish_reason(), blocked ? "content_filter" : "length");
        StreamEnd again(Operation::messages, 1);
        for (const auto& data : stream) again.on_event(data);
        EXPECT_TRUE(again.ended());
      }
    }
  }
}

TEST(StreamEnd, AMessageThatNeverBeganBeginsAsItWouldHave) {
  StreamEnd end(Operation::messages, 1);
  end.on_held(R"({"type":"message_start","message":{"id":"msg_9","content":[],"usage":{"input_tokens":1}}})");
  end.on_held(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
  const auto events = events_of(end.blocked_ending({}));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(text_at(events[0], "message.id"), "msg_9");
  const auto bare = events_of(StreamEnd(Operation::messages, 1).blocked_ending({}));
  ASSERT_EQ(bare.size(), 3u);
  EXPECT_EQ(text_at(bare[0], "message.role"), "assistant");
}

TEST(StreamEnd, ContentsEndWithAReason) {
  StreamEnd end(Operation::stream_content, 2);
  for (const auto& data : golden("gemini/stream_candidates.in.sse")) end.on_event(data);
  const auto events =
      events_of(end.cut_short({.prompt_tokens = 3, .completion_tokens = 9, .reasoning_tokens = 2, .known = true}));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(
      events[0],
      R"({"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"MAX_TOKENS","index":0},)"
      R"({"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"MAX_TOKENS","index":1}],)"
      R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":7,"thoughtsTokenCount":2,"totalTokenCount":12},)"
      R"("modelVersion":"gemini-2.5-pro","responseId":"r-3"})");
  const auto blocked = events_of(StreamEnd(Operation::stream_content, 1).blocked_ending({}));
  EXPECT_NE(blocked.at(0).find("\"finishReason\":\"SAFETY\""), std::string::npos);
}

TEST(StreamEnd, ChunksTakeTheirNamesFromWhatWentOutOrWasHeld) {
  StreamEnd end(Operation::chat_completions, 1);
  end.on_held(R"({"id":"c1","object":"chat.completion.chunk","choices":[]})");
  end.on_held(R"({"id":"c2","choices":[]})");
  auto events = events_of(end.cut_short({}));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(text_at(events[0], "id"), "c1");
  EXPECT_EQ(events[1], "[DONE]");
  end.on_event(R"({"id":"c3","choices":[]})");
  EXPECT_EQ(text_at(events_of(end.blocked_ending({})).at(0), "id"), "c3");
  EXPECT_FALSE(end.ended());
  end.on_event("[DONE]");
  EXPECT_TRUE(end.ended());
}

TEST(StreamEnd, ErrorsInTheStreamsOwnWords) {
  const ApiError error(Code::content_blocked, "no");
  EXPECT_TRUE(StreamEnd(Operation::messages, 1).error_ending(error).starts_with("event: error\n"));
  EXPECT_NE(StreamEnd(Operation::stream_content, 1).error_ending(error).find("PERMISSION_DENIED"), std::string::npos);
  EXPECT_NE(StreamEnd(Operation::responses, 1).error_ending(error).find("\"type\":\"error\""), std::string::npos);
  EXPECT_TRUE(StreamEnd(Operation::completions, 1).error_ending(error).starts_with("data: {\"error\":"));
}

}  // namespace
}  // namespace gatehouse::dialects
