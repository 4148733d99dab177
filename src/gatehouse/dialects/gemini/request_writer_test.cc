#include "gatehouse/dialects/gemini/request_writer.h"

#include <functional>

#include <gmock/gmock.h>

#include "gatehouse/dialects/gemini/testing.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Author;
using llm::Block;
using llm::ChatRequest;
using llm::Message;
using llm::Text;
using llm::ToolCall;
using llm::ToolChoice;
using llm::ToolResult;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::write;

constexpr std::string_view kOld = "gemini-2.5-flash";
constexpr std::string_view kNew = "gemini-3-flash-preview";

Message said(Author author, std::string text) {
  Message message{.author = author};
  message.blocks.push_back({.value = Text{.text = std::move(text)}});
  return message;
}

Block call(std::string id, std::string name, std::string arguments = "{}", llm::Opaque signature = {}) {
  ToolCall made;
  made.id = std::move(id);
  made.name = std::move(name);
  made.arguments = std::move(arguments);
  made.signature = std::move(signature);
  return {.value = std::move(made)};
}

Message result(std::string id, std::string text, bool error = false) {
  ToolResult made;
  made.call_id = std::move(id);
  made.content.push_back({.value = Text{.text = std::move(text)}});
  made.is_error = error;
  Message message{.author = Author::tool};
  message.blocks.push_back({.value = std::move(made)});
  return message;
}

llm::Tool function(std::string name, std::string schema = R"({"type":"object","properties":{}})") {
  llm::Tool tool;
  tool.name = std::move(name);
  tool.schema = std::move(schema);
  return tool;
}

ChatRequest asked(std::vector<Message> messages = {said(Author::user, "hi")}) {
  ChatRequest request;
  request.messages = std::move(messages);
  return request;
}

std::string raw(const testing::Written& written, std::string_view path) {
  return std::string(json::find(written.body, path));
}

TEST(GeminiWriting, system_texts_in_front_and_later) {
  auto request = asked({said(Author::system, "one"), said(Author::developer, "two"), said(Author::user, "hi"),
                        said(Author::assistant, "yes"), said(Author::system, "be kind"), said(Author::user, "go")});
  EXPECT_EQ(write(request).body, R"({"systemInstruction":{"parts":[{"text":"one"},{"text":"two"}]},"contents":[)"
                                 R"({"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":"yes"}]},)"
                                 R"({"role":"user","parts":[{"text":"be kind"},{"text":"go"}]}]})");
  EXPECT_EQ(write(asked({said(Author::system, "only")})).body,
            R"({"contents":[{"role":"user","parts":[{"text":"only"}]}]})");
}

// Case 5: parallel results are one turn, in front of what the user says; tool history needs no tools.
TEST(GeminiWriting, parallel_results_are_one_turn) {
  Message calls{.author = Author::assistant};
  calls.blocks = {call("a", "f", R"({"x":1})"), call("b", "g", "")};
  auto request = asked(
      {said(Author::user, "q"), calls, result("b", "plain"), said(Author::user, "also"), result("a", R"({"t":20})")});
  EXPECT_EQ(raw(write(request, kOld), "contents"),
            R"([{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f",)"
            R"("args":{"x":1}}},{"functionCall":{"id":"b","name":"g","args":{}}}]},{"role":"user","parts":[)"
            R"({"functionResponse":{"id":"b","name":"g","response":{"result":"plain"}}},)"
            R"({"functionResponse":{"id":"a","name":"f","response":{"t":20}}}]},)"
            R"({"role":"user","parts":[{"text":"also"}]}])");
  EXPECT_EQ(raw(write(request, kOld), "tools"), "");
}

TEST(GeminiWriting, results_that_went_wrong_and_that_answer_nothing) {
  Message calls{.author = Author::assistant};
  calls.blocks = {call("a", "f")};
  EXPECT_THAT(write(asked({calls, result("a", "boom", true)}), kOld).body,
              ::testing::HasSubstr(R"("response":{"error":"boom"})"));
  EXPECT_EQ(write(asked({calls, result("z", "x")})).error, "invalid_request");
}

