#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/bedrock/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::bedrock {
namespace {

using llm::Author;
using llm::Block;
using llm::CacheHint;

constexpr std::string_view kClaude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
constexpr std::string_view kOldClaude = "anthropic.claude-3-7-sonnet-20250219-v1:0";
constexpr std::string_view kNewClaude = "global.anthropic.claude-opus-4-8";
constexpr std::string_view kNova = "us.amazon.nova-lite-v1:0";
constexpr std::string_view kNova2 = "us.amazon.nova-2-lite-v1:0";
constexpr std::string_view kLlama = "us.meta.llama4-maverick-17b-instruct-v1:0";
constexpr std::string_view kMistral = "us.mistral.pixtral-large-2502-v1:0";
constexpr std::string_view kWriter = "us.writer.palmyra-x4-v1:0";
constexpr std::string_view kGptOss = "openai.gpt-oss-120b-1:0";
constexpr std::string_view kQwen = "qwen.qwen3-32b-v1:0";
constexpr std::string_view kUnknown = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";

Block text(std::string words, std::optional<CacheHint> cache = {}) {
  llm::Text block;
  block.text = std::move(words);
  return {.value = std::move(block), .cache = cache};
}
Block call(std::string id, std::string name, std::string arguments) {
  llm::ToolCall block;
  block.id = std::move(id);
  block.name = std::move(name);
  block.arguments = std::move(arguments);
  return {.value = std::move(block)};
}
Block result(std::string id, std::vector<Block> content, bool error = false) {
  llm::ToolResult block;
  block.call_id = std::move(id);
  block.content = std::move(content);
  block.is_error = error;
  return {.value = std::move(block)};
}
Block media(llm::Media::Kind kind, std::string type, std::string data, std::string name = {}) {
  llm::Media block;
  block.kind = kind;
  block.media_type = std::move(type);
  block.data = std::move(data);
  block.name = std::move(name);
  return {.value = std::move(block)};
}
Block image() { return media(llm::Media::Kind::image, "image/png", "aW1n"); }
Block thought(std::string words, llm::Opaque signature, llm::Opaque encrypted = {}) {
  llm::Reasoning block;
  block.text = std::move(words);
  block.signature = std::move(signature);
  block.encrypted = std::move(encrypted);
  return {.value = std::move(block)};
}
llm::Tool tool(std::string name, std::string schema = R"({"type":"object","properties":{"a":{"type":"string"}}})") {
  llm::Tool made;
  made.name = std::move(name);
  made.description = "does something";
  made.schema = std::move(schema);
  return made;
}

struct Asked {
  llm::ChatRequest request{};
  Asked& say(Author author, std::vector<Block> blocks) {
    llm::Message message;
    message.author = author;
    message.blocks = std::move(blocks);
    request.messages.push_back(std::move(message));
    return *this;
  }
  Asked& user(std::string words) { return say(Author::user, {text(std::move(words))}); }
  Asked& assistant(std::vector<Block> blocks) { return say(Author::assistant, std::move(blocks)); }
  Asked& results(std::vector<Block> blocks) { return say(Author::tool, std::move(blocks)); }
};

struct Written {
  std::string body{};
  ApiError error{};
  std::vector<std::string> dropped{};
  Rewrites rewrites{};
  json::Value operator[](std::string_view key) const { return json::Value(body)[key]; }
  std::string at(std::string_view path) const { return std::string(json::find(body, path)); }
};

Written write(const llm::ChatRequest& request, std::string_view model) {
  Written written;
  Losses losses;
  const llm::Quirks quirks;
  auto body = back().write_request(request,
                                   Target{.model = model, .stream = true, .quirks = quirks, .origin = origin_of(model)},
                                   losses, written.rewrites);
  if (body) {
    written.body = std::move(*body);
    EXPECT_TRUE(json::validate(written.body)) << written.body;
  } else {
    written.error = body.error();
    EXPECT_EQ(body.error().error.code, Code::unsupported);
  }
  written.dropped = losses.dropped();
  return written;
}
Written write(const Asked& asked, std::string_view model) { return write(asked.request, model); }

using Strings = std::vector<std::string>;

std::string golden(std::string_view name) {
  std::ifstream in(std::filesystem::path(GATEHOUSE_GOLDEN) / "bedrock_codec" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
// A golden file is the body with line ends between its members, to be read by people.
std::string without_layout(std::string_view pretty) {
  std::string flat;
  bool quoted = false;
  for (std::size_t i = 0; i < pretty.size(); ++i) {
    const char c = pretty[i];
    if (c == '"' && (i == 0 || pretty[i - 1] != '\\')) quoted = !quoted;
    if (quoted || (c != ' ' && c != '\n')) flat.push_back(c);
  }
  return flat;
}
void expect_golden(std::string_view name, const Written& written) {
  EXPECT_EQ(written.error.error.detail, "");
  EXPECT_EQ(written.body, without_layout(golden(name))) << name;
}

// --- whole requests

TEST(BedrockRequest, AConversationWithEverything) {
  Asked asked;
  asked.say(Author::system, {text("Be brief.", CacheHint{.one_hour = true})});
  asked.say(Author::developer, {text("Speak French.")});
  asked.say(Author::user, {text("What is in these?"), image(),
                           media(llm::Media::Kind::document, "application/pdf", "JVBERi0=", "my_report.v2.pdf"),
                           text("And what next?", CacheHint{})});
  asked.assistant({thought("hm", {llm::Origin::anthropic, "SIG"}), thought("", {}, {llm::Origin::anthropic, "DATA"}),
                   thought("not yours", {llm::Origin::gemini, "G"}), text("Let me look."),
                   call("toolu_1", "look up", R"({"q":"a"})"), call("call.2", "count", "")});
  asked.results({result("toolu_1", {text("found"), image()})});
  asked.results({result("call.2", {text(R"({"n":2})")}, true)});
  asked.user("Go on.");
  asked.request.tools = {tool("look up"), tool("count", "")};
  asked.request.tools.back().cache = CacheHint{};
  asked.request.tool_choice = {.mode = llm::ToolChoice::Mode::automatic, .given = true, .name = {}, .allowed = {}};
  asked.request.max_tokens = 1000;
  asked.request.temperature = 0.5;
  asked.request.stop = {"END"};
  asked.request.service_tier = "flex";
  asked.request.extras = {{"guardrailConfig", R"({"guardrailIdentifier":"g","guardrailVersion":"1"})"},
                          {"requestMetadata", R"({"team":"a"})"}};
  const Written written = write(asked, kClaude);
  expect_golden("conversation.request.json", written);
  EXPECT_EQ(written.dropped, Strings{});
  ASSERT_EQ(written.rewrites.tool_names.size(), 1U);
  EXPECT_EQ(written.rewrites.tool_names[0].second, "look up");
}

TEST(BedrockRequest, TheSameForNova) {
  Asked asked;
  asked.say(Author::system, {text("Be brief.", CacheHint{.one_hour = true})});
  asked.assistant({text("Hello.")});
  asked.user("Think about it.");
  asked.assistant({thought("hm", {llm::Origin::anthropic, "SIG"}), call("1", "f", "{}")});
  asked.results({result("1", {media(llm::Media::Kind::document, "application/pdf", "JVBERi0=")})});
  asked.request.tools = {tool("f")};
  asked.request.tools.back().cache = CacheHint{};
  asked.request.top_k = 20;
  asked.request.reasoning.effort = llm::Effort::high;
  const Written written = write(asked, kNova);
  expect_golden("nova.request.json", written);
  EXPECT_EQ(written.dropped, Strings{"reasoning_effort"});
}

// --- turns

TEST(BedrockRequest, TurnsAlternate) {
  Asked asked;
  asked.user("a").user("b");
  asked.assistant({text("c")}).assistant({text(" \n")}).assistant({text("d")});
  asked.user("  ").user("e");
  EXPECT_EQ(write(asked, kClaude).at("messages"),
            R"([{"role":"user","content":[{"text":"a"},{"text":"b"}]},)"
            R"({"role":"assistant","content":[{"text":"c"},{"text":"d"}]},{"role":"user","content":[{"text":"e"}]}])");
}

TEST(BedrockRequest, AConversationBeginsWithTheUserWhereItHasTo) {
  Asked asked;
  asked.assistant({text("Hello.")}).user("Hi.");
  EXPECT_TRUE(write(asked, kNova).at("messages").starts_with(R"([{"role":"user","content":[{"text":"."}]},)"));
  EXPECT_TRUE(write(asked, kClaude).at("messages").starts_with(R"([{"role":"assistant")"));
  Asked nothing;
  nothing.say(Author::system, {text("Say hello.")});
  EXPECT_EQ(write(nothing, kClaude).at("messages"), R"([{"role":"user","content":[{"text":"."}]}])");
}

TEST(BedrockRequest, WhatTheModelGoesOnWithEndsInNoSpace) {
  Asked asked;
  asked.user("Count.").assistant({text("One, two, \n")});
  EXPECT_NE(write(asked, kClaude).body.find(R"("One, two,"})"), std::string::npos);
}

TEST(BedrockRequest, LateSystemTextsAreSaidByTheUser) {
  Asked asked;
  asked.user("a").assistant({text("b")}).say(Author::system, {text("c")}).user("d");
  const Written written = write(asked, kClaude);
  EXPECT_NE(written.body.find(R"({"role":"user","content":[{"text":"c"},{"text":"d"}]})"), std::string::npos);
  EXPECT_EQ(written.dropped, Strings{"messages.role"});
}

// Case 5: the results of parallel calls come back in one turn, first in it, whatever the caller's turns.
TEST(BedrockRequest, ParallelResultsAreOneTurn) {
  Asked asked;
  asked.user("a").assistant({call("1", "f", "{}"), call("2", "g", "{}")});
  asked.results({result("1", {text("x")})}).user("and?").results({result("2", {})});
  asked.request.tools = {tool("f"), tool("g")};
  const Written written = write(asked, kClaude);
  EXPECT_NE(
      written.body.find(R"({"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"text":"x"}]}},)"
                        R"x({"toolResult":{"toolUseId":"2","content":[{"text":"(no output)"}]}},{"text":"and?"}]})x"),
      std::string::npos)
      << written.body;
}

