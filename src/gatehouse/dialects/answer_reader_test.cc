#include "gatehouse/dialects/answer_reader.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

namespace fs = std::filesystem;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void feed_events(AnswerReader& reader, std::string_view stream) {
  while (!stream.empty()) {
    const auto end = stream.find('\n');
    const std::string_view line = stream.substr(0, end);
    if (line.starts_with("data: ")) reader.on_event(line.substr(6));
    if (end == std::string_view::npos) break;
    stream.remove_prefix(end + 1);
  }
}

// What a reader found, in the form of the golden files.
std::string summary(const AnswerReader& reader) {
  std::string out;
  json::Writer writer(out);
  const llm::Usage& usage = reader.usage();
  writer.begin_object().key("usage");
  if (usage.known) {
    writer.begin_object();
    writer.key("prompt").unsigned_integer(usage.prompt_tokens);
    writer.key("completion").unsigned_integer(usage.completion_tokens);
    writer.key("total").unsigned_integer(usage.total_tokens);
    writer.key("cached").unsigned_integer(usage.cached_tokens);
    writer.key("cache_write").unsigned_integer(usage.cache_write_tokens);
    writer.key("reasoning").unsigned_integer(usage.reasoning_tokens);
    writer.key("prompt_audio").unsigned_integer(usage.prompt_audio_tokens);
    writer.key("completion_audio").unsigned_integer(usage.completion_audio_tokens);
    writer.end_object();
  } else {
    writer.null();
  }
  writer.key("finish_reason").string(reader.finish_reason());
  writer.key("done").boolean(reader.done());
  writer.key("content_seen").boolean(reader.content_seen());
  writer.key("error_seen").boolean(reader.error_seen());
  writer.end_object();
  return out + "\n";
}

TEST(AnswerReader, golden_files) {
  std::size_t cases = 0;
  std::vector<fs::directory_entry> files;
  for (const char* dialect : {"openai_chat", "openai_responses", "anthropic", "gemini"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / dialect)) files.push_back(entry);
  }
  for (const auto& entry : files) {
    const std::string name = entry.path().filename().string();
    const bool stream = name.ends_with(".in.sse");
    if (!stream && !name.ends_with(".answer.in.json")) continue;
    ++cases;
    const std::string in = file_text(entry.path());
    const std::string stem = name.substr(0, name.rfind(".in."));
    const std::string expected = file_text(entry.path().parent_path() / (stem + ".out.json"));
    const std::string dialect = entry.path().parent_path().filename().string();
    const auto operation = dialect == "anthropic" ? llm::Operation::messages
                           : dialect == "gemini"  ? llm::Operation::stream_content
                                                  : llm::Operation::chat_completions;
    AnswerReader whole(AnswerReader::Depth::all, operation);
    if (stream) {
      feed_events(whole, in);
    } else {
      whole.on_body(in, true);
    }
    EXPECT_EQ(summary(whole), expected) << name;
    if (stream) continue;
    for (std::size_t cut = 0; cut <= in.size(); ++cut) {
      AnswerReader pieces(AnswerReader::Depth::all, operation);
      pieces.on_body(std::string_view(in).substr(0, cut), false);
      pieces.on_body(std::string_view(in).substr(cut), true);
      ASSERT_EQ(summary(pieces), expected) << name << " cut at " << cut;
    }
  }
  EXPECT_GE(cases, 25u);
}

std::string large_body(std::string_view before, std::size_t filler, std::string_view after) {
  std::string body(before);
  while (body.size() < filler) body += "0.123,";
  return body + "0]" + std::string(after);
}

// Feeds a body in pieces of uneven size.
AnswerReader fed(std::string_view body) {
  AnswerReader reader;
  std::size_t size = 1;
  while (body.size() > size) {
    reader.on_body(body.substr(0, size), false);
    body.remove_prefix(size);
    size = size % 50'000 * 3 + 7;
  }
  reader.on_body(body, true);
  return reader;
}

TEST(AnswerReader, finds_the_usage_of_a_body_larger_than_it_keeps) {
  for (const std::size_t size : {AnswerReader::kKept + 1, 3 * AnswerReader::kKept, 9 * AnswerReader::kKept + 17}) {
    const auto reader = fed(
        large_body(R"({"data":[{"embedding":[)", size, R"(}],"model":"usage","usage":{"prompt_tokens":8},"x":[1]} )"));
    EXPECT_TRUE(reader.usage().known) << size;
    EXPECT_EQ(reader.usage().prompt_tokens, 8u);
  }
}