// Case 8: a $ref in a result would be taken for a reference to a part of it.
TEST(GeminiWriting, references_inside_results_are_words) {
  Message calls{.author = Author::assistant};
  calls.blocks = {call("a", "f")};
  for (const std::string_view text : {R"({"schema":{"items":[{"$ref":"#/$defs/x"}]}})", R"({"\u0024ref":"x"})"}) {
    const auto written = write(asked({calls, result("a", std::string(text))}), kOld);
    std::string words;
    json::append_quoted(words, text);
    EXPECT_THAT(written.body, ::testing::HasSubstr(R"("response":{"result":)" + words + "}"));
  }
  // As a value, or in part of a name, it is nothing.
  const auto harmless = write(asked({calls, result("a", R"({"a":"$ref","$refs":1})")}), kOld);
  EXPECT_THAT(harmless.body, ::testing::HasSubstr(R"("response":{"a":"$ref","$refs":1})"));
}

// Case 2: the first call of each step carries a signature where the model wants one.
TEST(GeminiWriting, lost_signatures_of_the_third_generation) {
  Message first{.author = Author::assistant};
  first.blocks = {call("a", "f"), call("b", "f")};
  Message second{.author = Author::assistant};
  second.blocks = {call("c", "f", "{}", {llm::Origin::gemini, "real"})};
  Message third{.author = Author::assistant};
  third.blocks = {call("d", "f", "{}", {llm::Origin::anthropic, "foreign"})};
  auto request = asked({said(Author::user, "q"), first, result("a", "1"), result("b", "2"), second, result("c", "3"),
                        third, result("d", "4")});
  const auto count = [](const std::string& body, std::string_view what) {
    std::size_t n = 0;
    for (auto at = body.find(what); at != std::string::npos; at = body.find(what, at + 1)) ++n;
    return n;
  };
  for (const std::string_view model : {"gemini-3-pro-preview", "models/gemini-3.5-flash", "gemini-flash-latest"}) {
    const auto written = write(request, model);
    EXPECT_EQ(count(written.body, "skip_thought_signature_validator"), 2U) << written.body;
    EXPECT_EQ(count(written.body, R"("thoughtSignature":"real")"), 1U);
    EXPECT_EQ(count(written.body, "foreign"), 0U);
    EXPECT_THAT(written.body,
                ::testing::HasSubstr(R"({"functionCall":{"id":"a","name":"f","args":{}},"thoughtSignature":"skip_)"));
  }
  const auto old = write(request, kOld);
  EXPECT_EQ(count(old.body, "skip_"), 0U);
  EXPECT_EQ(count(old.body, R"("thoughtSignature":"real")"), 1U);
  // Somebody who cannot read it does not get it.
  EXPECT_EQ(count(write(request, kOld, llm::Origin::none).body, "thoughtSignature"), 0U);
}

// Case 12: thinking of others stays with them, its own goes back.
TEST(GeminiWriting, only_its_own_thoughts_go_back) {
  Message model{.author = Author::assistant};
  llm::Reasoning own;
  own.text = "mine";
  own.signature = {llm::Origin::gemini, "sig"};
  llm::Reasoning foreign;
  foreign.text = "theirs";
  foreign.signature = {llm::Origin::anthropic, "sig2"};
  llm::Reasoning closed;
  closed.encrypted = {llm::Origin::openai, "enc"};
  model.blocks = {{.value = own},
                  {.value = foreign},
                  {.value = closed},
                  {.value = Text{.text = "said", .signature = {llm::Origin::gemini, "t"}}}};
  EXPECT_EQ(raw(write(asked({said(Author::user, "q"), model})), "contents"),
            R"([{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[)"
            R"({"text":"mine","thought":true,"thoughtSignature":"sig"},{"text":"said","thoughtSignature":"t"}]}])");
}

TEST(GeminiWriting, tools_and_choices) {
  auto request = asked();
  request.tools = {function("f"), function("9 lives!"), function("g", "")};
  request.tools[0].description = "does f";
  const auto written = write(request);
  EXPECT_EQ(raw(written, "tools"),
            R"([{"functionDeclarations":[{"name":"f","description":"does f","parametersJsonSchema":{"type":"object",)"
            R"("properties":{}}},{"name":"_9_lives_","parametersJsonSchema":{"type":"object","properties":{}}},)"
            R"({"name":"g"}]}])");
  EXPECT_THAT(written.rewrites.tool_names, ElementsAre(std::pair<std::string, std::string>("_9_lives_", "9 lives!")));
  EXPECT_EQ(raw(written, "toolConfig"), "");

  const auto mode = [&](ToolChoice choice, std::string_view model = kNew) {
    request.tool_choice = std::move(choice);
    request.tool_choice.given = true;
    return raw(write(request, model), "toolConfig.functionCallingConfig");
  };
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::automatic}), R"({"mode":"AUTO"})");
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::none}), R"({"mode":"NONE"})");
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::required}), R"({"mode":"ANY"})");
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::required, .allowed = {"f", "g"}}),
            R"({"mode":"ANY","allowedFunctionNames":["f","g"]})");
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::named, .name = "9 lives!"}),
            R"({"mode":"ANY","allowedFunctionNames":["_9_lives_"]})");
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::automatic, .allowed = {"f"}}),
            R"({"mode":"VALIDATED","allowedFunctionNames":["f"]})");
  // Before that mode, what is not allowed is not declared.
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::automatic, .allowed = {"f"}}, "gemini-2.0-flash"), R"({"mode":"AUTO"})");
  EXPECT_EQ(raw(write(request, "gemini-2.0-flash"), "tools").find("lives"), std::string::npos);
  request.tools[0].strict = true;
  EXPECT_EQ(mode({.mode = ToolChoice::Mode::automatic}), R"({"mode":"VALIDATED"})");
}

