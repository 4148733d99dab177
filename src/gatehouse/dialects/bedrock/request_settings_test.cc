#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/bedrock/testing/requests.h"

// Tools and choices, formats, thinking and the other settings of a request.
namespace gatehouse::dialects::bedrock {
namespace {

using namespace testing;

// --- tools and choices

TEST(BedrockRequest, ToolChoices) {
  using Mode = llm::ToolChoice::Mode;
  Asked asked;
  asked.user("a");
  asked.request.tools = {tool("f"), tool("g")};
  const auto choose = [&](Mode mode, std::string_view model) {
    asked.request.tool_choice = {.mode = mode, .given = true, .name = "g", .allowed = {}};
    return write(asked, model);
  };
  EXPECT_EQ(choose(Mode::automatic, kClaude).at("toolConfig.toolChoice"), R"({"auto":{}})");
  EXPECT_EQ(choose(Mode::required, kClaude).at("toolConfig.toolChoice"), R"({"any":{}})");
  EXPECT_EQ(choose(Mode::named, kNova).at("toolConfig.toolChoice"), R"({"tool":{"name":"g"}})");
  EXPECT_EQ(choose(Mode::required, kUnknown).at("toolConfig.toolChoice"), R"({"any":{}})");
  // There is no none: nothing offered is nothing called.
  EXPECT_EQ(choose(Mode::none, kClaude).at("toolConfig"), "");
  EXPECT_EQ(choose(Mode::none, kClaude).dropped, Strings{});
  // Models that take no choice.
  EXPECT_EQ(choose(Mode::automatic, kLlama).at("toolConfig.toolChoice"), "");
  EXPECT_EQ(choose(Mode::automatic, kLlama).dropped, Strings{});
  EXPECT_EQ(choose(Mode::required, kLlama).at("toolConfig.toolChoice"), "");
  EXPECT_EQ(choose(Mode::required, kLlama).dropped, Strings{"tool_choice"});
  // Any of one is that one.
  const Written large = choose(Mode::named, "mistral.mistral-large-2407-v1:0");
  EXPECT_EQ(large.at("toolConfig.toolChoice"), R"({"any":{}})");
  EXPECT_EQ(large["toolConfig"]["tools"].size(), 1U);

  asked.request.tool_choice = {.mode = Mode::automatic, .given = true, .name = {}, .allowed = {"g"}};
  EXPECT_EQ(write(asked, kClaude)["toolConfig"]["tools"].size(), 1U);
}

TEST(BedrockRequest, NoneWithCallsInTheConversation) {
  Asked asked;
  asked.say(Author::system, {text("s")});
  asked.user("a").assistant({call("1", "f", "{}")}).results({result("1", {text("x")})});
  asked.request.tools = {tool("f")};
  asked.request.tool_choice = {.mode = llm::ToolChoice::Mode::none, .given = true, .name = {}, .allowed = {}};
  const Written written = write(asked, kClaude);
  EXPECT_EQ(written["toolConfig"]["tools"].size(), 1U);
  EXPECT_EQ(written.at("system"), R"([{"text":"s"},{"text":"Answer without calling a tool."}])");
  EXPECT_EQ(written.dropped, Strings{"tool_choice"});
}

TEST(BedrockRequest, SchemasOfArgumentsAreObjects) {
  Asked asked;
  asked.user("a");
  asked.request.tools = {tool("a", ""), tool("b", R"({"properties":{"x":{"$ref":"#/$defs/x"}},"$defs":{"x":{}}})"),
                         tool("c", R"({"type":["object","null"],"title":"t"})")};
  const std::string body = write(asked, kClaude).body;
  EXPECT_NE(body.find(R"("inputSchema":{"json":{"type":"object","properties":{}}})"), std::string::npos);
  EXPECT_NE(body.find(R"({"json":{"type":"object","properties":{"x":{"$ref":"#/$defs/x"}},"$defs":{"x":{}}}})"),
            std::string::npos);
  EXPECT_NE(body.find(R"({"json":{"type":"object","title":"t"}})"), std::string::npos);
}

TEST(BedrockRequest, StrictTools) {
  Asked asked;
  asked.user("a");
  asked.request.tools = {tool("f")};
  asked.request.tools[0].strict = true;
  const Written claude = write(asked, kClaude);
  EXPECT_NE(claude.body.find(R"("strict":true)"), std::string::npos);
  EXPECT_NE(claude.body.find(R"("additionalProperties":false)"), std::string::npos);
  EXPECT_EQ(claude.dropped, Strings{});
  const Written nova = write(asked, kNova);
  EXPECT_EQ(nova.body.find("strict"), std::string::npos);
  EXPECT_EQ(nova.dropped, Strings{"tools.function.strict"});
}

TEST(BedrockRequest, ToolsThatTakeAText) {
  Asked asked;
  asked.user("a");
  llm::Tool patch;
  patch.kind = llm::ToolKind::custom;
  patch.name = "apply_patch";
  patch.description = "Edits files.";
  patch.verbatim = {.dialect = llm::Dialect::openai_responses,
                    .json = R"({"type":"custom","format":{"type":"grammar","syntax":"lark","definition":"start: x"}})"};
  asked.request.tools = {patch};
  Block before = call("1", "apply_patch", "*** Begin");
  before.as<llm::ToolCall>()->kind = llm::ToolKind::custom;
  asked.assistant({before});
  const Written written = write(asked, kClaude);
  EXPECT_EQ(written.rewrites.text_tools, Strings{"apply_patch"});
  EXPECT_NE(written.body.find(R"(grammar (lark):\nstart: x","inputSchema":{"json":{"type":"object","properties":)"
                              R"({"input":{"type":"string"}},"required":["input"]}})"),
            std::string::npos)
      << written.body;
  EXPECT_NE(written.body.find(R"("input":{"input":"*** Begin"}})"), std::string::npos);
}

TEST(BedrockRequest, WhatCannotBeSaidIsRefused) {
  Asked asked;
  asked.user("a");
  llm::Tool search;
  search.kind = llm::ToolKind::provider;
  search.name = "web_search";
  search.verbatim = {.dialect = llm::Dialect::anthropic, .json = R"({"type":"web_search_20250305"})"};
  asked.request.tools = {search};
  EXPECT_EQ(write(asked, kClaude).error.param, "tools");
  asked.request.tools.clear();
  asked.request.previous_id = "resp_1";
  EXPECT_EQ(write(asked, kClaude).error.param, "previous_response_id");
  asked.request.previous_id.clear();
  asked.request.modalities = {"text", "audio"};
  EXPECT_EQ(write(asked, kClaude).error.param, "modalities");
  asked.request.modalities = {"TEXT"};
  EXPECT_NE(write(asked, kClaude).body, "");
}

// --- formats (case 10)

llm::OutputFormat city() {
  llm::OutputFormat format;
  format.kind = llm::OutputFormat::Kind::json_schema;
  format.name = "city";
  format.schema = R"({"type":"object","properties":{"name":{"type":"string"}},"required":["name"]})";
  return format;
}

TEST(BedrockRequest, SchemasNativelyWhereTheModelHasThem) {
  Asked asked;
  asked.user("a");
  asked.request.tools = {tool("f")};
  asked.request.format = city();
  const Written written = write(asked, kClaude);
  EXPECT_EQ(written.at("outputConfig"),
            R"({"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\",)"
            R"(\"properties\":{\"name\":{\"type\":\"string\"}},\"required\":[\"name\"],)"
            R"(\"additionalProperties\":false}","name":"city"}}}})");
  EXPECT_EQ(written.rewrites.json_tool, "");
  EXPECT_EQ(written.at("toolConfig.toolChoice"), "");

