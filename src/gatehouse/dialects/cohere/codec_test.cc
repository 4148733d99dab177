#include "gatehouse/dialects/cohere/codec.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "gatehouse/dialects/testing/answers.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::cohere {
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

std::string written(const ChatRequest& request, Plain& plain, bool stream = false) {
  auto body = back().write_request(request, plain.target("command-a-03-2025", stream), plain.losses, plain.rewrites);
  EXPECT_TRUE(body.has_value()) << (body ? "" : body.error().error.detail);
  if (!body) return {};
  EXPECT_TRUE(json::validate(*body).has_value()) << *body;
  return *body;
}

llm::Tool tool(std::string name, std::string schema = R"({"type":"object","properties":{"q":{"type":"string"}}})") {
  llm::Tool tool;
  tool.name = std::move(name);
  tool.description = "d";
  tool.schema = std::move(schema);
  return tool;
}

Block call(std::string id, std::string name, std::string arguments) {
  Block block{.value = llm::ToolCall{}};
  auto& call = *block.as<llm::ToolCall>();
  call.id = std::move(id);
  call.name = std::move(name);
  call.arguments = std::move(arguments);
  return block;
}

TEST(CohereRequest, AConversationWithToolsImagesAndDocuments) {
  ChatRequest request;
  request.messages.push_back(says(Author::developer, "Be brief."));
  auto& user = request.messages.emplace_back(says(Author::user, "What is this?"));
  Block image{.value = llm::Media{}};
  image.as<llm::Media>()->data = "AAAA";
  image.as<llm::Media>()->media_type = "image/jpeg";
  image.as<llm::Media>()->detail = "low";
  user.blocks.push_back(image);
  Block document{.value = llm::Media{}};
  document.as<llm::Media>()->kind = llm::Media::Kind::document;
  document.as<llm::Media>()->media_type = "text/plain";
  document.as<llm::Media>()->data = "aGVsbG8=";
  document.as<llm::Media>()->name = "greeting.txt";
  user.blocks.push_back(document);
  auto& assistant = request.messages.emplace_back();
  assistant.author = Author::assistant;
  Block plan{.value = llm::Reasoning{}};
  plan.as<llm::Reasoning>()->text = "I will look.";
  plan.as<llm::Reasoning>()->id = "tool_plan";
  assistant.blocks.push_back(plan);
  assistant.blocks.push_back(call("c1", "look", ""));
  assistant.blocks.push_back(call("c2", "look", R"({"q":"x"})"));
  auto& results = request.messages.emplace_back();
  results.author = Author::user;  // as Anthropic has it: results and words in one message
  for (const char* id : {"c1", "c2"}) {
    Block block{.value = llm::ToolResult{}};
    block.as<llm::ToolResult>()->call_id = id;
    block.as<llm::ToolResult>()->content.push_back(text_block("nothing"));
    results.blocks.push_back(std::move(block));
  }
  results.blocks.push_back(text_block("Go on."));
  request.tools.push_back(tool("look"));
  request.max_tokens = 100;
  request.temperature = 0.5;
  request.top_p = 1;
  request.top_k = 900;
  request.seed = 7;
  request.stop = {"a", "b"};
  request.frequency_penalty = 0.25;
  request.extras = {{.name = "safety_mode", .json = "\"NONE\""}, {.name = "top_a", .json = "1"}};
  request.reasoning.effort = llm::Effort::low;
  Plain plain;
  EXPECT_EQ(
      written(request, plain, true),
      R"({"model":"command-a-03-2025","stream":true,"messages":[{"role":"system","content":"Be brief."},)"
      R"({"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":)"
      R"({"url":"data:image/jpeg;base64,AAAA","detail":"low"}}]},{"role":"assistant","tool_plan":"I will look.",)"
      R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{}"}},)"
      R"({"id":"c2","type":"function","function":{"name":"look","arguments":"{\"q\":\"x\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"nothing"},{"role":"tool","tool_call_id":"c2","content":"nothing"},)"
      R"({"role":"user","content":"Go on."}],"tools":[{"type":"function","function":{"name":"look","description":"d",)"
      R"("parameters":{"type":"object","properties":{"q":{"type":"string"}}}}}],)"
      R"("documents":[{"data":{"text":"hello","title":"greeting.txt"}}],"max_tokens":100,"temperature":0.5,"p":0.99,)"
      R"("k":500,"frequency_penalty":0.25,"seed":7,"stop_sequences":["a","b"],)"
      R"("thinking":{"type":"enabled","token_budget":2048},"safety_mode":"NONE"})");
  EXPECT_THAT(plain.losses.dropped(), ElementsAre("top_a"));
}

TEST(CohereRequest, ANamedToolIsRequiredAmongItselfAlone) {
  ChatRequest request;
  request.messages.push_back(says(Author::user, "x"));
  request.tools = {tool("a"), tool("b")};
  request.tool_choice = {.mode = llm::ToolChoice::Mode::named, .given = true, .name = "b", .allowed = {}};
  Plain plain;
  const std::string body = written(request, plain);
  EXPECT_EQ(json::find(body, "tool_choice"), "\"REQUIRED\"");
  EXPECT_EQ(json::Value(json::find(body, "tools")).size(), 1u);
  EXPECT_THAT(body, HasSubstr(R"("name":"b")"));
  request.tool_choice = {.mode = llm::ToolChoice::Mode::none, .given = true, .name = {}, .allowed = {}};
  const std::string none = written(request, plain);
  EXPECT_EQ(json::find(none, "tool_choice"), "\"NONE\"");
  EXPECT_EQ(json::Value(json::find(none, "tools")).size(), 2u);
  request.tool_choice = {};
  EXPECT_EQ(json::find(written(request, plain), "tool_choice"), "");
  EXPECT_FALSE(plain.losses.any());
}

TEST(CohereRequest, StrictToolsAreInItsSubset) {
  ChatRequest request;
  request.messages.push_back(says(Author::user, "x"));
  request.tools = {
      tool("a", R"({"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]})")};
  request.tools.front().strict = true;
  Plain plain;
  const std::string body = written(request, plain);
  EXPECT_EQ(json::find(body, "strict_tools"), "true");
  EXPECT_THAT(body, HasSubstr(R"j({"n":{"type":"integer","description":"(minimum 1)"}})j"));
}