// Case 5: calls without tools. The service refuses them without toolConfig.
TEST(BedrockRequest, ToolsOfTheHistoryAreNamedAgain) {
  Asked asked;
  asked.user("a").assistant({call("1", "f", "{}"), call("2", "g h", "{}"), call("3", "f", "{}")});
  asked.results({result("1", {text("x")}), result("2", {text("y")}), result("3", {text("z")})});
  const Written written = write(asked, kClaude);
  EXPECT_EQ(written["toolConfig"]["tools"].size(), 2U);
  EXPECT_FALSE(written["toolConfig"]["toolChoice"].exists());
  EXPECT_NE(written.body.find(R"({"toolSpec":{"name":"f",)"), std::string::npos);
  Asked plain;
  plain.user("a");
  EXPECT_EQ(write(plain, kClaude).at("toolConfig"), "");
}

TEST(BedrockRequest, WhatMayStandBesideResults) {
  const auto asked = [](Block beside) {
    Asked made;
    made.user("a").assistant({call("1", "f", "{}")}).results({result("1", {text("x")})});
    made.say(Author::user, {std::move(beside)});
    made.request.tools = {tool("f")};
    return made;
  };
  constexpr std::string_view kApart = R"(}]},{"role":"assistant","content":[{"text":"."}]},{"role":"user",)";
  const auto apart = [&](Block beside, std::string_view model) {
    return write(asked(std::move(beside)), model).body.find(kApart) != std::string::npos;
  };
  const Block pdf = media(llm::Media::Kind::document, "application/pdf", "JVBERi0=");
  EXPECT_FALSE(apart(text("b"), kNova));
  EXPECT_FALSE(apart(pdf, kNova));
  EXPECT_FALSE(apart(text("b"), kClaude));
  EXPECT_FALSE(apart(image(), kClaude));
  EXPECT_TRUE(apart(pdf, kClaude));
  for (const auto model : {kLlama, kMistral, kWriter}) EXPECT_TRUE(apart(text("b"), model)) << model;
}

