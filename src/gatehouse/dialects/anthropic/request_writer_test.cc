#include "gatehouse/dialects/anthropic/request_writer.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Author;
using llm::Block;
using llm::Effort;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Block text(std::string words) { return {.value = llm::Text{.text = std::move(words)}}; }
Block call(std::string id, std::string name, std::string arguments = "{}") {
  llm::ToolCall made;
  made.id = std::move(id);
  made.name = std::move(name);
  made.arguments = std::move(arguments);
  return {.value = std::move(made)};
}
Block result(std::string id, std::string words) {
  llm::ToolResult made;
  made.call_id = std::move(id);
  made.content.push_back(text(std::move(words)));
  return {.value = std::move(made)};
}
Block thought(std::string words, llm::Origin origin) {
  llm::Reasoning made;
  made.text = std::move(words);
  made.signature = {.origin = origin, .value = "SIG"};
  return {.value = std::move(made)};
}
llm::Message message(Author author, std::vector<Block> blocks) {
  llm::Message made;
  made.author = author;
  made.blocks = std::move(blocks);
  return made;
}
llm::Tool tool(std::string name) {
  llm::Tool made;
  made.name = std::move(name);
  made.schema =
      R"({"type":"object","properties":{"q":{"type":"string"}},"required":["q"],"additionalProperties":false})";
  return made;
}

struct Written {
  std::string body;
  std::vector<std::string> losses;
  Rewrites rewrites;
  std::string param;  // of a refusal
  json::Value operator[](std::string_view key) const { return json::Value(body)[key]; }
};

class AnthropicRequestWriter : public testing::Test {
 protected:
  AnthropicRequestWriter() {
    request_.dialect = llm::Dialect::openai_chat;
    request_.messages.push_back(message(Author::user, {text("Hi")}));
  }
  Written write(std::string_view model = "claude-sonnet-4-5") {
    Written written;
    Losses losses;
    const Target target{.model = model, .stream = stream_, .quirks = quirks_, .origin = llm::Origin::anthropic};
    auto body = back().write_request(request_, target, losses, written.rewrites);
    written.losses = losses.dropped();
    if (body) {
      written.body = std::move(*body);
      EXPECT_TRUE(json::validate(written.body)) << written.body;
    } else {
      written.param = body.error().param.empty() ? "?" : body.error().param;
    }
    return written;
  }
  std::string messages(std::string_view model = "claude-sonnet-4-5") {
    return std::string(write(model)["messages"].raw());
  }

  llm::ChatRequest request_;
  llm::Quirks quirks_;
  bool stream_ = false;
};

TEST_F(AnthropicRequestWriter, TheLeast) {
  EXPECT_EQ(write().body, R"({"model":"claude-sonnet-4-5","max_tokens":64000,)"
                          R"("messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]})");
}

TEST_F(AnthropicRequestWriter, HostedElsewhere) {
  quirks_.version_in_body = "vertex-2023-10-16";
  stream_ = true;
  const auto written = write();
  EXPECT_TRUE(written.body.starts_with(R"({"anthropic_version":"vertex-2023-10-16","max_tokens":64000,)"));
  EXPECT_FALSE(written["model"].exists());
  EXPECT_FALSE(written["stream"].exists());
}

TEST_F(AnthropicRequestWriter, SystemTextsInFrontAreGathered) {
  request_.messages.insert(request_.messages.begin(), message(Author::developer, {text("Two.")}));
  request_.messages.insert(request_.messages.begin(), message(Author::system, {text("One.")}));
  EXPECT_EQ(write()["system"].raw(), R"([{"type":"text","text":"One."},{"type":"text","text":"Two."}])");
}

TEST_F(AnthropicRequestWriter, SystemInTheMiddle) {
  request_.messages.push_back(message(Author::system, {text("Now in French.")}));
  auto written = write("claude-opus-4-8");
  EXPECT_EQ(
      written["messages"].raw(),
      R"([{"role":"user","content":[{"type":"text","text":"Hi"}]},{"role":"system","content":"Now in French."}])");
  EXPECT_THAT(written.losses, IsEmpty());

  // In front of a user's turn, and at older models, it is refused: it becomes the user's and that is told.
  written = write("claude-opus-4-5");
  EXPECT_EQ(written["messages"].raw(),
            R"([{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":"Now in French."}]}])");
  EXPECT_THAT(written.losses, ElementsAre("messages.role"));
  request_.messages.push_back(message(Author::user, {text("And?")}));
  EXPECT_THAT(messages("claude-opus-4-8"), Not(HasSubstr("\"system\"")));
}

