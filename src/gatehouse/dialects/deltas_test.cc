#include "gatehouse/dialects/deltas.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/event_edit.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

namespace fs = std::filesystem;
using llm::Delta;
using llm::Operation;
using llm::SegmentKind;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> events_of(std::string_view stream) {
  std::vector<std::string> events;
  while (!stream.empty()) {
    const auto end = stream.find('\n');
    const std::string_view line = stream.substr(0, end);
    if (line.starts_with("data: ")) events.emplace_back(line.substr(6));
    if (end == std::string_view::npos) break;
    stream.remove_prefix(end + 1);
  }
  return events;
}

std::string part_text(std::uint32_t part) {
  return (part & DeltaReader::kUnknownPart) != 0 ? "?" : std::to_string(part);
}

std::string listed(std::span<const Delta> deltas, std::span<const Logprobs> logprobs) {
  std::string out;
  for (const Delta& delta : deltas) {
    out += "  " + std::to_string(delta.choice) + " " + std::string(name(delta.kind)) + " " + part_text(delta.part);
    out += delta.whole ? " whole " : " grows ";
    if (delta.echo) out += "echo ";
    json::append_quoted(out, delta.text);
    out += '\n';
  }
  for (const Logprobs& of : logprobs) {
    out += "  " + std::to_string(of.choice) + " logprobs " + std::to_string(of.part) + " ";
    json::append_quoted(out, of.text);
    out += '\n';
  }
  return out;
}

void check_places(std::string_view data, std::span<const Delta> deltas) {
  std::size_t at = 0;
  for (const Delta& delta : deltas) {
    ASSERT_GE(delta.offset, at);
    at = delta.offset + delta.length;
    ASSERT_LE(at, data.size());
    const std::string_view raw = data.substr(delta.offset, delta.length);
    ASSERT_EQ(json::read_string(raw), delta.text) << raw;
    ASSERT_EQ(delta.escaped, raw.find('\\') != std::string_view::npos);
    ASSERT_FALSE(delta.text.empty());
  }
}

Operation operation_of(const std::string& dialect, const std::string& file) {
  if (dialect == "openai_responses") return Operation::responses;
  if (dialect == "anthropic") return Operation::messages;
  if (dialect == "gemini" && file.starts_with("embeddings")) return Operation::embed_content;
  if (dialect == "gemini") return Operation::stream_content;
  if (file.starts_with("embeddings")) return Operation::embeddings;
  if (file.starts_with("rerank")) return Operation::rerank;
  if (file.starts_with("images")) return Operation::images;
  if (file.starts_with("transcription")) return Operation::audio;
  if (file.starts_with("moderation")) return Operation::moderations;
  return file.find("completion") != std::string::npos ? Operation::completions : Operation::chat_completions;
}

struct Golden {
  std::string name;
  Operation operation;
  bool stream;
  std::string text;
  fs::path expected;
};

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  for (const std::string dialect : {"openai_chat", "openai_responses", "anthropic", "gemini"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / dialect)) {
      const std::string file = entry.path().filename().string();
      const bool stream = file.ends_with(".in.sse");
      if (!stream && !file.ends_with(".answer.in.json")) continue;
      if (file.starts_with("not_json")) continue;
      all.push_back({file, operation_of(dialect, file), stream, file_text(entry.path()),
                     entry.path().parent_path() / (file.substr(0, file.rfind(".in.")) + ".deltas.txt")});
    }
  }
  return all;
}

TEST(Deltas, golden_files) {
  const auto all = goldens();
  EXPECT_GE(all.size(), 30u);
  for (const Golden& golden : all) {
    DeltaReader reader(golden.operation);
    std::string got;
    if (golden.stream) {
      for (const std::string& data : events_of(golden.text)) {
        std::vector<Delta> deltas;
        ASSERT_TRUE(reader.read_event(data, deltas)) << golden.name << ": " << data;
        check_places(data, deltas);
        got += "event\n" + listed(deltas, reader.logprobs());
      }
    } else {
      std::vector<Delta> deltas;
      ASSERT_TRUE(reader.read_body(golden.text, deltas)) << golden.name;
      check_places(golden.text, deltas);
      got += "body\n" + listed(deltas, reader.logprobs());
      for (const Delta& delta : deltas) EXPECT_TRUE(delta.whole);
    }
    EXPECT_EQ(got, file_text(golden.expected)) << golden.name;
  }
}

