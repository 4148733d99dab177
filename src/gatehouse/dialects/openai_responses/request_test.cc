#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_responses/codec_testing.h"
#include "gatehouse/dialects/openai_responses/item_writer.h"

// Requests, both ways, where the golden files do not look.
namespace gatehouse::dialects::openai_responses {
namespace {

using namespace testing;

struct Fault {
  std::string param;
  Code code;
};
Fault fault_of(std::string_view body) {
  const auto request = front().read_request(body, {}, false);
  if (request) return {"none", Code::internal};
  EXPECT_FALSE(request.error().error.detail.empty());
  return {request.error().param, request.error().error.code};
}

TEST(ResponsesRequest, faults_say_where) {
  EXPECT_EQ(fault_of("[]").code, Code::invalid_request);
  EXPECT_EQ(fault_of(R"({"input":"x"})").param, "model");
  EXPECT_EQ(fault_of(R"({"model":"m"})").param, "input");
  EXPECT_EQ(fault_of(R"({"model":"m","input":7})").param, "input");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[7]})").param, "input[0]");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[{"role":"user","content":"a"},{"role":"ghost","content":"a"}]})").param,
            "input[1].role");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[{"role":"user"}]})").param, "input[0].content");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[{"role":"user","content":{}}]})").param, "input[0].content");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]})").param,
            "input[0].content[0].image_url");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[{"role":"user","content":[{"text":"a"}]}]})").param,
            "input[0].content[0].type");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[{"type":"function_call","call_id":"c"}]})").param, "input[0].name");
  EXPECT_EQ(fault_of(R"({"model":"m","input":[{"type":"function_call_output","output":""}]})").param,
            "input[0].call_id");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"x","tools":[{"name":"f"}]})").param, "tools[0].type");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"x","tools":[{"type":"function"}]})").param, "tools[0].name");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"x","tool_choice":"never"})").param, "tool_choice");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"x","temperature":"hot"})").param, "temperature");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"x","max_output_tokens":-1})").param, "max_output_tokens");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"x","reasoning":{"effort":"vast"}})").param, "reasoning.effort");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"x","text":{"format":{"type":"xml"}}})").param, "text.format.type");
  for (const std::string_view member : {"prompt", "conversation", "background"}) {
    const Fault fault = fault_of(R"({"model":"m","input":"x",")" + std::string(member) + R"(":{"id":"x"}})");
    EXPECT_EQ(fault.param, member);
    EXPECT_EQ(fault.code, Code::unsupported);
  }
}

TEST(ResponsesRequest, items_of_the_model_are_one_message_until_it_speaks_again) {
  const auto request = read(R"({"model":"m","input":[
    {"role":"user","content":"q"},
    {"content":[{"type":"output_text","text":"one"}],"role":"assistant","type":"message","id":"msg_1"},
    {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
    {"role":"assistant","content":"two"},
    {"output":"r","call_id":"c","type":"function_call_output"}]})");
  ASSERT_EQ(request.messages.size(), 4U);
  EXPECT_EQ(request.messages[1].blocks.size(), 2U);
  EXPECT_EQ(request.messages[1].id, "msg_1");
  EXPECT_EQ(request.messages[2].blocks.size(), 1U);
  EXPECT_EQ(request.messages[3].author, llm::Author::tool);
  const auto* result = request.messages[3].blocks[0].as<llm::ToolResult>();
  ASSERT_NE(result, nullptr);
  ASSERT_EQ(result->content.size(), 1U);
  EXPECT_EQ(result->content[0].as<llm::Text>()->text, "r");
}

TEST(ResponsesRequest, every_kind_of_item_is_kept_for_the_way_back) {
  // All of the reference that are no conversation, and one that nobody knows.
  const std::vector<std::string> types = {"file_search_call",
                                          "computer_call",
                                          "computer_call_output",
                                          "web_search_call",
                                          "tool_search_call",
                                          "tool_search_output",
                                          "additional_tools",
                                          "compaction",
                                          "compaction_trigger",
                                          "image_generation_call",
                                          "code_interpreter_call",
                                          "local_shell_call",
                                          "local_shell_call_output",
                                          "shell_call",
                                          "shell_call_output",
                                          "apply_patch_call",
                                          "apply_patch_call_output",
                                          "mcp_list_tools",
                                          "mcp_approval_request",
                                          "mcp_approval_response",
                                          "mcp_call",
                                          "program",
                                          "program_output",
                                          "item_reference",
                                          "of_tomorrow"};
  std::string body = R"({"model":"m","input":[)";
  std::vector<std::string> items;
  for (const auto& type : types) {
    items.push_back(R"({"output":[{"stdout":"o"}],"content":{"odd":1},"type":")" + type + R"(","id":"i"})");
    if (items.size() > 1) body += ",";
    body += items.back();
  }
  const auto request = read(body + "]}");
  Losses losses;
  Rewrites rewrites;
  const auto written = back().write_request(request, target(), losses, rewrites);
  ASSERT_TRUE(written.has_value());
  for (const auto& item : items) EXPECT_NE(written->find(item), std::string::npos) << item;
  EXPECT_FALSE(losses.any());
}

