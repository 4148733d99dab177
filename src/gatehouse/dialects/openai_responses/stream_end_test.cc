#include "gatehouse/dialects/openai_responses/stream_end.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_responses {
namespace {

// The data of each event; the event line must name its type.
std::vector<std::string> events_of(std::string_view stream) {
  std::vector<std::string> events;
  while (!stream.empty()) {
    const auto end = stream.find("\n\n");
    const std::string_view event = stream.substr(0, end);
    const auto data = event.find("\ndata: ");
    EXPECT_TRUE(event.starts_with("event: ") && data != std::string_view::npos) << event;
    events.emplace_back(event.substr(data + 7));
    EXPECT_TRUE(json::validate(events.back())) << events.back();
    EXPECT_EQ(json::read_string(json::find(events.back(), "type")), event.substr(7, data - 7));
    if (end == std::string_view::npos) break;
    stream.remove_prefix(end + 2);
  }
  return events;
}

constexpr std::string_view kCreated =
    R"({"type":"response.created","sequence_number":0,"response":{"id":"r","object":"response","created_at":1,"status":"in_progress","error":null,"model":"m","output":[],"tools":[],"usage":null}})";

TEST(StreamEnd, WhatIsOpenIsClosedWithWhatWasSaid) {
  StreamEnd end;
  for (
      const std::string_view data :
      {kCreated,
       std::string_view(
           R"({"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"m1","type":"message","status":"in_progress","content":[],"role":"assistant"}})"),
       std::string_view(
           R"({"type":"response.content_part.added","sequence_number":2,"item_id":"m1","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}})"),
       std::string_view(
           R"({"type":"response.output_text.delta","sequence_number":3,"item_id":"m1","output_index":0,"content_index":0,"delta":"One \"two\""})"),
       std::string_view(
           R"({"type":"response.output_item.added","sequence_number":4,"output_index":1,"item":{"id":"f1","type":"function_call","arguments":"","name":"f"}})"),
       std::string_view(
           R"({"type":"response.function_call_arguments.delta","sequence_number":5,"output_index":1,"delta":"{\"half"})")}) {
    end.on_event(data);
  }
  EXPECT_FALSE(end.ended());
  llm::Usage usage;
  usage.known = true;
  usage.prompt_tokens = 3;
  usage.completion_tokens = 2;
  const auto events = events_of(end.blocked_ending(usage));
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(
      events[0],
      R"({"type":"response.output_text.done","sequence_number":6,"item_id":"m1","output_index":0,"content_index":0,)"
      R"("text":"One \"two\"","logprobs":[]})");
  EXPECT_EQ(
      events[1],
      R"({"type":"response.content_part.done","sequence_number":7,"item_id":"m1","output_index":0,"content_index":0,)"
      R"("part":{"type":"output_text","annotations":[],"logprobs":[],"text":"One \"two\""}})");
  const std::string item =
      R"({"id":"m1","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"One \"two\""}]})";
  EXPECT_EQ(events[2],
            R"({"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":)" + item + "}");
  EXPECT_EQ(
      events[3],
      R"({"type":"response.incomplete","sequence_number":9,"response":{"id":"r","object":"response","created_at":1,"model":"m","tools":[],)"
      R"("status":"incomplete","error":null,"incomplete_details":{"reason":"content_filter"},"output":[)" +
          item +
          R"(],"usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":0},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":5}}})");
  EXPECT_NE(end.cut_short({}).find(R"("reason":"max_output_tokens")"), std::string::npos);
  EXPECT_NE(end.cut_short({}).find(R"("usage":null)"), std::string::npos);
}

TEST(StreamEnd, ItemsThatAreDoneAreRepeatedAsTheyCame) {
  StreamEnd end;
  end.on_event(kCreated);
  end.on_event(
      R"({"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"f1","type":"function_call","arguments":"{}"}})");
  const auto events = events_of(end.cut_short({}));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(json::find(events[0], "response.output"), R"([{"id":"f1","type":"function_call","arguments":"{}"}])");
  EXPECT_EQ(json::find(events[0], "sequence_number"), "8");
}

TEST(StreamEnd, WithoutABeginningAnEndingAllTheSame) {
  StreamEnd end;
  for (const char* data : {"", "[DONE]", "{", "[]", R"({"type":"response.output_text.delta"})"}) end.on_event(data);
  const auto events = events_of(end.blocked_ending({}));
  EXPECT_EQ(json::find(events.back(), "response.status"), "\"incomplete\"");
}

TEST(StreamEnd, AnErrorIsAnEventOfItsOwn) {
  StreamEnd end;
  end.on_event(kCreated);
  EXPECT_EQ(end.error_ending({Code::content_blocked, "Blocked by policy (\"pii\")"}),
            "event: error\ndata: {\"type\":\"error\",\"sequence_number\":1,\"code\":\"content_blocked\",\"message\":"
            "\"Blocked by policy (\\\"pii\\\")\",\"param\":null}\n\n");
}

TEST(StreamEnd, KnowsTheEnd) {
  for (const char* type : {"response.completed", "response.incomplete", "response.failed"}) {
    StreamEnd end;
    end.on_event(std::string(R"({"type":")") + type + R"(","response":{}})");
    EXPECT_TRUE(end.ended());
  }
}

TEST(StreamEnd, KeepsNoMoreThanItsBound) {
  StreamEnd end;
  end.on_event(kCreated);
  const std::string piece(1000, 'a');
  const std::string delta =
      R"({"type":"response.output_text.delta","sequence_number":1,"output_index":0,"content_index":0,"delta":")" +
      piece + "\"}";
  for (int i = 0; i < 1000; ++i) end.on_event(delta);
  for (int i = 0; i < 1000; ++i) {
    end.on_event(R"({"type":"response.output_item.added","output_index":)" + std::to_string(i) +
                 R"(,"item":{"id":"x"}})");
  }
  const std::string ending = end.cut_short({});
  EXPECT_LT(ending.size(), 2 * StreamEnd::kKept);
  (void)events_of(ending);
}

// Whole streams, ended after each of their events.
TEST(StreamEnd, EndsAnyStreamAnywhere) {
  std::size_t endings = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(GATEHOUSE_GOLDEN) / "openai_responses")) {
    if (!entry.path().string().ends_with(".sse")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string stream{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    StreamEnd end;
    std::uint64_t number = 0;
    for (const std::string& data : events_of(std::string_view(stream).substr(0, stream.size() - 2))) {
      end.on_event(data);
      ++number;
      for (const std::string& event : events_of(end.blocked_ending({}))) {
        EXPECT_GE(json::read_count(json::find(event, "sequence_number")), number);
        ++endings;
      }
    }
  }
  EXPECT_GT(endings, 30u);
}

}  // namespace
}  // namespace gatehouse::dialects::openai_responses