TEST(GeminiWriting, tools_of_providers) {
  auto request = asked();
  llm::Tool search{.kind = llm::ToolKind::provider, .name = "web_search_20250305"};
  search.verbatim = {llm::Dialect::anthropic, R"({"type":"web_search_20250305"})"};
  request.tools = {search};
  EXPECT_EQ(raw(write(request), "tools"), R"([{"googleSearch":{}}])");
  request.tools[0].name = "computer_use";
  EXPECT_EQ(write(request).error, "unsupported");
  EXPECT_EQ(write(request).param, "tools");
}

TEST(GeminiWriting, tools_that_take_a_text) {
  Message model{.author = Author::assistant};
  model.blocks = {call("a", "free", "some words")};
  model.blocks[0].as<ToolCall>()->kind = llm::ToolKind::custom;
  auto request = asked({said(Author::user, "q"), model, result("a", "done")});
  request.tools = {function("free", "")};
  request.tools[0].kind = llm::ToolKind::custom;
  const auto written = write(request, kOld);
  EXPECT_EQ(raw(written, "tools"),
            R"([{"functionDeclarations":[{"name":"free","parametersJsonSchema":{"type":"object","properties":)"
            R"({"input":{"type":"string"}},"required":["input"]}}]}])");
  EXPECT_THAT(written.rewrites.text_tools, ElementsAre("free"));
  EXPECT_THAT(written.body, ::testing::HasSubstr(R"("args":{"input":"some words"})"));
}