TEST(CohereRequest, AnAnswerBySchema) {
  ChatRequest request;
  request.messages.push_back(says(Author::user, "x"));
  request.format = {.kind = llm::OutputFormat::Kind::json_schema,
                    .name = "list",
                    .description = {},
                    .schema = R"({"type":"array","items":{"type":"string"}})",
                    .strict = true};
  Plain plain;
  EXPECT_EQ(json::find(written(request, plain), "response_format"),
            R"({"type":"json_object","json_schema":{"type":"object","properties":{"value":{"type":"array",)"
            R"("items":{"type":"string"}}},"required":["value"],"additionalProperties":false}})");
  EXPECT_TRUE(plain.rewrites.json_wrapped);
  EXPECT_EQ(plain.rewrites.json_tool, "");
  // With tools that may be called it is one itself.
  request.tools = {tool("json_answer")};
  Plain with;
  const std::string body = written(request, with);
  EXPECT_EQ(json::find(body, "response_format"), "");
  EXPECT_EQ(json::find(body, "tool_choice"), "\"REQUIRED\"");
  EXPECT_EQ(with.rewrites.json_tool, "json_answer_");
  EXPECT_TRUE(with.rewrites.json_wrapped);
  EXPECT_EQ(json::Value(json::find(body, "tools")).size(), 2u);
  EXPECT_EQ(
      decode(
          back(),
          {R"({"id":"1","type":"message-start","delta":{"message":{}}})",
           R"({"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"t","type":"function","function":{"name":"json_answer_","arguments":""}}}}})",
           R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"val"}}}}})",
           R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"ue\": [\"a}"}}}}})",
           R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"\"] }"}}}}})",
           R"({"type":"tool-call-end","index":0})", R"({"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}})"},
          with.reading()),
      "answer \"1\" model \"\" created 0\nchoice 0 finish 1 native \"TOOL_CALL\"\n  text \"[\\\"a}\\\"]\"\n");
  const auto whole = back().read_answer(
      R"({"id":"1","finish_reason":"TOOL_CALL","message":{"tool_calls":[{"id":"t","function":{"name":"json_answer_","arguments":"{\"value\": [\"a}\"] }"}}]}})",
      with.reading());
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(to_text(*whole),
            "answer \"1\" model \"\" created 0\nchoice 0 finish 1 native \"TOOL_CALL\"\n  text \"[\\\"a}\\\"]\"\n");
  // Where none may be called there is no need.
  request.tool_choice = {.mode = llm::ToolChoice::Mode::none, .given = true, .name = {}, .allowed = {}};
  Plain none;
  EXPECT_NE(json::find(written(request, none), "response_format"), "");
}

TEST(CohereRequest, WhatCannotBeSaidIsRefused) {
  const auto refused = [](const Block& block, Author author = Author::user) {
    ChatRequest request;
    auto& message = request.messages.emplace_back();
    message.author = author;
    message.blocks.push_back(block);
    Plain plain;
    const auto body = back().write_request(request, plain.target("m"), plain.losses, plain.rewrites);
    return !body && body.error().error.code == Code::unsupported && body.error().param == "messages";
  };
  Block block{.value = llm::Media{}};
  auto& media = *block.as<llm::Media>();
  media.kind = llm::Media::Kind::audio;
  media.data = "AAAA";
  EXPECT_TRUE(refused(block));
  media.kind = llm::Media::Kind::document;
  media.media_type = "application/pdf";
  EXPECT_TRUE(refused(block));
  media.kind = llm::Media::Kind::image;
  EXPECT_FALSE(refused(block));
  EXPECT_TRUE(refused(block, Author::assistant));
  Block result{.value = llm::ToolResult{}};
  result.as<llm::ToolResult>()->content.push_back(block);
  EXPECT_TRUE(refused(result));
  media.data.clear();
  media.file_id = "f";
  EXPECT_TRUE(refused(block));
  ChatRequest request;
  request.tools = {tool("search")};
  request.tools.front().kind = llm::ToolKind::provider;
  Plain plain;
  EXPECT_FALSE(back().write_request(request, plain.target("m"), plain.losses, plain.rewrites).has_value());
}