TEST_F(AnthropicRequestWriter, SystemAloneBecomesATurn) {
  request_.messages = {message(Author::system, {text("Say hi.")})};
  const auto written = write();
  EXPECT_EQ(written["messages"].raw(), R"([{"role":"user","content":[{"type":"text","text":"Say hi."}]}])");
  EXPECT_FALSE(written["system"].exists());
  EXPECT_THAT(written.losses, ElementsAre("messages.role"));
}

TEST_F(AnthropicRequestWriter, ParallelResultsAreOneTurnAndFirst) {
  request_.messages.push_back(message(Author::assistant, {text("Let me see."), call("a", "f"), call("b", "f")}));
  request_.messages.push_back(message(Author::tool, {result("a", "1")}));
  request_.messages.push_back(message(Author::user, {text("Hurry.")}));
  request_.messages.push_back(message(Author::tool, {result("b", "")}));
  request_.tools = {tool("f")};
  EXPECT_EQ(
      messages(),
      R"([{"role":"user","content":[{"type":"text","text":"Hi"}]},)"
      R"({"role":"assistant","content":[{"type":"text","text":"Let me see."},)"
      R"({"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"},)"
      R"({"type":"tool_result","tool_use_id":"b"},{"type":"text","text":"Hurry."}]}])");
}

TEST_F(AnthropicRequestWriter, ToolHistoryWithoutTools) {
  request_.messages.push_back(message(Author::assistant, {call("call.1", "f.g", R"({"a":1})")}));
  request_.messages.push_back(message(Author::tool, {result("call.1", "1")}));
  const auto written = write();
  EXPECT_EQ(written["tools"].raw(), R"([{"name":"f_g","input_schema":{"type":"object","properties":{}}}])");
  EXPECT_EQ(written["tool_choice"].raw(), R"({"type":"none"})");
  const json::Value all = written["messages"];
  std::vector<std::string> ids;
  all.elements([&](json::Value turn) {
    turn["content"].elements([&](json::Value block) {
      for (const char* key : {"id", "tool_use_id"}) {
        if (block[key].exists()) ids.push_back(block[key].string_or(""));
      }
    });
  });
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[0].find('.'), std::string::npos);
  EXPECT_THAT(written.losses, IsEmpty());
}

TEST_F(AnthropicRequestWriter, BlankTextsAreLeftOutAndAPrefillEndsWithoutSpace) {
  request_.messages = {message(Author::system, {text(" ")}), message(Author::user, {text("Hi"), text(""), text("\n")}),
                       message(Author::assistant, {text("  ")}), message(Author::user, {text("There")}),
                       message(Author::assistant, {text("Well, \n")})};
  const auto written = write();
  EXPECT_FALSE(written["system"].exists());
  EXPECT_EQ(written["messages"].raw(),
            R"([{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":"There"}]},)"
            R"({"role":"assistant","content":[{"type":"text","text":"Well,"}]}])");
}

