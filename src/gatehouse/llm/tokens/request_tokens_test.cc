#include "gatehouse/llm/tokens/request_tokens.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/llm/tokens/image_tokens.h"
#include "gatehouse/llm/tokens/json_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"

namespace gatehouse::llm {
namespace {

constexpr Encoding kO200k = Encoding::o200k_base;

RequestTokens chat(std::string_view body, std::string_view model = "gpt-4o") {
  const auto counted = count_chat(kO200k, model, body);
  EXPECT_TRUE(counted) << (counted ? "" : counted.error().to_string());
  return counted.value_or(RequestTokens{});
}

// The figures of these are what OpenAI billed for such requests.
TEST(CountChat, agrees_with_what_openai_bills) {
  EXPECT_EQ(chat(R"({"model":"gpt-4o","messages":[{"content":"hello","role":"user"}]})").total(), 8U);
  EXPECT_EQ(chat(R"({"messages":[{"content":"hello","role":"user"}]})", "o3-mini").total(), 7U);
  constexpr std::string_view kTool =
      R"("tools":[{"type":"function","function":{"name":"get_user_country","description":"","parameters":{"additionalProperties":false,"properties":{},"type":"object"}}}],"tool_choice":"auto")";
  const std::string question = R"({"content":"What is the largest city in the user country?","role":"user"})";
  EXPECT_EQ(chat("{\"messages\":[" + question + "]," + std::string(kTool) + "}").total(), 42U);
  const std::string call =
      R"({"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_user_country","arguments":"{}"}}]})";
  const std::string result = R"({"role":"tool","tool_call_id":"call_1","content":"Mexico"})";
  EXPECT_EQ(chat("{\"messages\":[" + question + "," + call + "," + result + "]," + std::string(kTool) + "}").total(),
            63U);
}

TEST(CountChat, counts_by_kind) {
  const RequestTokens tokens =
      chat(R"({"messages":[{"role":"system","name":"boss","content":"Be brief."},)"
           R"({"role":"user","content":[{"type":"text","text":"What is this?"},)"
           R"({"type":"image_url","image_url":{"url":"https://example.com/x.png","detail":"low"}},)"
           R"({"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]})");
  EXPECT_EQ(tokens.messages, 2U);
  EXPECT_EQ(tokens.overhead, 3U * 2 + 1 + 3);
  EXPECT_EQ(tokens.image_count, 1U);
  EXPECT_EQ(tokens.images, 85U);
  EXPECT_EQ(tokens.uncounted, 1U);
  std::uint64_t text = 0;
  for (const auto* part : {"system", "boss", "Be brief.", "user", "What is this?"}) text += count_tokens(kO200k, part);
  EXPECT_EQ(tokens.text, text);
}

TEST(CountChat, escapes_count_as_what_they_stand_for) {
  const std::string text = "a \"quote\"\n\ttab \\ / \xc3\xa9 \xf0\x9f\x98\x80 \x01";
  const RequestTokens tokens =
      chat(R"({"messages":[{"role":"user","content":"a \"quote\"\n\ttab \\ \/ \u00e9 \ud83d\ude00 \u0001"}]})");
  EXPECT_EQ(tokens.text, count_tokens(kO200k, text) + count_tokens(kO200k, "user"));
}

TEST(CountChat, long_texts_with_escapes_count_like_the_text) {
  std::string text;
  std::string escaped;
  for (int i = 0; i < 3000; ++i) {
    text += "line " + std::to_string(i) + "\n\"x\"" + std::string(static_cast<std::size_t>(i % 97), 'q');
    escaped += "line " + std::to_string(i) + "\\n\\\"x\\\"" + std::string(static_cast<std::size_t>(i % 97), 'q');
  }
  text += std::string(9000, 'z') + "\n";
  escaped += std::string(9000, 'z') + "\\n";
  TextCounter counter(kO200k);
  detail::add_string(counter, '"' + escaped + '"');
  EXPECT_EQ(counter.finish(), count_tokens(kO200k, text));
}

TEST(CountChat, tools_are_rendered_with_their_parameters) {
  const RequestTokens tokens = chat(
      R"({"messages":[],"tools":[{"type":"function","function":{"name":"get_capital","description":"Get the capital of a country.",)"
      R"("parameters":{"type":"object","properties":{"country":{"type":"string","description":"The country name."},)"
      R"("unit":{"enum":["a","b"]},"where":{"type":"object","properties":{"lat":{"type":"number"}},"required":["lat"]},)"
      R"("tags":{"type":"array","items":{"type":"string"}}},"required":["country"]}}}]})");
  constexpr std::string_view kShown =
      "namespace functions {\n\n// Get the capital of a country.\ntype get_capital = (_: {\n// The country name.\n"
      "country: string,\nunit?: \"a\" | \"b\",\nwhere?: {\n  lat: number,\n},\ntags?: string[],\n}) => any;\n\n"
      "} // namespace functions";
  EXPECT_EQ(tokens.tools, count_tokens(kO200k, kShown) + 9);
}

TEST(CountChat, deep_schemas_and_strange_types_end) {
  std::string schema = R"({"type":"string"})";
  for (int i = 0; i < 50; ++i) schema = R"({"type":"array","items":)" + schema + "}";
  const RequestTokens tokens = chat(
      R"({"messages":"none","tools":[1,{"type":"web_search"},{"function":{"name":7,"parameters":{"properties":{"x":)" +
      schema +
      R"(}}}}],"functions":{},"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1}}}})");
  EXPECT_GT(tokens.tools, 100U);
  EXPECT_EQ(tokens.text, 0U);
}