  asked.request.format.schema = R"({"type":"array","items":{"type":"string"}})";
  EXPECT_TRUE(write(asked, kClaude).rewrites.json_wrapped);
  asked.request.format.schema = R"({"$ref":"#/nowhere"})";
  Losses losses;
  Rewrites rewrites;
  const llm::Quirks quirks;
  const auto refused = back().write_request(
      asked.request, Target{.model = kClaude, .stream = false, .quirks = quirks, .origin = {}}, losses, rewrites);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "response_format");
}

TEST(BedrockRequest, SchemasAsAToolElsewhere) {
  Asked asked;
  asked.user("a");
  asked.request.format = city();
  asked.request.reasoning.effort = llm::Effort::high;
  const Written alone = write(asked, kOldClaude);
  EXPECT_EQ(alone.rewrites.json_tool, "answer_in_json");
  EXPECT_EQ(alone.at("toolConfig.toolChoice"), R"({"tool":{"name":"answer_in_json"}})");
  EXPECT_EQ(alone.at("additionalModelRequestFields"), "") << "a Claude that thinks cannot be made to call";
  EXPECT_EQ(alone.dropped, Strings{"reasoning_effort"});

  asked.request.reasoning = {};
  asked.request.tools = {tool("f"), tool("answer_in_json")};
  const Written beside = write(asked, kNova);
  EXPECT_NE(beside.rewrites.json_tool, "answer_in_json") << "the caller's own has that name";
  EXPECT_EQ(beside.at("toolConfig.toolChoice"), R"({"any":{}})");
  EXPECT_EQ(beside["toolConfig"]["tools"].size(), 3U);

  // A turn that has to be a call is no answer.
  asked.request.tool_choice = {.mode = llm::ToolChoice::Mode::required, .given = true, .name = {}, .allowed = {}};
  const Written forced = write(asked, kNova);
  EXPECT_EQ(forced.rewrites.json_tool, "");
  EXPECT_EQ(forced["toolConfig"]["tools"].size(), 2U);

  // Neither the one nor the other: in words.
  asked.request.tools.clear();
  asked.request.tool_choice = {};
  const Written words = write(asked, kLlama);
  EXPECT_EQ(words.at("toolConfig"), "");
  EXPECT_NE(words.at("system").find("JSON Schema"), std::string::npos);
  EXPECT_EQ(words.dropped, Strings{"response_format"});

  asked.request.format = {};
  asked.request.format.kind = llm::OutputFormat::Kind::json_object;
  EXPECT_EQ(write(asked, kClaude).at("system"), R"([{"text":"Answer with one JSON object and nothing else."}])");
}