using Channel = std::tuple<std::uint32_t, SegmentKind, std::uint32_t>;

// What grows and what repeats it are the same text.
TEST(Deltas, WholeTextsOfAResponseRepeatWhatGrew) {
  std::size_t repeated = 0;
  for (const Golden& golden : goldens()) {
    if (!golden.stream || golden.operation != Operation::responses) continue;
    DeltaReader reader(golden.operation);
    std::map<Channel, std::string> grown;
    for (const std::string& data : events_of(golden.text)) {
      std::vector<Delta> deltas;
      ASSERT_TRUE(reader.read_event(data, deltas));
      for (const Delta& delta : deltas) {
        const Channel channel{delta.choice, delta.kind, delta.part};
        if (!delta.whole) {
          grown[channel] += delta.text;
        } else if (const auto found = grown.find(channel); found != grown.end()) {
          if (delta.kind == SegmentKind::other) continue;
          EXPECT_EQ(delta.text, found->second) << golden.name << ": " << data;
          ++repeated;
        }
      }
    }
  }
  EXPECT_GE(repeated, 20u);
}

TEST(Deltas, WhatIsCutOffIsNotRead) {
  for (const Golden& golden : goldens()) {
    DeltaReader reader(golden.operation);
    for (const std::string& data : golden.stream ? events_of(golden.text) : std::vector{golden.text}) {
      if (data == "[DONE]") continue;
      const std::string_view trimmed = std::string_view(data).substr(0, data.find_last_of("}]") + 1);
      for (std::size_t size = 0; size < trimmed.size(); ++size) {
        std::vector<Delta> deltas;
        ASSERT_FALSE(reader.read_event(trimmed.substr(0, size), deltas)) << trimmed.substr(0, size);
        ASSERT_FALSE(reader.read_body(trimmed.substr(0, size), deltas));
      }
    }
  }
}

std::map<Channel, std::string> texts_of(DeltaReader& reader, std::string_view data) {
  std::vector<Delta> deltas;
  EXPECT_TRUE(reader.read_event(data, deltas)) << data;
  check_places(data, deltas);
  std::map<Channel, std::string> texts;
  for (const Delta& delta : deltas) texts[{delta.choice, delta.kind, delta.part}] += delta.text;
  return texts;
}

TEST(EditEvent, OnlyTheTextThatIsEditedChanges) {
  for (const Golden& golden : goldens()) {
    DeltaReader reader(golden.operation);
    DeltaReader again(golden.operation);
    for (const std::string& data : golden.stream ? events_of(golden.text) : std::vector{golden.text}) {
      std::vector<Delta> deltas;
      reader.read_event(data, deltas);
      for (std::size_t i = 0; i < deltas.size(); ++i) {
        const std::size_t size = deltas[i].text.size();
        const std::vector<DeltaEdit> edits = {{i, 0, 0, "<\"\n"}, {i, size, size, ">"}};
        const std::string edited = edit_event(data, deltas, reader.logprobs(), edits);
        ASSERT_TRUE(json::validate(edited)) << edited;
        std::vector<Delta> after;
        ASSERT_TRUE(again.read_event(edited, after));
        ASSERT_EQ(after.size(), deltas.size());
        for (std::size_t k = 0; k < deltas.size(); ++k) {
          ASSERT_EQ(after[k].text, k == i ? "<\"\n" + std::string(deltas[k].text) + ">" : deltas[k].text);
        }
        for (const Logprobs& left : again.logprobs()) ASSERT_NE(left.choice, deltas[i].choice);
      }
    }
  }
}