// Case 8, the schemas: what is not taken is said in other words.
TEST(GeminiWriting, schemas_with_constants_and_references) {
  auto request = asked();
  request.tools = {function(
      "f",
      R"({"type":"object","$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}},)"
      R"("properties":{"kind":{"const":"a"},"n":{"$ref":"#/$defs/N","description":"d"},"u":{"type":["string","null"]},)"
      R"("const":{"type":"string"},"yes":{"const":true,"type":"boolean"}}})")};
  const std::string tools = raw(write(request), "tools");
  EXPECT_THAT(tools, ::testing::HasSubstr(R"("kind":{"enum":["a"]})"));
  EXPECT_THAT(tools, ::testing::HasSubstr(R"("n":{"description":"d","anyOf":[{"$ref":"#/$defs/N"}]})"));
  EXPECT_THAT(tools, ::testing::HasSubstr(R"("next":{"$ref":"#/$defs/N"})"));
  EXPECT_THAT(tools, ::testing::HasSubstr(R"("u":{"type":["string","null"]})"));
  EXPECT_THAT(tools, ::testing::HasSubstr(R"("const":{"type":"string"})"));
  EXPECT_THAT(tools, ::testing::HasSubstr(R"("yes":{"type":"boolean"})"));
}

TEST(GeminiWriting, formats) {
  auto request = asked();
  request.format.kind = llm::OutputFormat::Kind::json_object;
  EXPECT_EQ(raw(write(request), "generationConfig"), R"({"responseMimeType":"application/json"})");
  request.format.kind = llm::OutputFormat::Kind::json_schema;
  request.format.schema = R"({"type":"object"})";
  const std::string both = R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}})";
  EXPECT_EQ(raw(write(request, kOld), "generationConfig"), both);
  request.tools = {function("f")};
  EXPECT_EQ(raw(write(request, kNew), "generationConfig"), both);
  // Case 10: together with functions the second generation takes the format as one more of them.
  const auto old = write(request, kOld);
  EXPECT_EQ(raw(old, "generationConfig"), "");
  EXPECT_EQ(old.rewrites.json_tool, "final_answer");
  EXPECT_FALSE(old.rewrites.json_wrapped);
  EXPECT_EQ(raw(old, "toolConfig.functionCallingConfig"), R"({"mode":"ANY"})");
  request.format.schema = R"({"type":"array"})";
  request.tools.push_back(function("final_answer"));
  const auto wrapped = write(request, kOld);
  EXPECT_EQ(wrapped.rewrites.json_tool, "final_answer_2");
  EXPECT_TRUE(wrapped.rewrites.json_wrapped);
  EXPECT_THAT(wrapped.body, ::testing::HasSubstr(R"({"type":"object","properties":{"value":{"type":"array"}},)"
                                                 R"("required":["value"]})"));
  request.tool_choice = {.mode = ToolChoice::Mode::none};
  EXPECT_EQ(raw(write(request, kOld), "tools"), "");
  EXPECT_NE(raw(write(request, kOld), "generationConfig.responseJsonSchema"), "");
}