TEST(ResponsesRequest, what_the_api_has_no_word_for_is_told) {
  llm::ChatRequest request;
  request.dialect = llm::Dialect::openai_chat;
  request.messages.resize(1);
  request.messages[0].name = "ann";
  request.stop = {"x"};
  request.n = 2;
  request.seed = 1;
  request.top_k = 2;
  request.logit_bias = "{}";
  request.frequency_penalty = 0.5;
  request.max_tokens = 1;
  Losses losses;
  Rewrites rewrites;
  const auto body = back().write_request(request, target(), losses, rewrites);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(losses.dropped(), (std::vector<std::string>{"messages[0].name", "max_tokens", "stop", "n", "seed", "top_k",
                                                        "frequency_penalty", "logit_bias"}));
  EXPECT_NE(body->find(R"("max_output_tokens":16)"), std::string::npos) << *body;
  EXPECT_NE(body->find(R"("store":false)"), std::string::npos) << *body;
}

TEST(ResponsesRequest, content_that_cannot_be_said_is_an_error) {
  const auto refused = [](llm::Media media, llm::Origin origin = llm::Origin::openai) {
    llm::ChatRequest request;
    request.dialect = llm::Dialect::anthropic;
    request.messages.resize(1);
    request.messages[0].blocks.push_back({.value = std::move(media)});
    Losses losses;
    Rewrites rewrites;
    const auto body = back().write_request(request, target(origin), losses, rewrites);
    return body ? *body : "refused " + body.error().param;
  };
  llm::Media sound;
  sound.kind = llm::Media::Kind::audio;
  sound.media_type = "audio/wav";
  sound.data = "AAAA";
  EXPECT_EQ(refused(sound), "refused messages[0].content[0]");
  EXPECT_NE(refused(sound, llm::Origin::openrouter).find(R"("format":"wav")"), std::string::npos);
  llm::Media film;
  film.kind = llm::Media::Kind::video;
  film.url = "https://f.example/";
  EXPECT_EQ(refused(film), "refused messages[0].content[0]");
  llm::Media stored;
  stored.file_id = "file_of_another";
  EXPECT_EQ(refused(stored), "refused messages[0].content[0]");
  llm::Media bucket;
  bucket.url = "gs://b/x.png";
  EXPECT_EQ(refused(bucket), "refused messages[0].content[0]");
  llm::Media plain;
  plain.kind = llm::Media::Kind::document;
  plain.title = "T";
  plain.text = "words";
  EXPECT_NE(refused(plain).find(R"({"type":"input_text","text":"T\n\nwords"})"), std::string::npos);
}