TEST(BedrockRequest, MediaOfResultsStandWhereTheModelTakesThem) {
  Asked asked;
  asked.user("a").assistant({call("1", "f", "{}"), call("2", "f", "{}")});
  asked.results({result("1", {text("x"), image()}), result("2", {image()})});
  asked.request.tools = {tool("f")};
  EXPECT_NE(write(asked, kClaude)
                .body.find(R"("content":[{"text":"x"},{"image":{"format":"png","source":{"bytes":"aW1n"}}}])"),
            std::string::npos);
  // Mistral: no images in results, and nothing beside them.
  const std::string body = write(asked, kMistral).body;
  EXPECT_NE(body.find(R"({"text":"x"},{"text":"See file 1 below."}])"), std::string::npos) << body;
  EXPECT_NE(body.find(R"({"role":"assistant","content":[{"text":"."}]},{"role":"user","content":[)"
                      R"({"text":"File 1 of the tools' results:"},{"image":)"),
            std::string::npos)
      << body;
  EXPECT_NE(body.find(R"({"text":"File 2 of the tools' results:"},{"image":)"), std::string::npos);
}

TEST(BedrockRequest, ErrorsOfTools) {
  Asked asked;
  asked.user("a").assistant({call("1", "f", "{}")}).results({result("1", {text("no")}, true)});
  asked.request.tools = {tool("f")};
  EXPECT_NE(write(asked, kNova).body.find(R"("status":"error")"), std::string::npos);
  const Written writer = write(asked, kWriter);
  EXPECT_EQ(writer.body.find("status"), std::string::npos);
  EXPECT_EQ(writer.dropped, Strings{"is_error"});
}

TEST(BedrockRequest, ResultsThatAreObjects) {
  Asked asked;
  Block json = result("1", {text(R"({"$ref":"#/x","n":1})")});
  json.as<llm::ToolResult>()->structured = true;
  Block list = result("2", {text("[1]")});
  list.as<llm::ToolResult>()->structured = true;
  asked.user("a").assistant({call("1", "f", "{}"), call("2", "f", "{}")}).results({json, list});
  asked.request.tools = {tool("f")};
  const std::string body = write(asked, kClaude).body;
  EXPECT_NE(body.find(R"("content":[{"json":{"$ref":"#/x","n":1}}])"), std::string::npos);
  EXPECT_NE(body.find(R"("content":[{"text":"[1]"}])"), std::string::npos) << "only objects are documents";
}

TEST(BedrockRequest, ArgumentsThatAreNoObject) {
  Asked asked;
  asked.user("a").assistant({call("1", "f", R"({"a":)"), call("2", "f", "[1]"), call("3", "f", " ")});
  asked.request.tools = {tool("f")};
  const std::string body = write(asked, kClaude).body;
  EXPECT_NE(body.find(R"("input":{"INVALID_JSON":"{\"a\":"})"), std::string::npos);
  EXPECT_NE(body.find(R"("input":{"INVALID_JSON":"[1]"})"), std::string::npos);
  EXPECT_NE(body.find(R"("toolUseId":"3","name":"f","input":{}})"), std::string::npos);
}

// --- cache hints (case 9)

TEST(BedrockRequest, CachePointsStandBehindWhatTheyKeep) {
  Asked asked;
  asked.say(Author::system, {text("s", CacheHint{})});
  asked.say(Author::user, {text("u", CacheHint{.one_hour = true}), text("v")});
  Block said = text("w", CacheHint{});
  asked.assistant({said, call("1", "f", "{}")});
  Block inner = result("1", {text("x", CacheHint{})});
  asked.results({inner});
  asked.request.tools = {tool("f")};
  const std::string body = write(asked, kClaude).body;
  EXPECT_NE(body.find(R"("system":[{"text":"s"},{"cachePoint":{"type":"default"}}])"), std::string::npos) << body;
  EXPECT_NE(body.find(R"([{"text":"u"},{"cachePoint":{"type":"default","ttl":"1h"}},{"text":"v"}])"),
            std::string::npos);
  EXPECT_NE(body.find(R"([{"text":"w"},{"cachePoint":{"type":"default"}},{"toolUse":)"), std::string::npos);
  EXPECT_NE(body.find(R"({"toolResult":{"toolUseId":"1","content":[{"text":"x"}]}},{"cachePoint":)"),
            std::string::npos);

  asked.request.tools.back().cache = CacheHint{};
  const std::string five = write(asked, kClaude).body;
  EXPECT_NE(five.find(R"(}},{"cachePoint":{"type":"default"}}]})"), std::string::npos) << "behind the tools";
  EXPECT_EQ(five.find(R"({"text":"u"},{"cachePoint")"), std::string::npos) << "four at most, the last ones count";
  EXPECT_NE(five.find(R"({"text":"w"},{"cachePoint")"), std::string::npos);

  const std::string nova = write(asked, kNova).body;
  EXPECT_EQ(nova.find("ttl"), std::string::npos);
  EXPECT_TRUE(nova.starts_with(
      R"({"toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"does something","inputSchema":{"json":)"
      R"({"type":"object","properties":{"a":{"type":"string"}}}}}}]},"system")"))
      << "Nova keeps no tools: " << nova;
  EXPECT_EQ(write(asked, kLlama).body.find("cachePoint"), std::string::npos);
  EXPECT_EQ(write(asked, kLlama).dropped, Strings{});
}

TEST(BedrockRequest, CachePointsThatTheServiceRefusesMove) {
  const auto written = [](std::vector<Block> blocks) {
    Asked asked;
    asked.say(Author::user, std::move(blocks));
    return write(asked, kClaude).at("messages");
  };
  Block pdf = media(llm::Media::Kind::document, "application/pdf", "JVBERi0=");
  pdf.cache = CacheHint{};
  EXPECT_EQ(written({text("a"), pdf}),
            R"([{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}},{"document":)"
            R"({"name":"Document 1","format":"pdf","source":{"bytes":"JVBERi0="}}}]}])");
  EXPECT_EQ(written({pdf}), R"([{"role":"user","content":[{"document":{"name":"Document 1","format":"pdf","source":)"
                            R"({"bytes":"JVBERi0="}}},{"text":"."}]}])");
  // A blank text that only carries the hint.
  EXPECT_EQ(written({text("a"), text("\n", CacheHint{}), text("b")}),
            R"([{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}},{"text":"b"}]}])");
}

TEST(BedrockRequest, AHintForAllOfThePrompt) {
  Asked asked;
  asked.user("a").assistant({text("b")}).user("c");
  asked.request.cache = CacheHint{};
  EXPECT_TRUE(write(asked, kClaude).at("messages").ends_with(R"({"text":"c"},{"cachePoint":{"type":"default"}}]}])"));
}

// --- media

TEST(BedrockRequest, FormatsByMediaType) {
  const auto block = [](const Block& medium) {
    Asked asked;
    asked.say(Author::user, {text("a"), medium});
    const Written written = write(asked, kClaude);
    return written.body.empty() ? "refused: " + written.error.param : written.at("messages").substr(40);
  };
  using Kind = llm::Media::Kind;
  EXPECT_EQ(block(media(Kind::image, "image/jpg", "eA==")),
            R"({"image":{"format":"jpeg","source":{"bytes":"eA=="}}}]}])");
  EXPECT_EQ(block(media(Kind::image, "application/pdf", "eA==", "a.pdf")),
            R"({"document":{"name":"a","format":"pdf","source":{"bytes":"eA=="}}}]}])")
      << "a PDF is no image, whatever it came as";
  EXPECT_EQ(block(media(Kind::document, "text/markdown; charset=utf-8", "eA==")),
            R"({"document":{"name":"Document 1","format":"md","source":{"bytes":"eA=="}}}]}])");
  EXPECT_EQ(block(media(Kind::video, "video/3gpp", "eA==")),
            R"({"video":{"format":"three_gp","source":{"bytes":"eA=="}}}]}])");
  EXPECT_EQ(block(media(Kind::audio, "audio/wav", "eA==")),
            R"({"audio":{"format":"wav","source":{"bytes":"eA=="}}}]}])");
  EXPECT_EQ(block(media(Kind::image, "", "iVBORw0KGgoAAA==")),
            R"({"image":{"format":"png","source":{"bytes":"iVBORw0KGgoAAA=="}}}]}])");
  EXPECT_EQ(block(media(Kind::document, "", "eA==", "t.XLSX")),
            R"({"document":{"name":"t","format":"xlsx","source":{"bytes":"eA=="}}}]}])");
  EXPECT_EQ(block(media(Kind::image, "image/tiff", "eA==")), "refused: messages");
  EXPECT_EQ(block(media(Kind::image, "", "AAAA")), "refused: messages");

  Block remote = media(Kind::image, "image/png", "");
  remote.as<llm::Media>()->url = "https://example.com/a.png";
  EXPECT_EQ(block(remote), "refused: messages") << "the service fetches nothing";
  remote.as<llm::Media>()->url = "s3://bucket/a.png";
  EXPECT_EQ(block(remote), R"({"image":{"format":"png","source":{"s3Location":{"uri":"s3://bucket/a.png"}}}}]}])");
  Block stored = media(Kind::document, "application/pdf", "");
  stored.as<llm::Media>()->file_id = "file-123";
  EXPECT_EQ(block(stored), "refused: messages");

  Block plain = media(Kind::document, "text/plain", "");
  plain.as<llm::Media>()->text = "hello";
  plain.as<llm::Media>()->title = "Notes: \"1\"  [draft]";
  plain.as<llm::Media>()->context = "old";
  plain.as<llm::Media>()->citations = true;
  EXPECT_EQ(block(plain), R"({"document":{"name":"Notes 1 [draft]","format":"txt","source":{"bytes":"aGVsbG8="},)"
                          R"("context":"old","citations":{"enabled":true}}}]}])");
  Block parts = media(Kind::document, "", "");
  parts.as<llm::Media>()->parts = {text("one"), text("two")};
  EXPECT_EQ(block(parts),
            R"({"document":{"name":"Document 1","source":{"content":[{"text":"one"},{"text":"two"}]}}}]}])");
}

TEST(BedrockRequest, TheAssistantsTurnsHoldNoMedia) {
  Asked asked;
  asked.user("a").assistant({image()}).user("b");
  EXPECT_EQ(write(asked, kClaude).error.param, "messages");
  Block sound = media(llm::Media::Kind::audio, "audio/wav", "eA==");
  sound.as<llm::Media>()->transcript = "hello";
  Asked heard;
  heard.user("a").assistant({sound}).user("b");
  EXPECT_NE(write(heard, kClaude).body.find(R"({"role":"assistant","content":[{"text":"hello"}]})"), std::string::npos);
}

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