TEST(EditEvent, LogprobsGoWithTheTextOfTheirChoice) {
  const std::string data =
      R"({"choices":[{"index":1,"logprobs":{"content":[{"token":"Ada","bytes":[65,100,97],"top_logprobs":[{"token":"x"}]}]},)"
      R"("delta":{"content":"Ada"}},{"index":0,"logprobs":{"content":[{"token":"b"}]},"delta":{"content":"b"}}]})";
  DeltaReader reader(Operation::chat_completions);
  std::vector<Delta> deltas;
  ASSERT_TRUE(reader.read_event(data, deltas));
  ASSERT_EQ(deltas.size(), 2u);
  ASSERT_EQ(reader.logprobs().size(), 2u);
  EXPECT_EQ(reader.logprobs()[0].text, "Ada");
  const DeltaEdit edit{0, 0, 3, "[NAME]"};
  EXPECT_EQ(
      edit_event(data, deltas, reader.logprobs(), {&edit, 1}),
      R"({"choices":[{"index":1,"logprobs":null,)"
      R"("delta":{"content":"[NAME]"}},{"index":0,"logprobs":{"content":[{"token":"b"}]},"delta":{"content":"b"}}]})");
  EXPECT_EQ(strip_logprobs(data, reader.logprobs()),
            R"({"choices":[{"index":1,"logprobs":null,)"
            R"("delta":{"content":"Ada"}},{"index":0,"logprobs":null,"delta":{"content":"b"}}]})");
}

// Cut at every byte of every text of every event: both halves together say what the event said, ends are said once.
TEST(SplitEvent, TwoHalvesSayTheSame) {
  std::size_t splits = 0;
  for (const Golden& golden : goldens()) {
    if (!golden.stream) continue;
    DeltaReader reader(golden.operation);
    DeltaReader again(golden.operation);
    for (const std::string& data : events_of(golden.text)) {
      std::vector<Delta> deltas;
      reader.read_event(data, deltas);
      const auto expected = texts_of(again, data);
      for (std::size_t i = 0; i < deltas.size(); ++i) {
        for (std::size_t cut = 0; cut < deltas[i].text.size(); ++cut) {
          std::vector<std::size_t> released;
          for (const Delta& delta : deltas) released.push_back(delta.text.size());
          released[i] = cut;
          const auto split = split_event(golden.operation, data, deltas, reader.logprobs(), released);
          // The beginning of a block, and the path of an argument, are told once.
          const bool once =
              data.find("content_block_start") != std::string::npos || data.find("partialArgs") != std::string::npos;
          ASSERT_EQ(split.has_value(), !deltas[i].whole && !once) << data;
          if (!split) continue;
          ++splits;
          ASSERT_TRUE(json::validate(split->first)) << split->first;
          ASSERT_TRUE(json::validate(split->second)) << split->second;
          auto both = texts_of(again, split->first);
          EXPECT_TRUE(again.logprobs().empty());
          for (const auto& [channel, text] : texts_of(again, split->second)) both[channel] += text;
          ASSERT_EQ(again.logprobs().size(), reader.logprobs().size()) << split->second;
          ASSERT_EQ(both, expected) << data << "\n" << split->first << "\n" << split->second;
          const bool gemini = golden.operation == Operation::stream_content;
          if (golden.operation != Operation::chat_completions && golden.operation != Operation::completions &&
              !gemini) {
            continue;
          }
          const auto nothing = [&](std::string_view name) {
            const auto value = json::find(split->first, name);
            return value.empty() || value == "null";
          };
          const auto* const usage = gemini ? "usageMetadata" : "usage";
          const auto* const reason = gemini ? "finishReason" : "finish_reason";
          EXPECT_TRUE(nothing(usage));
          json::Value(split->first)[gemini ? "candidates" : "choices"].elements(
              [&](json::Value choice) { EXPECT_TRUE(!choice[reason].exists() || choice[reason].is_null()); });
          EXPECT_EQ(json::find(split->second, usage), json::find(data, usage));
          const auto* const id = gemini ? "responseId" : "id";
          EXPECT_EQ(json::find(split->second, id), json::find(data, id));
        }
      }
    }
  }
  EXPECT_GE(splits, 150u);
}