TEST(GeminiWriting, thinking_by_generation) {
  auto request = asked();
  const auto thinking = [&](std::string_view model, std::function<void(llm::ReasoningWish&)> wish) {
    request.reasoning = {};
    wish(request.reasoning);
    const auto written = write(request, model);
    return raw(written, "generationConfig.thinkingConfig") + (written.lost.empty() ? "" : " lost " + written.lost[0]);
  };
  const auto effort = [](llm::Effort effort) { return [effort](llm::ReasoningWish& wish) { wish.effort = effort; }; };
  EXPECT_EQ(thinking(kNew, effort(llm::Effort::low)), R"({"thinkingLevel":"LOW","includeThoughts":true})");
  EXPECT_EQ(thinking(kNew, effort(llm::Effort::max)), R"({"thinkingLevel":"HIGH","includeThoughts":true})");
  EXPECT_EQ(thinking(kNew, effort(llm::Effort::none)), R"({"thinkingLevel":"MINIMAL"} lost reasoning_effort)");
  EXPECT_EQ(thinking("gemini-3.8-flash", effort(llm::Effort::minimal)),
            R"({"thinkingLevel":"LOW","includeThoughts":true})");
  EXPECT_EQ(thinking("gemini-3-pro-preview", effort(llm::Effort::medium)),
            R"({"thinkingLevel":"HIGH","includeThoughts":true})");
  EXPECT_EQ(thinking("gemini-3.1-pro-preview", effort(llm::Effort::medium)),
            R"({"thinkingLevel":"MEDIUM","includeThoughts":true})");
  EXPECT_EQ(thinking(kOld, effort(llm::Effort::low)), R"({"thinkingBudget":2048,"includeThoughts":true})");
  EXPECT_EQ(thinking(kOld, effort(llm::Effort::none)), R"({"thinkingBudget":0})");
  EXPECT_EQ(thinking(kOld, effort(llm::Effort::max)), R"({"thinkingBudget":24576,"includeThoughts":true})");
  EXPECT_EQ(thinking("gemini-2.5-pro", effort(llm::Effort::none)), R"({"thinkingBudget":128} lost reasoning_effort)");
  EXPECT_EQ(thinking("gemini-2.5-flash-lite", [](auto& wish) { wish.budget = 100; }),
            R"({"thinkingBudget":512,"includeThoughts":true})");
  EXPECT_EQ(thinking(kOld, [](auto& wish) { wish.adaptive = true; }),
            R"({"thinkingBudget":-1,"includeThoughts":true})");
  EXPECT_EQ(thinking(kNew,
                     [](auto& wish) {
                       wish.budget = 9000;
                       wish.show = false;
                     }),
            R"({"thinkingLevel":"MEDIUM"})");
  EXPECT_EQ(thinking("gemini-2.0-flash", effort(llm::Effort::high)), " lost reasoning_effort");
  EXPECT_EQ(thinking("gemini-2.0-flash", effort(llm::Effort::none)), "");
  EXPECT_EQ(thinking(kNew, [](auto&) {}), "");
}

TEST(GeminiWriting, sampling) {
  auto request = asked();
  request.max_tokens = 10;
  request.temperature = 0.5;
  request.seed = 0x1'0000'0007;
  request.stop = {"1", "2", "3", "4", "5", "6"};
  request.n = 2;
  request.logprobs = true;
  request.top_logprobs = 3;
  request.presence_penalty = 0.1;
  request.modalities = {"text", "image"};
  request.service_tier = "default";
  const auto written = write(request);
  EXPECT_EQ(
      raw(written, "generationConfig"),
      R"({"maxOutputTokens":10,"temperature":0.5,"presencePenalty":0.1,"seed":7,"stopSequences":["1","2","3","4",)"
      R"("5"],"candidateCount":2,"responseLogprobs":true,"logprobs":3,"responseModalities":["TEXT","IMAGE"]})");
  EXPECT_EQ(raw(written, "serviceTier"), R"("standard")");
  EXPECT_THAT(written.lost, ElementsAre("stop"));
}

TEST(GeminiWriting, losses_are_named_as_the_caller_names_them) {
  auto request = asked();
  request.dialect = llm::Dialect::anthropic;
  request.messages[0].blocks[0].cache = llm::CacheHint{};
  request.parallel_tool_calls = false;
  request.user = "u";
  request.min_p = 0.1;
  request.logit_bias = "{}";
  request.store = true;
  request.extras = {{"mcp_servers", "[]"}};
  EXPECT_THAT(write(request).lost,
              ElementsAre("cache_control", "mcp_servers", "store", "tool_choice.disable_parallel_tool_use", "min_p",
                          "logit_bias", "metadata.user_id"));
  request.previous_id = "resp_1";
  EXPECT_EQ(write(request).param, "previous_response_id");
}