TEST_F(AnthropicRequestWriter, ArgumentsThatAreNoObject) {
  request_.messages.push_back(
      message(Author::assistant, {call("a", "f", "null"), call("b", "f", "{\"a\":"), call("c", "f", "")}));
  const auto body = messages();
  EXPECT_THAT(body, HasSubstr(R"("id":"a","name":"f","input":{})"));
  EXPECT_THAT(body, HasSubstr(R"("id":"b","name":"f","input":{"arguments":"{\"a\":"})"));
  EXPECT_THAT(body, HasSubstr(R"("id":"c","name":"f","input":{})"));
}

TEST_F(AnthropicRequestWriter, ToolChoices) {
  request_.tools = {tool("f"), tool("g")};
  EXPECT_FALSE(write()["tool_choice"].exists());
  request_.tool_choice = {.mode = llm::ToolChoice::Mode::required, .given = true, .name = {}, .allowed = {}};
  EXPECT_EQ(write()["tool_choice"].raw(), R"({"type":"any"})");
  request_.parallel_tool_calls = false;
  EXPECT_EQ(write()["tool_choice"].raw(), R"({"type":"any","disable_parallel_tool_use":true})");
  request_.tool_choice.mode = llm::ToolChoice::Mode::named;
  request_.tool_choice.name = "g";
  EXPECT_EQ(write()["tool_choice"].raw(), R"({"type":"tool","name":"g","disable_parallel_tool_use":true})");
  // The newest cannot be forced.
  auto written = write("claude-opus-5-5");
  EXPECT_EQ(written["tool_choice"].raw(), R"({"type":"auto","disable_parallel_tool_use":true})");
  EXPECT_THAT(written.losses, ElementsAre("tool_choice"));
  request_.tool_choice.mode = llm::ToolChoice::Mode::none;
  EXPECT_EQ(write()["tool_choice"].raw(), R"({"type":"none"})");
  // Only some of them are allowed: only those are sent.
  request_.tool_choice = {.mode = llm::ToolChoice::Mode::automatic, .given = true, .name = {}, .allowed = {"g"}};
  EXPECT_EQ(write()["tools"].size(), 1U);
}

TEST_F(AnthropicRequestWriter, ToolsOfOthers) {
  llm::Tool search;
  search.kind = llm::ToolKind::provider;
  search.name = "web_search";
  search.verbatim = {.dialect = llm::Dialect::openai_responses, .json = R"({"type":"web_search"})"};
  request_.tools = {search};
  EXPECT_EQ(write().param, "tools");
  request_.tools[0].verbatim.dialect = llm::Dialect::anthropic;
  EXPECT_EQ(write()["tools"].raw(), R"([{"type":"web_search"}])");
}

TEST_F(AnthropicRequestWriter, ToolsThatTakeATextBecomeFunctions) {
  llm::Tool patch;
  patch.kind = llm::ToolKind::custom;
  patch.name = "apply_patch";
  patch.description = "Applies a patch.";
  patch.verbatim = {.dialect = llm::Dialect::openai_responses,
                    .json = R"({"type":"custom","format":{"type":"grammar","syntax":"lark","definition":"start: X"}})"};
  request_.tools = {patch};
  llm::ToolCall made;
  made.kind = llm::ToolKind::custom;
  made.id = "c";
  made.name = "apply_patch";
  made.arguments = "*** Begin";
  request_.messages.push_back(message(Author::assistant, {{.value = made}}));
  const auto written = write();
  EXPECT_THAT(std::string(written["tools"].raw()), HasSubstr("start: X"));
  EXPECT_THAT(std::string(written["messages"].raw()), HasSubstr(R"("input":{"input":"*** Begin"})"));
  EXPECT_THAT(written.rewrites.text_tools, ElementsAre("apply_patch"));
  EXPECT_THAT(written.losses, ElementsAre("tools.custom.format"));
}

TEST_F(AnthropicRequestWriter, EffortsAndBudgets) {
  request_.reasoning.effort = Effort::high;
  EXPECT_EQ(write("claude-sonnet-4-5")["thinking"].raw(), R"({"type":"enabled","budget_tokens":16384})");
  auto written = write("claude-opus-4-6");
  EXPECT_EQ(written["thinking"].raw(), R"({"type":"adaptive"})");
  EXPECT_EQ(written["output_config"].raw(), R"({"effort":"high"})");
  request_.reasoning.effort = Effort::xhigh;
  EXPECT_EQ(write("claude-opus-4-6")["output_config"].raw(), R"({"effort":"max"})");
  EXPECT_EQ(write("claude-opus-4-8")["output_config"].raw(), R"({"effort":"xhigh"})");
  request_.reasoning.effort = Effort::minimal;
  EXPECT_EQ(write("claude-opus-4-8")["output_config"].raw(), R"({"effort":"low"})");
  EXPECT_EQ(write("claude-sonnet-4-5")["thinking"].raw(), R"({"type":"enabled","budget_tokens":1024})");
  // No thinking at all.
  written = write("claude-3-5-haiku-latest");
  EXPECT_FALSE(written["thinking"].exists());
  EXPECT_THAT(written.losses, ElementsAre("reasoning_effort"));

  request_.reasoning = {};
  request_.reasoning.budget = 5000;
  EXPECT_EQ(write("claude-opus-4-6")["thinking"].raw(), R"({"type":"enabled","budget_tokens":5000})");
  written = write("claude-opus-4-7");
  EXPECT_EQ(written["thinking"].raw(), R"({"type":"adaptive"})");
  EXPECT_EQ(written["output_config"].raw(), R"({"effort":"low"})");
}

TEST_F(AnthropicRequestWriter, ABudgetStaysBelowMaxTokens) {
  request_.reasoning.budget = 5000;
  request_.max_tokens = 5000;
  EXPECT_EQ(write()["thinking"].raw(), R"({"type":"enabled","budget_tokens":4999})");
  request_.reasoning = {};
  request_.reasoning.effort = Effort::high;
  EXPECT_EQ(write()["thinking"].raw(), R"({"type":"enabled","budget_tokens":3750})");
  request_.max_tokens = 1024;
  const auto written = write();
  EXPECT_FALSE(written["thinking"].exists());
  EXPECT_THAT(written.losses, ElementsAre("reasoning_effort"));
}

TEST_F(AnthropicRequestWriter, NoThinking) {
  request_.reasoning.effort = Effort::none;
  EXPECT_FALSE(write("claude-sonnet-4-5")["thinking"].exists());
  EXPECT_EQ(write("claude-opus-5")["thinking"].raw(), R"({"type":"disabled"})");
  EXPECT_FALSE(write("claude-opus-5")["output_config"].exists());
  auto written = write("claude-sonnet-5-5");
  EXPECT_EQ(written["thinking"].raw(), R"({"type":"between_tools"})");
  EXPECT_THAT(written.losses, ElementsAre("reasoning_effort"));
  written = write("claude-fable-5");
  EXPECT_FALSE(written["thinking"].exists());
  EXPECT_EQ(written["output_config"].raw(), R"({"effort":"low"})");
}

TEST_F(AnthropicRequestWriter, ThinkingInAToolLoopNeedsItsSignature) {
  request_.reasoning.effort = Effort::low;
  request_.tools = {tool("f")};
  request_.messages.push_back(message(Author::assistant, {thought("Hm", llm::Origin::openai), call("a", "f")}));
  request_.messages.push_back(message(Author::tool, {result("a", "1")}));
  auto written = write("claude-sonnet-4-5");
  EXPECT_FALSE(written["thinking"].exists());
  EXPECT_THAT(written.losses, ElementsAre("reasoning_effort"));
  EXPECT_THAT(std::string(written["messages"].raw()), Not(HasSubstr("thinking")));
  // Where the model decides, the API does not insist.
  written = write("claude-opus-4-6");
  EXPECT_EQ(written["thinking"].raw(), R"({"type":"adaptive"})");
  EXPECT_THAT(written.losses, IsEmpty());

  request_.messages[1].blocks[0] = thought("Hm", llm::Origin::anthropic);
  written = write("claude-sonnet-4-5");
  EXPECT_EQ(written["thinking"].raw(), R"({"type":"enabled","budget_tokens":2048})");
  EXPECT_THAT(std::string(written["messages"].raw()),
              HasSubstr(R"({"type":"thinking","thinking":"Hm","signature":"SIG"},{"type":"tool_use")"));
}

TEST_F(AnthropicRequestWriter, ThinkingGoesWithoutAForcedTool) {
  request_.reasoning.effort = Effort::low;
  request_.tools = {tool("f")};
  request_.tool_choice = {.mode = llm::ToolChoice::Mode::required, .given = true, .name = {}, .allowed = {}};
  auto written = write("claude-sonnet-4-5");
  EXPECT_EQ(written["tool_choice"].raw(), R"({"type":"any"})");
  EXPECT_FALSE(written["thinking"].exists());
  EXPECT_THAT(written.losses, ElementsAre("reasoning_effort"));
}

TEST_F(AnthropicRequestWriter, Sampling) {
  request_.temperature = 1.5;
  request_.top_p = 0.9;
  request_.top_k = 7;
  auto written = write("claude-3-5-sonnet-latest");
  EXPECT_EQ(written["temperature"].raw(), "1");
  EXPECT_EQ(written["top_p"].raw(), "0.9");
  EXPECT_EQ(written["top_k"].raw(), "7");
  EXPECT_THAT(written.losses, ElementsAre("temperature"));
  // Not both at once at newer ones, none at the newest, none beside thinking.
  EXPECT_THAT(write("claude-sonnet-4-5").losses, ElementsAre("temperature", "top_p"));
  written = write("claude-opus-4-7");
  EXPECT_FALSE(written["temperature"].exists());
  EXPECT_THAT(written.losses, ElementsAre("temperature", "top_p", "top_k"));
  request_.reasoning.effort = Effort::low;
  written = write("claude-3-7-sonnet-latest");
  EXPECT_FALSE(written["temperature"].exists() || written["top_p"].exists() || written["top_k"].exists());
  // The default is no loss.
  request_.temperature = 1;
  request_.top_p = std::nullopt;
  request_.top_k = std::nullopt;
  EXPECT_THAT(write("claude-opus-4-7").losses, IsEmpty());
}

TEST_F(AnthropicRequestWriter, WhatItHasNoWordForIsTold) {
  request_.n = 2;
  request_.logprobs = true;
  request_.logit_bias = R"({"1":2})";
  request_.frequency_penalty = 0.5;
  request_.presence_penalty = 0;
  request_.seed = 7;
  request_.stop = {"\n", "END"};
  request_.service_tier = "flex";
  request_.verbosity = "low";
  request_.store = true;
  request_.messages[0].name = "Ann";
  request_.extras = {{.name = "plugins", .json = "[]"}};
  const auto written = write();
  EXPECT_THAT(written.losses, ElementsAre("messages.name", "frequency_penalty", "seed", "n", "logprobs", "logit_bias",
                                          "verbosity", "store", "stop", "service_tier", "plugins"));
  EXPECT_EQ(written["stop_sequences"].raw(), R"(["END"])");
}

TEST_F(AnthropicRequestWriter, NamesOfOtherCallersDialects) {
  request_.dialect = llm::Dialect::gemini;
  request_.seed = 1;
  request_.reasoning.effort = Effort::low;
  EXPECT_THAT(write("claude-3-opus-20240229").losses,
              ElementsAre("generationConfig.thinkingConfig", "generationConfig.seed"));
}

TEST_F(AnthropicRequestWriter, Media) {
  llm::Media image;
  image.data = "iVBORw0KGgoAAA";
  llm::Media pdf;
  pdf.kind = llm::Media::Kind::document;
  pdf.data = "JVBERi0x";
  pdf.name = "a.pdf";
  llm::Media words;
  words.kind = llm::Media::Kind::document;
  words.media_type = "text/markdown";
  words.data = "IyBIaQ==";
  request_.messages[0].blocks = {{.value = image}, {.value = pdf}, {.value = words}};
  EXPECT_EQ(
      messages(),
      R"([{"role":"user","content":[)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAA"}},)"
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0x"},"title":"a.pdf"},)"
      R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"# Hi"}}]}])");
  for (const auto kind : {llm::Media::Kind::audio, llm::Media::Kind::video}) {
    llm::Media sound;
    sound.kind = kind;
    sound.data = "AA==";
    request_.messages[0].blocks = {{.value = sound}};
    EXPECT_EQ(write().param, "messages");
  }
  llm::Media file;
  file.file_id = "file-1";
  request_.messages[0].blocks = {{.value = file}};
  EXPECT_EQ(write().param, "messages");
  request_.modalities = {"text", "audio"};
  EXPECT_EQ(write().param, "modalities");
}

