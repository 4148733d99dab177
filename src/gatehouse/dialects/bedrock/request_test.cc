#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/bedrock/testing/requests.h"

// Whole requests, turns, cache hints and media. What stands beside the messages is in request_settings_test.cc.
namespace gatehouse::dialects::bedrock {
namespace {

using namespace testing;

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

}  // namespace
}  // namespace gatehouse::dialects::bedrock