// --- thinking

TEST(BedrockRequest, ThinkingInEachModelsWords) {
  Asked asked;
  asked.user("a");
  const auto think = [&](llm::ReasoningWish wish, std::string_view model) {
    asked.request.reasoning = std::move(wish);
    return write(asked, model);
  };
  const auto effort = [&](llm::Effort how, std::string_view model) {
    llm::ReasoningWish wish;
    wish.effort = how;
    return think(wish, model);
  };
  using llm::Effort;
  constexpr std::string_view kFields = "additionalModelRequestFields";
  llm::ReasoningWish budget;
  budget.budget = 2000;
  EXPECT_EQ(think(budget, kOldClaude).at(kFields), R"({"thinking":{"type":"enabled","budget_tokens":2000}})");
  EXPECT_EQ(think(budget, kNewClaude).at(kFields),
            R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}})");
  budget.budget = 10;
  EXPECT_EQ(think(budget, kOldClaude).at(kFields), R"({"thinking":{"type":"enabled","budget_tokens":1024}})");
  budget.budget = 0;
  EXPECT_EQ(think(budget, kOldClaude).at(kFields), "");
  llm::ReasoningWish adaptive;
  adaptive.adaptive = true;
  adaptive.show = true;
  EXPECT_EQ(think(adaptive, kNewClaude).at(kFields), R"({"thinking":{"type":"adaptive","display":"summarized"}})");
  EXPECT_EQ(effort(Effort::xhigh, kNewClaude).at(kFields),
            R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh"}})");
  EXPECT_EQ(effort(Effort::low, "anthropic.claude-3-haiku-20240307-v1:0").dropped, Strings{"reasoning_effort"});
  EXPECT_EQ(effort(Effort::none, "anthropic.claude-3-haiku-20240307-v1:0").dropped, Strings{});

  EXPECT_EQ(effort(Effort::minimal, kGptOss).at(kFields), R"({"reasoning_effort":"low"})");
  EXPECT_EQ(effort(Effort::max, kGptOss).at(kFields), R"({"reasoning_effort":"high"})");
  EXPECT_EQ(effort(Effort::none, kGptOss).dropped, Strings{"reasoning_effort"}) << "it cannot but think";
  EXPECT_EQ(effort(Effort::medium, kQwen).at(kFields), R"({"reasoning_config":"high"})");
  EXPECT_EQ(effort(Effort::medium, kNova2).at(kFields),
            R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"medium"}})");
  EXPECT_EQ(effort(Effort::none, kNova2).at(kFields), R"({"reasoningConfig":{"type":"disabled"}})");
  EXPECT_EQ(effort(Effort::high, kLlama).dropped, Strings{"reasoning_effort"});

  asked.request.max_tokens = 100;
  asked.request.temperature = 0.2;
  EXPECT_EQ(effort(Effort::high, kNova2).dropped, (Strings{"max_tokens", "temperature"}));
  EXPECT_EQ(effort(Effort::high, kNova2).at("inferenceConfig"), "");
  // No room for a budget.
  EXPECT_EQ(effort(Effort::high, kOldClaude).dropped, Strings{"reasoning_effort"});
  asked.request.max_tokens = 2000;
  const Written tight = effort(Effort::high, kOldClaude);
  EXPECT_EQ(tight.at(kFields), R"({"thinking":{"type":"enabled","budget_tokens":1999}})");
  EXPECT_EQ(tight.dropped, Strings{"temperature"});
}

