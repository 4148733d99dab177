#include "gatehouse/dialects/anthropic/request_reader.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/dialects/anthropic/codec.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Author;

llm::ChatRequest read(std::string_view body) {
  auto request = front().read_request(body, "", false);
  if (!request) {
    ADD_FAILURE() << request.error().error.detail << " at " << request.error().param;
    return {};
  }
  return std::move(*request);
}

void expect_refused(std::string_view body, std::string_view param) {
  const auto request = front().read_request(body, "", false);
  ASSERT_FALSE(request) << body;
  EXPECT_EQ(request.error().error.code, Code::invalid_request);
  EXPECT_EQ(request.error().param, param) << request.error().error.detail;
}

std::string with_block(std::string_view block) {
  return R"({"messages":[{"role":"user","content":"a"},{"role":"user","content":["x",)" + std::string(block) + "]}]}";
}

TEST(AnthropicRequestReader, SettingsInAnyOrder) {
  const auto request = read(R"({"stream":true,"metadata":{"user_id":"u1"},"stop_sequences":["a","b"],"top_k":5,
    "top_p":0.5,"temperature":0.25,"max_tokens":77,"service_tier":"standard_only","cache_control":{"type":"ephemeral"},
    "system":"Be brief.","messages":[{"content":"Hi","role":"user"}],"model":"claude-opus-4-8","inference_geo":"us",
    "container":null})");
  EXPECT_EQ(request.dialect, llm::Dialect::anthropic);
  EXPECT_EQ(request.model, "claude-opus-4-8");
  EXPECT_TRUE(request.stream);
  EXPECT_EQ(request.user, "u1");
  EXPECT_EQ(request.stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(request.top_k, 5U);
  EXPECT_EQ(request.top_p, 0.5);
  EXPECT_EQ(request.temperature, 0.25);
  EXPECT_EQ(request.max_tokens, 77U);
  EXPECT_EQ(request.service_tier, "default");
  EXPECT_TRUE(request.cache.has_value());
  ASSERT_EQ(request.messages.size(), 2U);
  EXPECT_EQ(request.messages[0].author, Author::system);
  EXPECT_EQ(request.messages[0].blocks[0].as<llm::Text>()->text, "Be brief.");
  EXPECT_EQ(request.messages[1].author, Author::user);
  ASSERT_EQ(request.extras.size(), 1U);
  EXPECT_EQ(request.extras[0].name, "inference_geo");
  EXPECT_EQ(request.extras[0].json, "\"us\"");
}

TEST(AnthropicRequestReader, ResultsOfToolsAreAMessageOfTheirOwn) {
  const auto request = read(R"({"messages":[
    {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"a":1}},
                                   {"type":"tool_use","id":"t2","name":"g","input":{}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one","cache_control":{"type":"ephemeral","ttl":"1h"}},
                              {"type":"tool_result","tool_use_id":"t2","is_error":true,
                               "content":[{"type":"text","text":"two"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},
                              {"type":"text","text":"Go on."}]}]})");
  ASSERT_EQ(request.messages.size(), 3U);
  const auto* call = request.messages[0].blocks[0].as<llm::ToolCall>();
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->arguments, R"({"a":1})");
  EXPECT_EQ(request.messages[0].blocks[1].as<llm::ToolCall>()->arguments, "");
  EXPECT_EQ(request.messages[1].author, Author::tool);
  ASSERT_EQ(request.messages[1].blocks.size(), 2U);
  EXPECT_TRUE(request.messages[1].blocks[0].cache->one_hour);
  const auto* second = request.messages[1].blocks[1].as<llm::ToolResult>();
  EXPECT_TRUE(second->is_error);
  ASSERT_EQ(second->content.size(), 2U);
  EXPECT_EQ(second->content[1].as<llm::Media>()->data, "AA==");
  EXPECT_EQ(request.messages[2].author, Author::user);
  EXPECT_FALSE(request.messages[2].prefill);
}

TEST(AnthropicRequestReader, SystemInTheMiddleStaysThereAndALastAnswerIsAPrefill) {
  const auto request =
      read(R"({"messages":[{"role":"user","content":"a"},{"role":"system","content":"From now on: no."},
    {"role":"assistant","content":"I will"}]})");
  ASSERT_EQ(request.messages.size(), 3U);
  EXPECT_EQ(request.messages[1].author, Author::system);
  EXPECT_TRUE(request.messages[2].prefill);
}

TEST(AnthropicRequestReader, EveryKindOfMediaAndSource) {
  const auto request = read(R"({"messages":[{"role":"user","content":[
    {"type":"image","source":{"type":"url","url":"https://a.example/x.png"}},
    {"type":"image","source":{"type":"file","file_id":"file_1"}},
    {"type":"document","title":"T","context":"C","citations":{"enabled":true},
     "source":{"type":"text","media_type":"text/plain","data":"Words"}},
    {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},
    {"type":"document","source":{"type":"content","content":[{"type":"text","text":"p"}]}},
    {"type":"search_result","source":"https://b.example","title":"Found","content":[{"type":"text","text":"It rains."}]},
    {"type":"container_upload","file_id":"file_2"}]}]})");
  const auto& blocks = request.messages[0].blocks;
  ASSERT_EQ(blocks.size(), 7U);
  EXPECT_EQ(blocks[0].as<llm::Media>()->url, "https://a.example/x.png");
  EXPECT_EQ(blocks[1].as<llm::Media>()->file_id, "file_1");
  const auto* text = blocks[2].as<llm::Media>();
  EXPECT_EQ(text->kind, llm::Media::Kind::document);
  EXPECT_EQ(text->text, "Words");
  EXPECT_EQ(text->title, "T");
  EXPECT_EQ(text->context, "C");
  EXPECT_TRUE(text->citations);
  EXPECT_EQ(blocks[3].as<llm::Media>()->media_type, "application/pdf");
  ASSERT_EQ(blocks[4].as<llm::Media>()->parts.size(), 1U);
  EXPECT_EQ(blocks[5].as<llm::Foreign>()->type, "search_result");
  EXPECT_EQ(blocks[5].as<llm::Foreign>()->text, "https://b.example\nFound\nIt rains.");
  EXPECT_EQ(blocks[6].as<llm::Foreign>()->verbatim.json, R"({"type":"container_upload","file_id":"file_2"})");
}