TEST(CohereRequest, NobodyElsesStateIsSent) {
  ChatRequest request;
  auto& message = request.messages.emplace_back();
  message.author = Author::assistant;
  Block thought{.value = llm::Reasoning{}};
  thought.as<llm::Reasoning>()->text = "hm";
  thought.as<llm::Reasoning>()->signature = {.origin = llm::Origin::anthropic, .value = "SECRET"};
  message.blocks.push_back(thought);
  Block hidden{.value = llm::Reasoning{}};
  hidden.as<llm::Reasoning>()->encrypted = {.origin = llm::Origin::openai, .value = "SECRET"};
  message.blocks.push_back(hidden);
  message.blocks.push_back(text_block("ok"));
  Plain plain;
  EXPECT_EQ(json::find(written(request, plain), "messages"),
            R"([{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"ok"}]}])");
}

// The files of tests/golden/cohere_codec: NAME.answer.in.json and NAME.stream.in.jsonl with what they come to.
TEST(CohereAnswer, GoldenPairs) {
  namespace fs = std::filesystem;
  const auto read = [](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  };
  std::size_t pairs = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / "cohere_codec")) {
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
  EXPECT_GE(pairs, 6u);
}

TEST(CohereStream, CutAnywhereItFails) {
  const std::vector<std::string> stream = {
      R"({"id":"1","type":"message-start","delta":{"message":{}}})",
      R"({"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}})",
      R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}})",
      R"({"type":"content-end","index":0})", R"({"type":"message-end","delta":{"finish_reason":"COMPLETE"}})"};
  Plain plain;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    const std::vector<std::string> part(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_THAT(decode(back(), part, plain.reading()), HasSubstr("failed")) << i;
  }
  for (std::size_t i = 0; i < stream[2].size(); ++i) {
    EXPECT_EQ(decode(back(), {stream[0], stream[2].substr(0, i)}, plain.reading()),
              "failed the provider's stream is no JSON");
  }
}

TEST(CohereStream, AnErrorBehindA200IsAnError) {
  Plain plain;
  EXPECT_EQ(
      decode(back(), {R"({"id":"1","type":"message-start"})", R"({"message":"internal \"x\""})"}, plain.reading()),
      "failed internal \"x\"");
  EXPECT_EQ(decode(back(),
                   {R"({"id":"1","type":"message-start"})",
                    R"({"type":"message-end","delta":{"finish_reason":"ERROR","error":"out of luck"}})"},
                   plain.reading()),
            "failed out of luck");
  EXPECT_FALSE(back().read_answer(R"({"finish_reason":"TIMEOUT","message":{}})", plain.reading()).has_value());
  EXPECT_FALSE(back().read_answer("<html>", plain.reading()).has_value());
}

TEST(CohereStream, ArgumentsThatOnlyBeginLikeNull) {
  Plain plain;
  const auto arguments = [&](std::vector<std::string> pieces) {
    std::vector<std::string> stream = {
        R"({"type":"message-start"})",
        R"({"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"t","function":{"name":"f","arguments":""}}}}})"};
    for (const auto& piece : pieces) {
      stream.push_back(
          R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":")" + piece +
          R"("}}}}})");
    }
    stream.push_back(R"({"type":"tool-call-end","index":0})");
    stream.push_back(R"({"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}})");
    const std::string text = decode(back(), stream, plain.reading());
    const auto at = text.find("calls f t ");
    return text.substr(at + 10, text.find('\n', at) - at - 10);
  };
  EXPECT_EQ(arguments({"null"}), "-");
  EXPECT_EQ(arguments({"nu", "ll"}), "-");
  EXPECT_EQ(arguments({}), "-");
  EXPECT_EQ(arguments({"n", "ope"}), "nope");
  EXPECT_EQ(arguments({"null", "x"}), "nullx");
  EXPECT_EQ(arguments({"{}"}), "{}");
}

TEST(CohereError, ByStatusAndMessage) {
  EXPECT_EQ(back().read_error(429, R"({"message":"slow down"})").kind, llm::ErrorKind::rate_limit);
  EXPECT_EQ(back().read_error(429, R"({"message":"slow down"})").message, "slow down");
  EXPECT_EQ(back().read_error(400, R"({"message":"too many tokens: size limit exceeded"})").kind,
            llm::ErrorKind::context_length);
  EXPECT_EQ(back().read_error(401, "").kind, llm::ErrorKind::authentication);
  EXPECT_EQ(back().read_error(418, "<p>").kind, llm::ErrorKind::invalid_request);
  EXPECT_EQ(back().read_error(500, "{").kind, llm::ErrorKind::api);
  EXPECT_EQ(back().read_error(500, "{").status, 500);
}

}  // namespace
}  // namespace gatehouse::dialects::cohere