TEST(BedrockRequest, NoBudgetInTheMiddleOfALoopThatBeganWithoutThinking) {
  Asked asked;
  asked.user("a").assistant({call("1", "f", "{}")}).results({result("1", {text("x")})});
  asked.request.tools = {tool("f")};
  asked.request.reasoning.budget = 2048;
  EXPECT_EQ(write(asked, kOldClaude).dropped, Strings{"reasoning_effort"});
  asked.request.messages[1].blocks.insert(asked.request.messages[1].blocks.begin(),
                                          thought("hm", {llm::Origin::anthropic, "S"}));
  const Written written = write(asked, kOldClaude);
  EXPECT_EQ(written.dropped, Strings{});
  EXPECT_NE(written.at("additionalModelRequestFields"), "");
}

// Case 1 and case 12: state goes to those who can read it, empty texts with a signature too, and to nobody else.
TEST(BedrockRequest, StateGoesToItsOwn) {
  Asked asked;
  asked.user("a").assistant({thought("", {llm::Origin::anthropic, "S"}), thought("b", {llm::Origin::bedrock, "B"}),
                             thought("", {}, {llm::Origin::openai, "O"}), thought("no state", {}), text("c")});
  asked.user("d");
  EXPECT_NE(
      write(asked, kClaude)
          .body.find(
              R"({"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"","signature":"S"}}},)"
              R"({"text":"c"}]})"),
      std::string::npos);
  EXPECT_NE(write(asked, kNova)
                .body.find(R"([{"reasoningContent":{"reasoningText":{"text":"b","signature":"B"}}},{"text":"c"}])"),
            std::string::npos);
}

// --- settings

TEST(BedrockRequest, SamplingAsTheModelTakesIt) {
  Asked asked;
  asked.user("a");
  asked.request.temperature = 1.5;
  asked.request.top_p = 0.5;
  asked.request.top_k = 7;
  const Written old = write(asked, kOldClaude);
  EXPECT_EQ(old.at("inferenceConfig"), R"({"temperature":1,"topP":0.5})");
  EXPECT_EQ(old.at("additionalModelRequestFields"), R"({"top_k":7})");
  EXPECT_EQ(old.dropped, Strings{"temperature"}) << "it ends at 1";
  EXPECT_EQ(write(asked, kNova).at("additionalModelRequestFields"), R"({"inferenceConfig":{"topK":7}})");
  EXPECT_EQ(write(asked, kLlama).dropped, (Strings{"temperature", "top_k"}));
  asked.request.temperature = 0.5;
  EXPECT_EQ(write(asked, kClaude).dropped, Strings{"top_p"}) << "one of the two";
  EXPECT_EQ(write(asked, kNewClaude).dropped, (Strings{"temperature", "top_p", "top_k"}));
  EXPECT_EQ(write(asked, kNewClaude).at("inferenceConfig"), "");
}

TEST(BedrockRequest, StopSequences) {
  Asked asked;
  asked.user("a");
  asked.request.stop = {"", "\n", "END"};
  const Written claude = write(asked, kClaude);
  EXPECT_EQ(claude.at("inferenceConfig.stopSequences"), R"(["END"])");
  EXPECT_EQ(claude.dropped, Strings{"stop"});
  EXPECT_EQ(claude.at("additionalModelResponseFieldPaths"), R"(["/delta/stop_sequence"])");
  const Written nova = write(asked, kNova);
  EXPECT_EQ(nova.at("inferenceConfig.stopSequences"), R"(["\n","END"])");
  EXPECT_EQ(nova.at("additionalModelResponseFieldPaths"), "");
}