TEST(CountChat, what_is_no_json_is_an_error) {
  EXPECT_EQ(count_chat(kO200k, "m", "{").error().code, Code::invalid_request);
  EXPECT_EQ(count_chat(kO200k, "m", "[]").error().code, Code::invalid_request);
  EXPECT_EQ(count_chat(kO200k, "m", "{\"messages\":[\"\xff\"]}").error().code, Code::invalid_request);
  EXPECT_EQ(count_request(Operation::images, ModelTokens{}, "m", "{}").error().code, Code::unsupported);
}

TEST(CountChat, the_layout_of_a_schema_costs_nothing) {
  constexpr std::string_view kHead = R"({"messages":[],"response_format":{"json_schema":{"name":"n","schema":)";
  const RequestTokens compact = chat(std::string(kHead) + R"({"a b":"c  \" d","e":[1,2]}}}})");
  const RequestTokens spaced = chat(std::string(kHead) + "{ \"a b\" :\n  \"c  \\\" d\" , \"e\" : [ 1, 2 ] }}}}");
  EXPECT_EQ(spaced.tools, compact.tools);
  EXPECT_GT(compact.tools, 10U);
}

TEST(CountChat, what_the_host_adds_is_in_the_count) {
  constexpr std::string_view kBody = R"({"messages":[{"role":"user","content":"hi"}]})";
  constexpr std::string_view kTools =
      R"({"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f"}}]})";
  const auto overhead = [](std::string_view model, std::string_view body) {
    return count_request(Operation::chat_completions, tokens_of_model(model), model, body)->overhead;
  };
  EXPECT_EQ(overhead("gpt-4o", kBody), 6U);
  EXPECT_EQ(overhead("gpt-oss-120b", kBody), 66U);
  EXPECT_EQ(overhead("llama-3.3-70b", kBody), 34U);
  EXPECT_EQ(overhead("claude-sonnet-4-5", kBody), 6U);
  EXPECT_EQ(overhead("claude-sonnet-4-5", kTools), 406U);
}

TEST(CountOthers, prompts_and_inputs_in_all_their_forms) {
  const auto completion = [](std::string_view body) { return count_completion(kO200k, body).value(); };
  EXPECT_EQ(completion(R"({"prompt":"hello world"})").total(), 2U);
  EXPECT_EQ(completion(R"({"prompt":["hello","hello world"],"suffix":"hello"})").total(), 4U);
  EXPECT_EQ(completion(R"({"prompt":[1,2,3]})").total(), 3U);
  EXPECT_EQ(completion(R"({"prompt":[[1,2],[3]]})").total(), 3U);
  EXPECT_EQ(completion(R"({"prompt":[[1,2],[3]]})").messages, 2U);
  EXPECT_EQ(completion(R"({"prompt":null})").total(), 0U);
  const auto embedding = [](std::string_view body) {
    return count_request(Operation::embeddings, ModelTokens{}, "m", body).value();
  };
  EXPECT_EQ(embedding(R"({"input":"hello world"})").total(), 2U);
  EXPECT_EQ(embedding(R"({"input":["hello","world"]})").messages, 2U);
}

TEST(ImageTokens, follow_the_guide) {
  EXPECT_EQ(image_tokens("gpt-4o", false, ImageSize{1024, 1024}), 765U);
  EXPECT_EQ(image_tokens("gpt-4o", false, ImageSize{2048, 4096}), 1105U);
  EXPECT_EQ(image_tokens("gpt-4o", true, ImageSize{4096, 8192}), 85U);
  EXPECT_EQ(image_tokens("gpt-4o", false, std::nullopt), 765U);
  EXPECT_EQ(image_tokens("openai/gpt-4o-mini", false, ImageSize{128, 64}), 8500U);
  EXPECT_EQ(image_tokens("o1", false, ImageSize{128, 64}), 225U);
  EXPECT_EQ(image_tokens("gpt-4.1-mini", false, ImageSize{1024, 1024}), 1659U);  // 1024 patches
  EXPECT_EQ(image_tokens("gpt-4.1-mini", false, ImageSize{1800, 2400}), 2353U);  // 1452 patches
  EXPECT_LE(image_tokens("gpt-4.1-nano", false, ImageSize{1, 4294967295U}), 3779U);
  EXPECT_LE(image_tokens("gpt-4o", false, ImageSize{4294967295U, 4294967295U}), 1445U);
}

TEST(ImageTokens, sizes_are_read_from_headers) {
  using namespace std::string_literals;
  EXPECT_EQ(image_size("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x03\0"s), (ImageSize{1024, 768}));
  EXPECT_EQ(image_size("GIF89a\x10\0\x20\0"s), (ImageSize{16, 32}));
  EXPECT_EQ(image_size("\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x11\x08\x02\x58\x03\x20"s), (ImageSize{800, 600}));
  EXPECT_EQ(image_size("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0"s), (ImageSize{800, 600}));
  EXPECT_EQ(image_size("\xff\xd8\xff\xe0\0\0"s), std::nullopt);
  EXPECT_EQ(image_size(""), std::nullopt);
  EXPECT_EQ(image_size_of_data_url("data:image/gif;base64,R0lGODlhEAAgAA=="), (ImageSize{16, 32}));
  EXPECT_EQ(image_size_of_data_url("data:image/gif,R0lGODlhEAAgAA=="), std::nullopt);
  EXPECT_EQ(image_size_of_data_url("https://example.com/a.png"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::llm
