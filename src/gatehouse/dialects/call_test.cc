#include "gatehouse/dialects/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/json/splice.h"

namespace gatehouse::dialects {
namespace {

using llm::Operation;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ApiResult<Call> chat(std::string_view body) { return read_call(Operation::chat_completions, body); }

// The parameter that is complained about, or "accepted".
std::string complaint(std::string_view body, Operation operation = Operation::chat_completions) {
  const auto call = read_call(operation, body);
  if (call) return "accepted";
  EXPECT_EQ(call.error().error.code, Code::invalid_request);
  return call.error().param;
}

TEST(ReadCall, reads_what_the_gateway_needs) {
  const std::string body =
      R"({"messages":[],"n":2,"model":"gpt\u002d4o","stream":true,"stream_options":{"include_usage":true,"x":1},)"
      R"("max_tokens":5,"max_completion_tokens":7,"user":"u\n1","unknown":[{"deep":null}]})";
  const auto call = chat(body);
  ASSERT_TRUE(call) << call.error().error.detail;
  EXPECT_EQ(call->model, "gpt-4o");
  EXPECT_EQ(body.substr(call->model_span.offset, call->model_span.length), R"("gpt\u002d4o")");
  EXPECT_TRUE(call->stream);
  EXPECT_TRUE(call->include_usage);
  EXPECT_EQ(call->n, 2u);
  EXPECT_EQ(call->max_tokens, 7u);
  EXPECT_EQ(call->user, "u\n1");
}

TEST(ReadCall, the_model_can_be_replaced_and_nothing_else_changes) {
  const std::string body = "{ \"messages\" : [ {\"content\":\"\\u00e9\"} ],\n \"model\":\"a\" , \"x\":1.0 }";
  const auto call = chat(body);
  ASSERT_TRUE(call);
  const json::Edit edit{call->model_span.offset, call->model_span.length, "\"b\""};
  EXPECT_EQ(json::splice(body, {&edit, 1}),
            "{ \"messages\" : [ {\"content\":\"\\u00e9\"} ],\n \"model\":\"b\" , \"x\":1.0 }");
}

TEST(ReadCall, has_openais_defaults) {
  const auto call = chat(
      R"({"model":"m","messages":[],"stream":null,"stream_options":null,"n":null,"max_tokens":null,"user":null,"tools":null})");
  ASSERT_TRUE(call) << call.error().error.detail;
  EXPECT_FALSE(call->stream);
  EXPECT_FALSE(call->include_usage);
  EXPECT_EQ(call->n, 1u);
  EXPECT_EQ(call->max_tokens, std::nullopt);
  EXPECT_EQ(call->user, "");
  EXPECT_EQ(chat(R"({"model":"m","messages":[],"max_tokens":-1})")->max_tokens, std::nullopt);
  EXPECT_EQ(chat(R"({"model":"m","messages":[],"max_tokens":0})")->max_tokens, 0u);
}

TEST(ReadCall, TellsWhetherThereMayBeMoreThanWords) {
  const auto words_only = [](llm::Dialect dialect, Operation operation, std::string_view body) {
    const auto call = read_call(dialect, operation, body);
    EXPECT_TRUE(call) << body;
    return call && call->words_only;
  };
  const auto openai = [&](std::string_view body) {
    return words_only(llm::Dialect::openai_chat, Operation::chat_completions, body);
  };
  EXPECT_TRUE(openai(R"({"model":"m","messages":[{"role":"user","content":"of what \"type\"?\n"}]})"));
  EXPECT_FALSE(openai(R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]})"));
  EXPECT_FALSE(openai(R"({"model":"m","messages":[],"tools":[{"type":"function"}]})"));
  EXPECT_FALSE(openai(R"({"model":"m","messages":[{"content":[{"\u0074ype":"image_url"}]}]})"));
  const auto anthropic = [&](std::string_view messages) {
    return words_only(llm::Dialect::anthropic, Operation::messages,
                      R"({"model":"m","max_tokens":1,"messages":)" + std::string(messages) + "}");
  };
  EXPECT_TRUE(anthropic(R"([{"role":"user","content":"a"}])"));
  EXPECT_FALSE(anthropic(R"([{"role":"user","content":[{"type":"document"}]}])"));
  const auto gemini = [&](std::string_view part, std::string_view more = "") {
    return words_only(llm::Dialect::gemini, Operation::generate_content,
                      R"({"contents":[{"parts":[)" + std::string(part) + "]}]" + std::string(more) + "}");
  };
  EXPECT_TRUE(gemini(R"({"text":"inlineData"})"));
  for (const auto* part : {"inlineData", "inline_data", "fileData", "file_data"}) {
    EXPECT_FALSE(gemini("{\"" + std::string(part) + "\":{}}")) << part;
  }
  EXPECT_FALSE(gemini(R"({"text":"a"})", R"(,"tools":[])"));
  EXPECT_FALSE(gemini(R"({"text":"a"})", R"(,"cachedContent":"c")"));
  EXPECT_FALSE(gemini(R"({"text":"a"})", R"(,"cached_content":"c")"));
  const auto other = read_model(R"({"model":"m","input":"a"})");
  EXPECT_TRUE(other && other->words_only);
  const auto parts = read_model(R"({"model":"m","input":[{"type":"input_image"}]})");
  EXPECT_TRUE(parts && !parts->words_only);
}