TEST(ResponsesRequest, tools_of_other_dialects) {
  llm::ChatRequest request;
  request.dialect = llm::Dialect::gemini;
  request.messages.resize(1);
  request.tools.resize(3);
  request.tools[0].name = "a.b:c";
  request.tools[1].name = "plain";
  request.tools[1].schema = R"({"type":"object","properties":{"x":{"type":"string"}}})";
  request.tools[1].strict = true;
  request.tools[2].kind = llm::ToolKind::provider;
  request.tools[2].name = "search";
  request.tools[2].verbatim = {.dialect = llm::Dialect::gemini, .json = R"({"googleSearch":{}})"};
  request.tool_choice = {.mode = llm::ToolChoice::Mode::named, .given = true, .name = "a.b:c", .allowed = {}};
  Losses losses;
  Rewrites rewrites;
  const auto body = back().write_request(request, target(), losses, rewrites);
  ASSERT_TRUE(body.has_value()) << body.error().error.detail;
  const std::string sent = fitting("a.b:c");
  const json::Value value(*body);
  EXPECT_EQ(value["tool_choice"].raw(), R"({"type":"function","name":")" + sent + R"("})");
  EXPECT_NE(body->find(R"({"type":"web_search"})"), std::string::npos);
  EXPECT_NE(body->find(R"("strict":true)"), std::string::npos);
  EXPECT_NE(body->find(R"("additionalProperties":false)"), std::string::npos) << *body;
  // The answer calls it by the name that the caller knows.
  const Reading reading{.rewrites = rewrites, .quirks = kPlain, .origin = llm::Origin::openai};
  const auto answer = back().read_answer(
      R"({"id":"r","output":[{"type":"function_call","call_id":"c","name":")" + sent + R"(","arguments":"{}"}]})",
      reading);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->choices[0].blocks[0].as<llm::ToolCall>()->name, "a.b:c");
  EXPECT_EQ(answer->choices[0].finish, llm::FinishReason::tool_calls);

  request.tools[2].verbatim = {.dialect = llm::Dialect::anthropic, .json = R"({"type":"bash_20250124"})"};
  const auto refused = back().write_request(request, target(), losses, rewrites);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().param, "tools[2]");
}

TEST(ResponsesRequest, names_that_fit_stay_and_others_never_meet) {
  EXPECT_EQ(fitting("get_weather-2"), "get_weather-2");
  EXPECT_NE(fitting("a.b"), fitting("a:b"));
  const std::string same(80, 'x');
  EXPECT_NE(fitting(same + "1"), fitting(same + "2"));
  EXPECT_LE(fitting(same).size(), kMostNameBytes);
}

TEST(ResponsesRequest, encrypted_reasoning_is_asked_for_where_it_can_be_had) {
  const auto asks = [](std::string_view model, llm::Origin origin) {
    llm::ChatRequest request;
    request.dialect = llm::Dialect::anthropic;
    request.messages.resize(1);
    Losses losses;
    Rewrites rewrites;
    const Target at{.model = model, .stream = false, .quirks = kPlain, .origin = origin};
    const auto body = back().write_request(request, at, losses, rewrites);
    return body && body->find("reasoning.encrypted_content") != std::string::npos;
  };
  EXPECT_TRUE(asks("gpt-5.6-mini", llm::Origin::openai));
  EXPECT_TRUE(asks("o4-mini", llm::Origin::azure));
  EXPECT_TRUE(asks("grok-4", llm::Origin::xai));
  EXPECT_FALSE(asks("gpt-4.1", llm::Origin::openai));
  EXPECT_FALSE(asks("gpt-5-chat-latest", llm::Origin::openai));
  EXPECT_FALSE(asks("gpt-oss-120b", llm::Origin::bedrock));
}

TEST(ResponsesRequest, a_schema_whose_root_is_no_object_is_wrapped_and_its_answer_taken_out) {
  llm::ChatRequest request;
  request.dialect = llm::Dialect::gemini;
  request.messages.resize(1);
  request.format.kind = llm::OutputFormat::Kind::json_schema;
  request.format.schema = R"({"type":"array","items":{"type":"string"}})";
  Losses losses;
  Rewrites rewrites;
  ASSERT_TRUE(back().write_request(request, target(), losses, rewrites).has_value());
  ASSERT_TRUE(rewrites.json_wrapped);
  const Reading reading{.rewrites = rewrites, .quirks = kPlain, .origin = llm::Origin::openai};
  const auto whole = back().read_answer(
      R"({"id":"r","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"{\"value\": [\"a\"]}"}]}]})",
      reading);
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(whole->choices[0].blocks[0].as<llm::Text>()->text, R"(["a"])");
  Sse stream;
  for (const std::string_view piece : {R"({\"val)", R"(ue\": )", R"([\"a)", R"(\"])", R"(})"}) {
    stream.emplace_back("response.output_text.delta",
                        R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":")" +
                            std::string(piece) + "\"}");
  }
  stream.emplace_back("", R"({"type":"response.completed","response":{"status":"completed"}})");
  const Decoded decoded = decode(stream, reading, {.request = request, .model = {}, .seed = "s"});
  ASSERT_TRUE(decoded.ended);
  EXPECT_EQ(decoded.answer.choices[0].blocks[0].as<llm::Text>()->text, R"(["a"])");
}

}  // namespace
}  // namespace gatehouse::dialects::openai_responses