TEST(GeminiWriting, media) {
  using Kind = llm::Media::Kind;
  const auto part = [](Kind kind, std::string llm::Media::* member, std::string value, std::string type = "") {
    llm::Media media;
    media.kind = kind;
    media.media_type = std::move(type);
    media.*member = std::move(value);
    if (!media.text.empty()) media.title = "T";
    Message message{.author = Author::user};
    message.blocks.push_back({.value = std::move(media)});
    const auto written = write(asked({message}));
    if (!written.error.empty()) return written.error;
    const std::string contents = raw(written, "contents");
    return contents.substr(25, contents.size() - 28);
  };
  const auto data = &llm::Media::data;
  const auto url = &llm::Media::url;
  EXPECT_EQ(part(Kind::image, data, "iVBORw0KGgo="),
            R"({"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}})");
  EXPECT_EQ(part(Kind::audio, data, "AAAA", "audio/wav"), R"({"inlineData":{"mimeType":"audio/wav","data":"AAAA"}})");
  EXPECT_EQ(part(Kind::document, url, "gs://b/x.pdf"),
            R"({"fileData":{"mimeType":"application/pdf","fileUri":"gs://b/x.pdf"}})");
  EXPECT_EQ(part(Kind::image, url, "https://e.org/a.webp?x=1"),
            R"({"fileData":{"mimeType":"image/webp","fileUri":"https://e.org/a.webp?x=1"}})");
  EXPECT_EQ(part(Kind::video, url, "https://youtu.be/x"), R"({"fileData":{"fileUri":"https://youtu.be/x"}})");
  EXPECT_EQ(part(Kind::document, &llm::Media::file_id, "file-abc"), "unsupported");
  EXPECT_EQ(part(Kind::image, url, "s3://b/x.png"), "unsupported");
  EXPECT_EQ(part(Kind::document, &llm::Media::text, "words"), R"({"text":"T\nwords"})");
}

TEST(GeminiWriting, pictures_in_results) {
  Message calls{.author = Author::assistant};
  calls.blocks = {call("a", "f")};
  Message tool = result("a", "see");
  llm::Media image;
  image.media_type = "image/png";
  image.data = "AAAA";
  tool.blocks[0].as<ToolResult>()->content.push_back({.value = image});
  const std::string picture = R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})";
  EXPECT_THAT(write(asked({calls, tool}), kNew).body,
              ::testing::HasSubstr(R"("response":{"result":"see"},"parts":[)" + picture + "]}}]}]"));
  EXPECT_THAT(write(asked({calls, tool}), kOld).body,
              ::testing::HasSubstr(R"("response":{"result":"see"}}}]},{"role":"user","parts":[)" + picture + "]}]"));
}

TEST(GeminiWriting, foreign_parts) {
  Message model{.author = Author::assistant};
  llm::Foreign code{
      .verbatim = {llm::Dialect::gemini, R"({"executableCode":{"code":"1"}})"}, .type = "executableCode", .text = {}};
  llm::Foreign server{
      .verbatim = {llm::Dialect::anthropic, R"({"type":"server_tool_use"})"}, .type = "server_tool_use", .text = {}};
  model.blocks = {{.value = code}, {.value = server}};
  const auto written = write(asked({said(Author::user, "q"), model}));
  EXPECT_THAT(written.body, ::testing::HasSubstr(R"([{"executableCode":{"code":"1"}}])"));
  EXPECT_THAT(written.lost, ElementsAre("server_tool_use"));
  Message user{.author = Author::user};
  user.blocks = {{.value = server}};
  EXPECT_EQ(write(asked({user})).error, "unsupported");
}

TEST(GeminiWriting, arguments_that_are_no_object) {
  Message calls{.author = Author::assistant};
  calls.blocks = {call("a", "f", R"({"x":)")};
  EXPECT_THAT(write(asked({calls}), kOld).body, ::testing::HasSubstr(R"("args":{"arguments":"{\"x\":"})"));
}

TEST(GeminiWriting, names_are_told_apart) {
  auto request = asked();
  const std::string longer(140, 'x');
  request.tools = {function("a b"), function("a_b"), function("a?b"), function(longer), function(longer + "y")};
  const auto written = write(request);
  std::vector<std::string> sent;
  for (const auto& [name, callers] : written.rewrites.tool_names) {
    EXPECT_LE(name.size(), 128U);
    EXPECT_NE(name, "a_b");
    EXPECT_THAT(sent, ::testing::Not(Contains(name)));
    sent.push_back(name);
  }
  EXPECT_EQ(sent.size(), 4U);
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