TEST_F(AnthropicRequestWriter, FourMarksForTheCache) {
  const llm::CacheHint hint;
  llm::Tool marked = tool("f");
  marked.cache = hint;
  request_.tools = {marked};
  llm::Message system = message(Author::system, {text("One"), text("Two")});
  for (Block& block : system.blocks) block.cache = hint;
  request_.messages.insert(request_.messages.begin(), system);
  for (int i = 0; i < 3; ++i) {
    request_.messages[1].blocks.push_back(text("more"));
    request_.messages[1].blocks.back().cache = {.one_hour = true};
  }
  const auto written = write();
  std::size_t marks = 0;
  for (std::size_t at = 0; (at = written.body.find("cache_control", at)) != std::string::npos; ++at) ++marks;
  EXPECT_EQ(marks, 4U);
  EXPECT_THAT(std::string(written["tools"].raw()), HasSubstr(R"("cache_control":{"type":"ephemeral"})"));
  EXPECT_THAT(std::string(written["system"].raw()), Not(HasSubstr("cache_control")));
  EXPECT_THAT(std::string(written["messages"].raw()), HasSubstr(R"("cache_control":{"type":"ephemeral","ttl":"1h"})"));
  EXPECT_THAT(written.losses, ElementsAre("cache_control"));
}

