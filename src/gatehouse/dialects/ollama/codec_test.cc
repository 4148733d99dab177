#include "gatehouse/dialects/ollama/codec.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "gatehouse/dialects/ollama/answer.h"
#include "gatehouse/dialects/testing/answers.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::ollama {
namespace {

using llm::Author;
using llm::Block;
using llm::ChatRequest;
using testing::decode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::lines_of;
using testing::Plain;
using testing::says;
using testing::text_block;
using testing::to_text;

std::string written(const ChatRequest& request, Plain& plain, std::string_view model = "qwen3") {
  auto body = back().write_request(request, plain.target(model), plain.losses, plain.rewrites);
  EXPECT_TRUE(body.has_value()) << (body ? "" : body.error().error.detail);
  if (!body) return {};
  EXPECT_TRUE(json::validate(*body).has_value()) << *body;
  return *body;
}

llm::Tool tool(std::string name, std::string schema) {
  llm::Tool tool;
  tool.name = std::move(name);
  tool.schema = std::move(schema);
  return tool;
}

TEST(OllamaRequest, AConversation) {
  ChatRequest request;
  request.messages.push_back(says(Author::system, "Be brief."));
  auto& user = request.messages.emplace_back(says(Author::user, "What is this?"));
  Block image{.value = llm::Media{}};
  image.as<llm::Media>()->data = "AAAA";
  user.blocks.push_back(image);
  user.blocks.push_back(text_block("And that?"));
  auto& assistant = request.messages.emplace_back();
  assistant.author = Author::assistant;
  Block thought{.value = llm::Reasoning{}};
  thought.as<llm::Reasoning>()->text = "Hm.";
  assistant.blocks.push_back(thought);
  for (const char* arguments : {"", R"({"q":"x"})", "free text"}) {
    Block block{.value = llm::ToolCall{}};
    block.as<llm::ToolCall>()->id = "c1";
    block.as<llm::ToolCall>()->name = "look";
    block.as<llm::ToolCall>()->arguments = arguments;
    assistant.blocks.push_back(std::move(block));
  }
  auto& results = request.messages.emplace_back();
  results.author = Author::tool;
  Block result{.value = llm::ToolResult{}};
  result.as<llm::ToolResult>()->call_id = "c1";
  result.as<llm::ToolResult>()->content.push_back(text_block("nothing"));
  results.blocks.push_back(result);
  request.tools = {
      tool("look", R"({"type":"object","properties":{"q":{"$ref":"#/$defs/Q"}},"$defs":{"Q":{"type":"string"}}})")};
  request.max_tokens = 100;
  request.temperature = 0.5;
  request.seed = -3;
  request.stop = {"a"};
  request.reasoning.effort = llm::Effort::low;
  request.extras = {{.name = "keep_alive", .json = "\"5m\""},
                    {.name = "options", .json = R"({"num_ctx":8192,"temperature":1})"},
                    {.name = "top_a", .json = "1"}};
  Plain plain;
  EXPECT_EQ(
      written(request, plain),
      R"({"model":"qwen3","stream":false,"tools":[{"type":"function","function":{"name":"look","description":"",)"
      R"("parameters":{"type":"object","properties":{"q":{"type":"string"}},"required":["q"]}}}],)"
      R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is this?\nAnd that?",)"
      R"("images":["AAAA"]},{"role":"assistant","content":"","thinking":"Hm.","tool_calls":[)"
      R"({"id":"c1","function":{"name":"look","arguments":{}}},{"id":"c1","function":{"name":"look","arguments":{"q":"x"}}},)"
      R"({"id":"c1","function":{"name":"look","arguments":{"input":"free text"}}}]},)"
      R"({"role":"tool","content":"nothing","tool_name":"look","tool_call_id":"c1"}],"think":true,)"
      R"("options":{"num_ctx":8192,"temperature":1,"num_predict":100,"seed":-3,"stop":["a"]},"keep_alive":"5m"})");
  EXPECT_THAT(plain.losses.dropped(), ElementsAre("top_a"));
  request.reasoning.effort = llm::Effort::high;
  EXPECT_EQ(json::find(written(request, plain, "gpt-oss:20b"), "think"), "\"high\"");
  request.reasoning.effort = llm::Effort::none;
  EXPECT_EQ(json::find(written(request, plain), "think"), "false");
}

TEST(OllamaRequest, FormatsAndToolChoices) {
  ChatRequest request;
  request.messages.push_back(says(Author::user, "x"));
  request.format.kind = llm::OutputFormat::Kind::json_schema;
  request.format.schema = R"({"type":"array","items":{"type":"string"}})";
  Plain plain;
  EXPECT_EQ(json::find(written(request, plain), "format"), request.format.schema);
  request.tools = {tool("a", "{}"), tool("b", "")};
  request.tool_choice = {.mode = llm::ToolChoice::Mode::none, .given = true, .name = {}, .allowed = {}};
  EXPECT_EQ(json::find(written(request, plain), "format"), request.format.schema);
  EXPECT_EQ(json::find(written(request, plain), "tools"), "");
  EXPECT_FALSE(plain.losses.any());
  request.tool_choice = {.mode = llm::ToolChoice::Mode::named, .given = true, .name = "b", .allowed = {}};
  const std::string body = written(request, plain);
  EXPECT_EQ(json::Value(json::find(body, "tools")).size(), 1u);
  EXPECT_EQ(json::find(body, "format"), "");
  EXPECT_THAT(body, HasSubstr("Give the final answer as JSON"));
  EXPECT_THAT(plain.losses.dropped(), ElementsAre("tool_choice", "response_format"));
}

TEST(OllamaRequest, WhatCannotBeSaidIsRefused) {
  Plain plain;
  const auto refused = [&](const llm::Media& media) {
    ChatRequest request;
    request.messages.emplace_back().blocks.push_back(Block{.value = media});
    const auto body = back().write_request(request, plain.target("m"), plain.losses, plain.rewrites);
    return !body && body.error().error.code == Code::unsupported && body.error().param == "messages";
  };
  llm::Media media;
  media.url = "https://example.com/a.png";
  EXPECT_TRUE(refused(media));
  media.data = "AAAA";
  EXPECT_FALSE(refused(media));
  media.kind = llm::Media::Kind::audio;
  EXPECT_TRUE(refused(media));
  media.kind = llm::Media::Kind::document;
  media.media_type = "application/pdf";
  EXPECT_TRUE(refused(media));
  media.media_type = "text/plain";
  EXPECT_FALSE(refused(media));
}

TEST(OllamaAnswer, GoldenPairs) {
  namespace fs = std::filesystem;
  const auto read = [](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  };
  std::size_t pairs = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / "ollama_codec")) {
    const std::string path = entry.path().string();
    Plain plain;
    std::string got;
    std::string stem;
    if (path.ends_with(".answer.in.json")) {
      stem = path.substr(0, path.size() - std::string_view(".in.json").size());
      const auto answer = back().read_answer(read(path), plain.reading());
      got = answer ? to_text(*answer) : "error " + answer.error().detail;
    } else if (path.ends_with(".stream.in.jsonl")) {
      stem = path.substr(0, path.size() - std::string_view(".in.jsonl").size());
      got = decode(back(), lines_of(read(path)), plain.reading());
    } else {
      continue;
    }
    ++pairs;
    EXPECT_EQ(got, read(stem + ".out.txt")) << path;
  }
  EXPECT_GE(pairs, 4u);
}

TEST(OllamaStream, CutOrBrokenItFails) {
  const std::vector<std::string> stream = {
      R"({"model":"m","created_at":"2026-11-20T10:00:00.5Z","message":{"role":"assistant","content":"Hi"},"done":false})",
      R"({"model":"m","created_at":"2026-11-20T10:00:01Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"})"};
  Plain plain;
  EXPECT_EQ(decode(back(), stream, plain.reading()),
            "answer \"\" model \"m\" created 1795168800\nchoice 0 finish 1 native \"stop\"\n  text \"Hi\"\n");
  EXPECT_EQ(decode(back(), {}, plain.reading()), "failed the provider broke off its answer");
  EXPECT_EQ(decode(back(), {stream[0]}, plain.reading()), "failed the provider broke off its answer");
  EXPECT_EQ(decode(back(), {stream[0], R"({"error":"out of \"memory\""})"}, plain.reading()),
            "failed out of \"memory\"");
  EXPECT_EQ(decode(back(), {stream[0], R"({"error":{"message":"m"}})"}, plain.reading()), "failed m");
  for (std::size_t i = 0; i < stream[0].size(); ++i) {
    EXPECT_EQ(decode(back(), {stream[0].substr(0, i)}, plain.reading()), "failed the provider's stream is no JSON");
  }
  EXPECT_FALSE(back().read_answer(stream[0], plain.reading()).has_value());
  EXPECT_FALSE(back().read_answer(R"({"error":"x"})", plain.reading()).has_value());
}

TEST(OllamaAnswer, IdsOfCallsAreTheSameForTheSameAndOthersForOthers) {
  const std::string id = call_id("2026-11-20T10:00:00Z", 0, "f", "{}");
  EXPECT_EQ(id, call_id("2026-11-20T10:00:00Z", 0, "f", "{}"));
  EXPECT_NE(id, call_id("2026-11-20T10:00:00Z", 1, "f", "{}"));
  EXPECT_NE(id, call_id("2026-11-20T10:00:01Z", 0, "f", "{}"));
  EXPECT_NE(id, call_id("2026-11-20T10:00:00Z", 0, "f{", "}"));
  EXPECT_EQ(id.size(), 21u);
}

TEST(OllamaAnswer, Times) {
  EXPECT_EQ(read_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(read_time("2026-11-20T10:00:00.123456789Z"), 1795168800);
  EXPECT_EQ(read_time("2026-11-20T12:00:00+02:00"), 1795168800);
  EXPECT_EQ(read_time("2026-11-20T05:30:00-04:30"), 1795168800);
  for (const char* text : {"", "yesterday", "2026-13-20T10:00:00Z", "2026-11-20", "2026-11-20T10:00:00+"}) {
    EXPECT_EQ(read_time(text), 0) << text;
  }
}

TEST(OllamaError, ByStatus) {
  EXPECT_EQ(back().read_error(404, R"({"error":"model 'x' not found"})").kind, llm::ErrorKind::not_found);
  EXPECT_EQ(back().read_error(404, R"({"error":"model 'x' not found"})").message, "model 'x' not found");
  EXPECT_EQ(back().read_error(503, "busy").kind, llm::ErrorKind::overloaded);
  EXPECT_EQ(back().read_error(400, R"({"error":{"message":"no"}})").message, "no");
}

}  // namespace
}  // namespace gatehouse::dialects::ollama