TEST(SplitEvent, RolesAndNamesOfCallsAreSaidOnce) {
  const std::string data =
      R"({"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"to \u00e9go","tool_calls":[{"index":2,)"
      R"("id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\""}}]},"finish_reason":"stop"}],"usage":{"x":1}})";
  DeltaReader reader(Operation::chat_completions);
  std::vector<Delta> deltas;
  ASSERT_TRUE(reader.read_event(data, deltas));
  ASSERT_EQ(deltas.size(), 3u);
  EXPECT_EQ(deltas[2].part, 2u);
  const std::vector<std::size_t> released = {4, 1, 1};  // within the \u00e9: back to its beginning
  const auto split = split_event(Operation::chat_completions, data, deltas, reader.logprobs(), released);
  ASSERT_TRUE(split);
  EXPECT_EQ(
      split->first,
      R"({"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"to ","tool_calls":[{"index":2,)"
      R"("id":"call_1","type":"function","function":{"name":"f","arguments":"{"}}]},"finish_reason":null}],"usage":null})");
  EXPECT_EQ(split->second,
            R"({"id":"c","choices":[{"index":0,"delta":{"content":"\u00e9go","tool_calls":[{"index":2,)"
            R"("type":"function","function":{"arguments":"\"a\""}}]},"finish_reason":"stop"}],"usage":{"x":1}})");
}

TEST(Deltas, TheSameUnderTwoNamesIsTwoTexts) {
  DeltaReader reader(Operation::chat_completions);
  std::vector<Delta> deltas;
  ASSERT_TRUE(reader.read_event(
      R"({"choices":[{"delta":{"content":"c","reasoning":"a","reasoning_content":"a","reasoning_details":[{"type":"reasoning.text","text":"a","index":0}],"new_member":"g"},"message":{"content":"so far c"}}]})",
      deltas));
  EXPECT_EQ(listed(deltas, {}),
            "  0 text 0 grows \"c\"\n  0 reasoning 0 grows \"a\"\n  0 reasoning 1 grows \"a\"\n"
            "  0 reasoning 2 grows \"a\"\n  0 other ? grows \"g\"\n  0 text 1073741824 whole \"so far c\"\n");
}

TEST(Deltas, AConstantOfEveryEventIsNoTextThatGrows) {
  DeltaReader reader(Operation::chat_completions);
  const auto grows = [&](std::string_view data) {
    std::vector<Delta> deltas;
    EXPECT_TRUE(reader.read_event(data, deltas));
    return !deltas.at(0).whole;
  };
  EXPECT_TRUE(grows(R"({"choices":[{"delta":{"track":"analysis"}}]})"));
  EXPECT_FALSE(grows(R"({"choices":[{"delta":{"track":"analysis"}}]})"));
  EXPECT_TRUE(grows(R"({"choices":[{"index":1,"delta":{"track":"analysis"}}]})"));
  EXPECT_FALSE(grows(R"({"choices":[{"delta":{"track":"analysis"}}]})"));
  EXPECT_TRUE(grows(R"({"choices":[{"delta":{"track":" more"}}]})"));
  EXPECT_TRUE(grows(R"({"choices":[{"delta":{"track":"final"}}]})"));
  EXPECT_FALSE(grows(R"({"choices":[{"delta":{"track":{"in it":"analysis"}}}]})"));
}

TEST(Deltas, LoneSurrogatesAndBytesThatAreNoTextAreBorne) {
  DeltaReader reader(Operation::chat_completions);
  std::vector<Delta> deltas;
  const std::string data = R"({"choices":[{"delta":{"content":"\ud83d a)"
                           "\xC3"
                           R"("}}]})";
  ASSERT_TRUE(reader.read_event(data, deltas));
  ASSERT_EQ(deltas.size(), 1u);
  EXPECT_EQ(deltas[0].text, "\xEF\xBF\xBD a\xC3");
  const DeltaEdit edit{0, 4, 5, "b"};
  EXPECT_EQ(edit_event(data, deltas, {}, {&edit, 1}), R"({"choices":[{"delta":{"content":"\ud83d b)"
                                                      "\xC3"
                                                      R"("}}]})");
}

TEST(Deltas, TooManyTextsAreAFailure) {
  std::string body = R"({"choices":[{"message":{"content":[)";
  for (std::size_t i = 0; i <= DeltaReader::kMost; ++i) body += i == 0 ? "\"a\"" : ",\"a\"";
  body += "]}}]}";
  DeltaReader reader(Operation::chat_completions);
  std::vector<Delta> deltas;
  EXPECT_FALSE(reader.read_body(body, deltas));
  EXPECT_EQ(deltas.size(), DeltaReader::kMost);
}

}  // namespace
}  // namespace gatehouse::dialects