TEST_F(AnthropicRequestWriter, SchemasOfAnswers) {
  request_.format.kind = llm::OutputFormat::Kind::json_schema;
  request_.format.schema = R"({"type":"object","properties":{"a":{"type":"integer","minimum":1}},"required":["a"]})";
  auto written = write("claude-sonnet-4-5");
  EXPECT_EQ(written["output_config"]["format"]["type"].raw(), "\"json_schema\"");
  EXPECT_EQ(written["output_config"]["format"]["schema"]["additionalProperties"].raw(), "false");
  EXPECT_FALSE(written["tools"].exists());
  EXPECT_EQ(written.rewrites.json_tool, "");

  written = write("claude-sonnet-4-20250514");
  EXPECT_FALSE(written["output_config"].exists());
  EXPECT_EQ(written.rewrites.json_tool, "answer_in_json");
  EXPECT_EQ(written["tool_choice"].raw(),
            R"({"type":"tool","name":"answer_in_json","disable_parallel_tool_use":true})");
  EXPECT_EQ(written["tools"].size(), 1U);

  request_.tools = {tool("answer_in_json")};
  written = write("claude-sonnet-4-20250514");
  EXPECT_EQ(written.rewrites.json_tool, "answer_in_json_");
  EXPECT_EQ(written["tool_choice"].raw(), R"({"type":"any"})");
  // A tool that has to be called leaves no room for a formatted text.
  request_.tool_choice = {.mode = llm::ToolChoice::Mode::required, .given = true, .name = {}, .allowed = {}};
  written = write("claude-sonnet-4-20250514");
  EXPECT_EQ(written.rewrites.json_tool, "");
  EXPECT_EQ(written["tools"].size(), 1U);
}