TEST(AnswerReader, is_not_fooled_by_usage_that_is_not_at_the_top_of_a_large_body) {
  const std::size_t size = 3 * AnswerReader::kKept;
  const std::string_view begin = R"({"data":[{"embedding":[)";
  EXPECT_FALSE(fed(large_body(begin, size, R"(,"usage":{"prompt_tokens":8}}]})")).usage().known);
  EXPECT_FALSE(fed(large_body(begin, size, R"(}],"x":"\"usage\":{\"prompt_tokens\":8}"})")).usage().known);
  EXPECT_FALSE(fed(large_body(begin, size, R"(}],"x \"usage":{"prompt_tokens":8}})")).usage().known);
  EXPECT_TRUE(fed(large_body(begin, size, R"(}],"x\\":1,"usage":{"prompt_tokens":8}})")).usage().known);
  EXPECT_FALSE(fed(large_body(begin, size, R"(}],"usage":{"prompt_tokens":8})")).usage().known);
}

TEST(AnswerReader, a_body_full_of_the_word_costs_no_more) {
  std::string body = R"({"data":[)" + std::string(3 * AnswerReader::kKept, ' ');
  for (int i = 0; i < 20'000; ++i) body += R"("usage":"x",)";
  EXPECT_FALSE(fed(body).usage().known);
}

TEST(AnswerReader, looks_for_usage_at_the_end_first_and_is_not_fooled) {
  const auto usage_of = [](std::string_view body) {
    AnswerReader reader(AnswerReader::Depth::usage);
    reader.on_body(body, true);
    return reader.usage();
  };
  const auto told = usage_of(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4},"model":"m"})");
  EXPECT_EQ(told.prompt_tokens, 3U);
  EXPECT_EQ(told.completion_tokens, 4U);
  // The usage first, and its look-alikes in a string and in a nested object behind it.
  const auto first =
      usage_of(R"({"usage":{"prompt_tokens":3,"completion_tokens":4},"a":"\"usage\":{\"prompt_tokens\":9}",)"
               R"("b":{"usage":{"prompt_tokens":8,"completion_tokens":8}}})");
  EXPECT_EQ(first.prompt_tokens, 3U);
  EXPECT_FALSE(usage_of(R"({"b":{"usage":{"prompt_tokens":8,"completion_tokens":8}}})").known);
  EXPECT_FALSE(usage_of("no json with \"usage\" in it").known);
}

TEST(AnswerReader, events_that_are_no_json_are_left_out) {
  AnswerReader reader;
  for (const char* data : {"", "x", "[]", "{\"usage\":{\"prompt_tokens\":1}", "{\"usage\":[1]}", "{\"choices\":[7]}"}) {
    reader.on_event(data);
  }
  EXPECT_FALSE(reader.usage().known);
  EXPECT_FALSE(reader.content_seen());
  EXPECT_FALSE(reader.done());
}

TEST(ReadUsage, brings_the_providers_to_one_meaning) {
  const auto usage = [](std::string_view raw) { return read_usage(raw); };
  EXPECT_EQ(usage(R"({"prompt_tokens":9,"completion_tokens":2,"prompt_cache_hit_tokens":4})").cached_tokens, 4u);
  EXPECT_EQ(usage(R"({"prompt_tokens":9,"completion_tokens":2,"num_cached_tokens":4})").cached_tokens, 4u);
  const auto xai = usage(
      R"({"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}})");
  EXPECT_EQ(xai.completion_tokens, 103u);
  EXPECT_EQ(xai.reasoning_tokens, 94u);
  EXPECT_EQ(xai.total_tokens, 135u);
  // Cached more than sent is cut to what was sent.
  EXPECT_EQ(usage(R"({"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":7}})").cached_tokens, 5u);
  const auto total = usage(R"({"total_tokens":6})");
  EXPECT_TRUE(total.known);
  EXPECT_EQ(total.prompt_tokens, 6u);
  EXPECT_EQ(usage(R"({"input_tokens":3,"output_tokens":4})").total_tokens, 7u);
  for (const char* raw : {"", "null", "{}", "[]", R"({"prompt_tokens":null})", R"({"prompt_tokens":"9"})"}) {
    EXPECT_FALSE(usage(raw).known) << raw;
  }
}

TEST(AnswerReader, AStreamThatBreaksOffHasNotToldAll) {
  AnswerReader messages(AnswerReader::Depth::usage, llm::Operation::messages);
  messages.on_event(R"({"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}})");
  EXPECT_TRUE(messages.usage().known);
  EXPECT_FALSE(messages.usage_is_final());
  messages.on_event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})");
  EXPECT_FALSE(messages.usage_is_final());
  messages.on_event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}})");
  EXPECT_TRUE(messages.usage_is_final());
  EXPECT_EQ(messages.usage().prompt_tokens, 9u);
  EXPECT_EQ(messages.usage().completion_tokens, 5u);
  EXPECT_FALSE(messages.done());
  messages.on_event(R"({"type":"message_stop"})");
  EXPECT_TRUE(messages.done());

  AnswerReader contents(AnswerReader::Depth::usage, llm::Operation::stream_content);
  contents.on_event(
      R"({"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1}})");
  EXPECT_EQ(contents.usage().completion_tokens, 1u);
  EXPECT_FALSE(contents.usage_is_final());
  contents.on_event(
      R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4}})");
  EXPECT_TRUE(contents.usage_is_final());
  EXPECT_EQ(contents.usage().completion_tokens, 4u);
}

TEST(AnswerReader, UsageAtTheEndOfABodyOfEachDialect) {
  AnswerReader message(AnswerReader::Depth::usage, llm::Operation::messages);
  message.on_body(R"({"content":[],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":4}})", true);
  EXPECT_EQ(message.usage().total_tokens, 7u);
  AnswerReader contents(AnswerReader::Depth::usage, llm::Operation::generate_content);
  contents.on_body(
      R"({"candidates":[],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4},"modelVersion":"usage"})",
      true);
  EXPECT_EQ(contents.usage().total_tokens, 7u);
  EXPECT_TRUE(contents.usage_is_final());
  AnswerReader embedded(AnswerReader::Depth::usage, llm::Operation::embed_content);
  embedded.on_body(R"({"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":3}})", true);
  EXPECT_EQ(embedded.usage().prompt_tokens, 3u);
}

}  // namespace
}  // namespace gatehouse::dialects