TEST(ReadCall, what_must_be_there) {
  EXPECT_EQ(complaint(R"({"messages":[]})"), "model");
  EXPECT_EQ(complaint(R"({"model":"","messages":[]})"), "model");
  EXPECT_EQ(complaint(R"({"model":null,"messages":[]})"), "model");
  EXPECT_EQ(complaint(R"({"model":"m"})"), "messages");
  EXPECT_EQ(complaint(R"({"model":"m","messages":null})"), "messages");
  EXPECT_EQ(complaint(R"({"model":"m"})", Operation::completions), "accepted");
  EXPECT_EQ(complaint(R"({"model":"m","input":"x"})", Operation::embeddings), "accepted");
}

TEST(ReadCall, wrong_types_name_the_parameter) {
  for (const auto& [body, param] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"model":1,"messages":[]})", "model"},
           {R"({"model":"m","messages":{}})", "messages"},
           {R"({"model":"m","messages":[],"stream":"true"})", "stream"},
           {R"({"model":"m","messages":[],"stream":1})", "stream"},
           {R"({"model":"m","messages":[],"stream_options":[]})", "stream_options"},
           {R"({"model":"m","messages":[],"stream_options":{"include_usage":"x"}})", "stream_options.include_usage"},
           {R"({"model":"m","messages":[],"n":"2"})", "n"},
           {R"({"model":"m","messages":[],"n":0})", "n"},
           {R"({"model":"m","messages":[],"n":-1})", "n"},
           {R"({"model":"m","messages":[],"n":1.5})", "n"},
           {R"({"model":"m","messages":[],"n":4294967296})", "n"},
           {R"({"model":"m","messages":[],"max_tokens":"5"})", "max_tokens"},
           {R"({"model":"m","messages":[],"max_tokens":1.5})", "max_tokens"},
           {R"({"model":"m","messages":[],"max_completion_tokens":99999999999999999999})", "max_completion_tokens"},
           {R"({"model":"m","messages":[],"user":7})", "user"},
           {R"({"model":"m","messages":[],"tools":{}})", "tools"},
           {R"({"model":"m","messages":[],"tool_choice":[]})", "tool_choice"},
           {R"({"model":"m","messages":[],"response_format":"json"})", "response_format"}}) {
    EXPECT_EQ(complaint(body), param) << body;
  }
  EXPECT_EQ(complaint(R"({"model":"m","input":{}})", Operation::embeddings), "input");
  EXPECT_EQ(complaint(R"({"model":"m","prompt":1})", Operation::completions), "prompt");
}