TEST(AnthropicRequestReader, Tools) {
  const auto request =
      read(R"({"messages":[],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"tools":[
    {"name":"f","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}},
    {"type":"custom","name":"g","input_schema":{"type":"object"},"defer_loading":true},
    {"type":"web_search_20250305","name":"web_search","max_uses":3}]})");
  ASSERT_EQ(request.tools.size(), 3U);
  EXPECT_EQ(request.tools[0].kind, llm::ToolKind::function);
  EXPECT_EQ(request.tools[0].schema, R"({"type":"object"})");
  EXPECT_EQ(request.tools[0].strict, true);
  EXPECT_TRUE(request.tools[0].cache);
  EXPECT_TRUE(request.tools[0].verbatim.empty());
  EXPECT_FALSE(request.tools[1].verbatim.empty());
  EXPECT_EQ(request.tools[2].kind, llm::ToolKind::provider);
  EXPECT_EQ(request.tool_choice.mode, llm::ToolChoice::Mode::named);
  EXPECT_EQ(request.tool_choice.name, "f");
  EXPECT_EQ(request.parallel_tool_calls, false);
}

TEST(AnthropicRequestReader, ThinkingAndFormat) {
  auto request = read(R"({"messages":[],"thinking":{"type":"enabled","budget_tokens":2000,"display":"omitted"},
    "output_config":{"effort":"xhigh","format":{"type":"json_schema","schema":{"type":"object"}}}})");
  EXPECT_EQ(request.reasoning.budget, 2000U);
  EXPECT_EQ(request.reasoning.effort, llm::Effort::xhigh);
  EXPECT_EQ(request.reasoning.show, false);
  EXPECT_EQ(request.reasoning.summary, "omitted");
  EXPECT_EQ(request.format.kind, llm::OutputFormat::Kind::json_schema);
  EXPECT_EQ(request.format.schema, R"({"type":"object"})");

  request = read(R"({"messages":[],"thinking":{"type":"disabled"},"output_config":{"effort":"low"}})");
  EXPECT_EQ(request.reasoning.effort, llm::Effort::none);
  ASSERT_EQ(request.extras.size(), 1U);
  EXPECT_EQ(request.extras[0].name, "output_config");

  request = read(R"({"messages":[],"thinking":{"type":"adaptive"},
    "output_format":{"type":"json_schema","schema":{"type":"object"}}})");
  EXPECT_TRUE(request.reasoning.adaptive);
  EXPECT_EQ(request.format.kind, llm::OutputFormat::Kind::json_schema);
  EXPECT_TRUE(read(R"({"messages":[],"thinking":{"type":"between_tools"}})").reasoning.between_tools);
}

TEST(AnthropicRequestReader, RefusesWithThePlace) {
  expect_refused("[]", "");
  expect_refused(R"({"model":"m"})", "messages");
  expect_refused(R"({"messages":7})", "messages");
  expect_refused(R"({"messages":["x"]})", "messages.0");
  expect_refused(R"({"messages":[{"role":"tool","content":"x"}]})", "messages.0.role");
  expect_refused(R"({"messages":[{"role":"user"}]})", "messages.0.content");
  expect_refused(R"({"messages":[{"role":"user","content":7}]})", "messages.0.content");
  expect_refused(R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})", "messages.0.content.0.type");
  expect_refused(
      R"({"messages":[{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"smell"}}]}]})",
      "messages.1.content.1.source");
  expect_refused(
      R"({"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"a"},{"type":"text"}]}]}]})",
      "messages.0.content.0.content.1.text");
  expect_refused(R"({"messages":[],"max_tokens":-1})", "max_tokens");
  expect_refused(R"({"messages":[],"tools":[{"description":"x"}]})", "tools.0.name");
  expect_refused(R"({"messages":[],"tool_choice":{"type":"maybe"}})", "tool_choice.type");
  expect_refused(R"({"messages":[],"thinking":{"type":"enabled"}})", "thinking.budget_tokens");
  expect_refused(with_block("7"), "messages.1.content.0");
}

TEST(AnthropicRequestReader, NumbersOfPartsAreBounded) {
  std::string body = R"({"messages":[{"role":"user","content":[)";
  for (std::size_t i = 0; i < 65'537; ++i)
    body += i == 0 ? R"({"type":"text","text":""})" : R"(,{"type":"text","text":""})";
  body += "]}]}";
  const auto request = front().read_request(body, "", false);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().error.code, Code::too_large);
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