TEST_F(AnthropicRequestWriter, AnyJsonObjectIsAToolToo) {
  request_.format.kind = llm::OutputFormat::Kind::json_object;
  auto written = write("claude-opus-4-8");
  EXPECT_EQ(written.rewrites.json_tool, "answer_in_json");
  EXPECT_THAT(std::string(written["tools"].raw()), HasSubstr(R"("input_schema":{"type":"object"})"));
  written = write("claude-opus-5-5");
  EXPECT_EQ(written["tool_choice"].raw(), R"({"type":"auto","disable_parallel_tool_use":true})");
  EXPECT_THAT(written.losses, ElementsAre("response_format"));
}

TEST_F(AnthropicRequestWriter, ARootThatIsNoObjectIsWrapped) {
  request_.format.kind = llm::OutputFormat::Kind::json_schema;
  request_.format.schema = R"({"type":"array","items":{"type":"string"}})";
  for (const char* model : {"claude-sonnet-4-5", "claude-sonnet-4-20250514"}) {
    EXPECT_TRUE(write(model).rewrites.json_wrapped) << model;
  }
  request_.format.schema = R"({"$ref":"#/nowhere"})";
  EXPECT_EQ(write().param, "response_format");
}

TEST_F(AnthropicRequestWriter, StrictTools) {
  request_.tools = {tool("f")};
  request_.tools[0].strict = true;
  auto written = write("claude-sonnet-4-5");
  EXPECT_THAT(std::string(written["tools"].raw()), HasSubstr(R"("strict":true)"));
  EXPECT_THAT(written.losses, IsEmpty());
  written = write("claude-sonnet-4-20250514");
  EXPECT_THAT(std::string(written["tools"].raw()), Not(HasSubstr("strict")));
  EXPECT_THAT(written.losses, ElementsAre("tools.function.strict"));
}

TEST_F(AnthropicRequestWriter, SchemasWithoutATypeSayThatTheyAreObjects) {
  request_.tools = {tool("f"), tool("g")};
  request_.tools[0].schema = "";
  request_.tools[1].schema = R"({"properties":{"a":{}}})";
  EXPECT_EQ(write()["tools"].raw(), R"([{"name":"f","input_schema":{"type":"object","properties":{}}},)"
                                    R"({"name":"g","input_schema":{"type":"object","properties":{"a":{}}}}])");
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