TEST(ReadCall, refuses_what_servers_would_read_differently) {
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"model":"b"})"), "model");
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"mod\u0065l":"b"})"), "model");
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"messages":[1]})"), "messages");
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"stream":null,"stream":true})"), "stream");
  for (const char* key : {"stream_options", "user", "max_tokens", "max_completion_tokens", "n", "tools", "input",
                          "prompt", "tool_choice", "functions", "function_call", "response_format"}) {
    const std::string twice = std::string("\"") + key + "\":null,\"" + key + "\":null";
    EXPECT_EQ(complaint(R"({"model":"a","messages":[],)" + twice + "}"), key);
  }
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"MODEL":"b"})"), "MODEL");
  EXPECT_EQ(complaint("{\"model\":\"a\",\"messages\":[],\"me\xC5\xBF\xC5\xBF"
                      "ages\":[]}"),
            "me\xC5\xBF\xC5\xBF"
            "ages");
  EXPECT_EQ(complaint("{\"model\":\"a\",\"messages\":[],\"max_to\xE2\x84\xAA"
                      "ens\":1}"),
            "max_to\xE2\x84\xAA"
            "ens");
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"stream_options":{"include_usage":false,"include_usage":true}})"),
            "stream_options.include_usage");
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"stream_options":{"Include_Usage":true}})"),
            "stream_options.include_usage");
  // Keys that nobody judges may be what they like.
  EXPECT_EQ(complaint(R"({"model":"a","messages":[],"x":1,"x":2,"models":[],"Temperature":1})"), "accepted");
}

TEST(ReadCall, the_whole_body_must_be_json) {
  for (const char* body : {"", "[]", "{", R"({"model":"m","messages":[1,]})", R"({"model":"m","messages":[]} x)",
                           "{\"model\":\"m\",\"messages\":[\"\xFF\"]}"}) {
    const auto call = chat(body);
    ASSERT_FALSE(call) << body;
    EXPECT_EQ(call.error().param, "");
    EXPECT_THAT(call.error().error.detail, StartsWith("We could not parse the JSON body of your request"));
  }
}

TEST(ReadCall, messages_say_what_is_wrong) {
  EXPECT_EQ(chat(R"({"model":["x"],"messages":[]})").error().error.detail,
            "Invalid type for 'model': expected a string, but got an array instead.");
  EXPECT_THAT(chat(R"({"model":"a","messages":[],"model":"b"})").error().error.detail, HasSubstr("given twice"));
}

TEST(ReadCall, OfMessages) {
  const std::string body =
      R"({"messages":[],"system":"s","model":"claude\u002dx","stream":true,"max_tokens":64,"metadata":{"user_id":"u 1"}})";
  for (const auto operation : {Operation::messages, Operation::count_tokens}) {
    const auto call = read_call(operation, body);
    ASSERT_TRUE(call) << call.error().error.detail;
    EXPECT_EQ(call->dialect, llm::Dialect::anthropic);
    EXPECT_EQ(call->model, "claude-x");
    EXPECT_EQ(body.substr(call->model_span.offset, call->model_span.length), R"("claude\u002dx")");
    EXPECT_TRUE(call->stream);
    EXPECT_EQ(call->max_tokens, 64u);
    EXPECT_EQ(body.substr(call->max_tokens_span.offset, call->max_tokens_span.length), "64");
    EXPECT_EQ(call->user, "u 1");
    EXPECT_EQ(call->n, 1u);
  }
}

TEST(ReadCall, WhatIsWrongWithMessages) {
  const auto wrong = [](std::string_view body) { return complaint(body, Operation::messages); };
  EXPECT_EQ(wrong(R"({"model":"m","messages":[]})"), "accepted");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"max_tokens":null,"metadata":{"user_id":null},"x":1})"), "accepted");
  EXPECT_EQ(wrong(R"({"messages":[]})"), "model");
  EXPECT_EQ(wrong(R"({"model":"","messages":[]})"), "model");
  EXPECT_EQ(wrong(R"({"model":null,"messages":[]})"), "model");
  EXPECT_EQ(wrong(R"({"model":"m"})"), "messages");
  EXPECT_EQ(wrong(R"({"model":"m","messages":null})"), "messages");
  EXPECT_EQ(wrong(R"({"model":"m","model":"n","messages":[]})"), "model");
  EXPECT_EQ(wrong(R"({"model":"m","Messages":[],"messages":[]})"), "Messages");
  EXPECT_EQ(wrong("{\"model\":\"m\",\"me\xC5\xBFsages\":[],\"messages\":[]}"), "me\xC5\xBFsages");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"system":[],"system":"x"})"), "system");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"max_tokens":"9"})"), "max_tokens");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"max_tokens":-1})"), "max_tokens");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"stream":1})"), "stream");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"metadata":{"user_id":7}})"), "metadata.user_id");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"metadata":{"user_id":"a","user_id":"b"}})"), "metadata.user_id");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[],"tools":{}})"), "tools");
  EXPECT_EQ(wrong(R"({"model":"m","messages":[])"), "");
}