TEST(BedrockRequest, WhatConverseHasNoWordFor) {
  Asked asked;
  asked.user("a");
  asked.request.n = 2;
  asked.request.seed = 1;
  asked.request.logprobs = true;
  asked.request.frequency_penalty = 0.5;
  asked.request.presence_penalty = 0;
  asked.request.logit_bias = "{}";
  asked.request.user = "u";
  asked.request.store = false;
  asked.request.service_tier = "scale";
  asked.request.extras = {{"frobnicate", "1"}};
  const Written written = write(asked, kClaude);
  EXPECT_EQ(written.dropped,
            (Strings{"n", "logprobs", "seed", "frequency_penalty", "logit_bias", "frobnicate", "service_tier"}));
  asked.request.dialect = llm::Dialect::gemini;
  EXPECT_EQ(write(asked, kClaude).dropped[0], "generationConfig.candidateCount") << "in the caller's words";
}

TEST(BedrockRequest, ConversesOwnMembers) {
  Asked asked;
  asked.user("a");
  asked.request.service_tier = "flex";
  asked.request.top_k = 3;
  asked.request.stop = {"x"};
  asked.request.extras = {{"serviceTier", R"({"type":"reserved"})"},
                          {"performanceConfig", R"({"latency":"optimized"})"},
                          {"additionalModelResponseFieldPaths", R"(["/a"])"},
                          {"additionalModelRequestFields", R"({"anthropic_beta":["x"],"top_k":9})"}};
  const Written written = write(asked, kClaude);
  EXPECT_EQ(written.at("serviceTier"), R"({"type":"reserved"})");
  EXPECT_EQ(written.at("performanceConfig"), R"({"latency":"optimized"})");
  EXPECT_EQ(written.at("additionalModelResponseFieldPaths"), R"(["/a"])");
  EXPECT_EQ(written.at("additionalModelRequestFields"), R"({"anthropic_beta":["x"],"top_k":9})")
      << "the caller's word goes before ours";
  EXPECT_EQ(written.dropped, Strings{});
}

TEST(BedrockRequest, BlocksOfOthers) {
  const auto foreign = [](llm::Dialect dialect, std::string words) {
    llm::Foreign block;
    block.verbatim = {.dialect = dialect, .json = R"({"toolUse":{"toolUseId":"s","name":"x","input":{}}})"};
    block.type = "server_tool_use";
    block.text = std::move(words);
    return Block{.value = std::move(block)};
  };
  Asked asked;
  asked.user("a").assistant({foreign(llm::Dialect::bedrock, ""), foreign(llm::Dialect::anthropic, "found: x"),
                             foreign(llm::Dialect::anthropic, "")});
  asked.user("b");
  const Written written = write(asked, kClaude);
  EXPECT_NE(written.body.find(R"([{"toolUse":{"toolUseId":"s","name":"x","input":{}}},{"text":"found: x"}])"),
            std::string::npos)
      << written.body;
  EXPECT_EQ(written.dropped, Strings{"server_tool_use"});
}

TEST(BedrockRequest, TheSameRequestIsWrittenTheSame) {
  Asked asked;
  asked.user("a").assistant({call("", "näme", "{}"), call("", "g", "{}")});
  Block first = result("", {text("of g")});
  first.as<llm::ToolResult>()->name = "g";
  asked.results({first, result("", {text("of name")})});
  asked.request.tools = {tool("näme"), tool("g")};
  const Written written = write(asked, kNova);
  EXPECT_EQ(written.body, write(asked, kNova).body) << "or the provider's cache is lost";
  EXPECT_NE(written.body.find(R"({"toolResult":{"toolUseId":"call_2","content":[{"text":"of g"}]}})"),
            std::string::npos)
      << written.body;
  EXPECT_NE(written.body.find(R"({"toolResult":{"toolUseId":"call_1","content":[{"text":"of name"}]}})"),
            std::string::npos);
}

TEST(BedrockOrigin, ByTheMakerInTheName) {
  EXPECT_EQ(origin_of(kClaude), llm::Origin::anthropic);
  EXPECT_EQ(origin_of("arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6"),
            llm::Origin::anthropic);
  EXPECT_EQ(origin_of("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2"), llm::Origin::anthropic);
  for (const auto model : {kNova, kLlama, kUnknown, kQwen}) EXPECT_EQ(origin_of(model), llm::Origin::bedrock) << model;
}

}  // namespace
}  // namespace gatehouse::dialects::bedrock