TEST(ReadCall, OfContents) {
  const std::string body =
      R"({"generation_config":{"candidateCount":2,"max_output_tokens":80},"contents":[{"parts":[{"text":"x"}]}]})";
  for (const auto operation : {Operation::generate_content, Operation::stream_content}) {
    const auto call = read_call(operation, body);
    ASSERT_TRUE(call) << call.error().error.detail;
    EXPECT_EQ(call->dialect, llm::Dialect::gemini);
    EXPECT_EQ(call->stream, operation == Operation::stream_content);
    EXPECT_EQ(call->n, 2u);
    EXPECT_EQ(call->max_tokens, 80u);
    EXPECT_EQ(body.substr(call->max_tokens_span.offset, call->max_tokens_span.length), "80");
    EXPECT_EQ(call->model_span.length, 0u);
    EXPECT_TRUE(call->model.empty());
  }
}

TEST(ReadCall, ModelsThatABodyNamesBesideItsPath) {
  const std::string body = R"({"requests":[{"model":"models/e","content":{}},{"content":{},"model":"models\/e"}]})";
  const auto call = read_call(Operation::embed_content, body);
  ASSERT_TRUE(call) << call.error().error.detail;
  EXPECT_EQ(call->model, "e");
  EXPECT_TRUE(call->model_prefix);
  ASSERT_EQ(call->more_model_spans.size(), 2u);
  EXPECT_EQ(body.substr(call->more_model_spans[1].offset, call->more_model_spans[1].length), R"("models\/e")");
  const auto count = read_call(llm::Dialect::gemini, Operation::count_tokens,
                               R"({"generateContentRequest":{"model":"models/g","contents":[]}})");
  ASSERT_TRUE(count);
  EXPECT_EQ(count->model, "g");
}

TEST(ReadCall, WhatIsWrongWithContents) {
  const auto wrong = [](std::string_view body, Operation operation = Operation::generate_content) {
    const auto call = read_call(llm::Dialect::gemini, operation, body);
    return call ? std::string("accepted") : call.error().param;
  };
  EXPECT_EQ(wrong(R"({"contents":[]})"), "accepted");
  EXPECT_EQ(wrong(R"({"contents":[],"generationConfig":{"maxOutputTokens":null},"new":1})"), "accepted");
  EXPECT_EQ(wrong("{}"), "contents");
  EXPECT_EQ(wrong("{}", Operation::count_tokens), "contents");
  EXPECT_EQ(wrong("{}", Operation::embed_content), "content");
  EXPECT_EQ(wrong(R"({"contents":"x"})"), "contents");
  EXPECT_EQ(wrong(R"({"contents":[],"Contents":[]})"), "Contents");
  EXPECT_EQ(wrong(R"({"contents":[],"contents":[]})"), "contents");
  // Both spellings at once, of which a server reads either.
  EXPECT_EQ(wrong(R"({"contents":[],"generationConfig":{},"generation_config":{}})"), "generation_config");
  EXPECT_EQ(wrong(R"({"contents":[],"systemInstruction":{},"system_instruction":{}})"), "system_instruction");
  EXPECT_EQ(wrong(R"({"contents":[],"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}})"),
            "max_output_tokens");
  EXPECT_EQ(wrong(R"({"contents":[],"generationConfig":{"maxoutputtokens":1}})"), "maxoutputtokens");
  EXPECT_EQ(wrong(R"({"contents":[],"generationConfig":{"maxOutputTokens":"1"}})"), "maxOutputTokens");
  EXPECT_EQ(wrong(R"({"contents":[],"generationConfig":{"candidateCount":0}})"), "candidateCount");
  EXPECT_EQ(wrong(R"({"contents":[],"generationConfig":[]})"), "generationConfig");
  EXPECT_EQ(wrong(R"({"requests":[{"model":"models/a"},{"model":"models/b"}]})", Operation::embed_content), "model");
  EXPECT_EQ(wrong(R"({"requests":[7]})", Operation::embed_content), "requests");
}

}  // namespace
}  // namespace gatehouse::dialects
