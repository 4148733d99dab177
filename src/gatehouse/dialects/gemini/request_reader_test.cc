#include "gatehouse/dialects/gemini/request_reader.h"

#include "gatehouse/dialects/gemini/testing.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Author;
using llm::Reasoning;
using llm::Text;
using llm::ToolCall;
using llm::ToolChoice;
using llm::ToolResult;
using testing::read;

std::string refused(std::string_view body) {
  const auto request = front().read_request(body, "m", false);
  return request ? "" : request.error().param;
}

TEST(GeminiRequest, both_spellings_and_single_objects_are_read) {
  const auto camel = read(
      R"({"systemInstruction":{"parts":[{"text":"be brief"}]},"contents":[{"role":"user","parts":[{"text":"hi"}]}],)"
      R"("generationConfig":{"maxOutputTokens":7,"topP":0.5,"topK":40,"stopSequences":["END"]}})");
  const auto snake =
      read(R"({"system_instruction":{"parts":{"text":"be brief"}},"contents":{"parts":{"text":"hi"}},)"
           R"("generation_config":{"max_output_tokens":"7","top_p":0.5,"top_k":40.0,"stop_sequences":"END"}})");
  for (const auto& request : {camel, snake}) {
    ASSERT_EQ(request.messages.size(), 2U);
    EXPECT_EQ(request.messages[0].author, Author::system);
    EXPECT_EQ(request.messages[0].blocks[0].as<Text>()->text, "be brief");
    EXPECT_EQ(request.messages[1].author, Author::user);
    EXPECT_EQ(request.messages[1].blocks[0].as<Text>()->text, "hi");
    EXPECT_EQ(request.max_tokens, 7U);
    EXPECT_EQ(request.top_p, 0.5);
    EXPECT_EQ(request.top_k, 40U);
    EXPECT_EQ(request.stop, std::vector<std::string>{"END"});
    EXPECT_TRUE(request.extras.empty());
  }
}

TEST(GeminiRequest, a_streamed_answer_kept_in_pieces_is_one_message) {
  const auto request = read(
      R"({"contents":[{"role":"user","parts":[{"text":"q"}]},)"
      R"({"role":"model","parts":[{"text":"think","thought":true}]},{"role":"model","parts":[{"text":"ing","thought":true}]},)"
      R"({"role":"model","parts":[{"text":"Hel"}]},{"role":"model","parts":[{"text":"lo","thoughtSignature":"c2ln"}]},)"
      R"({"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}}}]},)"
      R"({"role":"model","parts":[{"functionCall":{"id":"b","name":"g","args":{"x":1}}}]},{"role":"model","parts":[{"text":""}]},)"
      R"({"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"result":"1"}}},{"functionResponse":{"id":"b","name":"g","response":{"y":2}}},{"text":"go on"}]}]})");
  ASSERT_EQ(request.messages.size(), 4U);
  const auto& blocks = request.messages[1].blocks;
  ASSERT_EQ(blocks.size(), 4U);
  EXPECT_EQ(blocks[0].as<Reasoning>()->text, "thinking");
  EXPECT_TRUE(blocks[0].as<Reasoning>()->summary);
  EXPECT_EQ(blocks[1].as<Text>()->text, "Hello");
  EXPECT_EQ(blocks[1].as<Text>()->signature, (llm::Opaque{llm::Origin::gemini, "c2ln"}));
  EXPECT_EQ(blocks[3].as<ToolCall>()->arguments, R"({"x":1})");
  EXPECT_EQ(request.messages[2].author, Author::tool);
  ASSERT_EQ(request.messages[2].blocks.size(), 2U);
  EXPECT_EQ(request.messages[3].author, Author::user);
}

TEST(GeminiRequest, calls_without_ids_get_them_and_results_find_theirs) {
  const auto request = read(
      R"({"contents":[{"parts":[{"text":"q"}]},)"
      R"({"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]},)"
      R"({"role":"function","parts":[{"functionResponse":{"name":"g","response":{"output":"G"}}},)"
      R"({"functionResponse":{"name":"f","response":{"output":"1"}}},{"functionResponse":{"name":"f","response":{"error":"2"}}}]}]})");
  ASSERT_EQ(request.messages.size(), 3U);
  const auto& calls = request.messages[1].blocks;
  const auto& results = request.messages[2].blocks;
  const auto call = [&](std::size_t i) { return calls[i].as<ToolCall>()->id; };
  const auto result = [&](std::size_t i) { return results[i].as<ToolResult>(); };
  EXPECT_NE(call(0), call(1));
  EXPECT_EQ(calls[0].as<ToolCall>()->arguments, "{}");
  EXPECT_EQ(result(0)->call_id, call(2));
  EXPECT_EQ(result(1)->call_id, call(0));
  EXPECT_EQ(result(2)->call_id, call(1));
  EXPECT_FALSE(result(1)->is_error);
  EXPECT_TRUE(result(2)->is_error);
  EXPECT_EQ(result(2)->content[0].as<Text>()->text, "2");
}

TEST(GeminiRequest, results_are_objects_or_words) {
  const auto request = read(
      R"({"contents":[{"role":"model","parts":[{"functionCall":{"id":"a","name":"f"}},{"functionCall":{"id":"b","name":"f"}}]},)"
      R"({"parts":[{"functionResponse":{"id":"b","name":"f","response":{"t":20,"unit":"C"}}},)"
      R"({"functionResponse":{"id":"a","name":"f","response":{},"parts":[{"inlineData":{"mimeType":"image/png","data":"_-8"}}]}}]}]})");
  const auto* object = request.messages[1].blocks[0].as<ToolResult>();
  EXPECT_EQ(object->call_id, "b");
  EXPECT_TRUE(object->structured);
  EXPECT_EQ(object->content[0].as<Text>()->text, R"({"t":20,"unit":"C"})");
  const auto* picture = request.messages[1].blocks[1].as<ToolResult>();
  EXPECT_FALSE(picture->structured);
  ASSERT_EQ(picture->content.size(), 2U);
  EXPECT_EQ(picture->content[1].as<llm::Media>()->data, "/+8=");  // in the standard alphabet
}

TEST(GeminiRequest, media_and_what_only_gemini_knows) {
  const auto request = read(
      R"({"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="},"mediaResolution":{"level":"MEDIA_RESOLUTION_LOW"}},)"
      R"({"fileData":{"mimeType":"application/pdf","fileUri":"gs://b/o.pdf"}},{"file_data":{"file_uri":"https://generativelanguage.googleapis.com/v1beta/files/x"}},)"
      R"({"fileData":{"fileUri":"https://youtu.be/x"}}]},{"role":"model","parts":[{"executableCode":{"language":"PYTHON","code":"print 1"}},)"
      R"({"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}},{"toolCall":{"toolType":"GOOGLE_SEARCH","id":"z"}}]}],)"
      R"("safetySettings":[{"category":"c","threshold":"t"}],"cachedContent":"cachedContents/1","labels":{"team":"x"},)"
      R"("generationConfig":{"speechConfig":{"languageCode":"de"},"responseModalities":["TEXT","AUDIO"]},"tools":[{"googleSearch":{}},{"code_execution":{}}]})");
  const auto& user = request.messages[0].blocks;
  EXPECT_EQ(user[0].as<llm::Media>()->kind, llm::Media::Kind::image);
  ASSERT_EQ(user[0].extras.size(), 1U);
  EXPECT_EQ(user[0].extras[0].name, "mediaResolution");
  EXPECT_EQ(user[1].as<llm::Media>()->url, "gs://b/o.pdf");
  EXPECT_EQ(user[2].as<llm::Media>()->file_id, "https://generativelanguage.googleapis.com/v1beta/files/x");
  EXPECT_EQ(user[3].as<llm::Media>()->kind, llm::Media::Kind::video);
  const auto& model = request.messages[1].blocks;
  ASSERT_EQ(model.size(), 3U);
  EXPECT_EQ(model[0].as<llm::Foreign>()->type, "executableCode");
  EXPECT_EQ(model[0].as<llm::Foreign>()->text, "print 1");
  EXPECT_EQ(model[1].as<llm::Foreign>()->text, "1");
  EXPECT_EQ(model[2].as<llm::Foreign>()->type, "toolCall");
  ASSERT_EQ(request.tools.size(), 2U);
  EXPECT_EQ(request.tools[0].verbatim.json, R"({"googleSearch":{}})");
  EXPECT_EQ(request.tools[1].name, "codeExecution");
  std::vector<std::string> names;
  for (const auto& extra : request.extras) names.push_back(extra.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"safetySettings", "cachedContent", "labels", "generationConfig.speechConfig"}));
  EXPECT_EQ(request.modalities, (std::vector<std::string>{"text", "audio"}));
  EXPECT_TRUE(request.messages[1].prefill);
}

TEST(GeminiRequest, schemas_of_open_api_become_json_schemas) {
  const auto request = read(
      R"({"contents":"hi","tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT","properties":)"
      R"({"type":{"type":"STRING","enum":["a"],"nullable":true},"n":{"type":"ARRAY","items":{"type":"INTEGER"},"maxItems":"3"}},"required":["n"],"propertyOrdering":["n"]}},)"
      R"({"name":"g","parametersJsonSchema":{"type":"object","properties":{"x":{"$ref":"#/$defs/X"}}}}]}]})");
  ASSERT_EQ(request.tools.size(), 2U);
  EXPECT_EQ(request.tools[0].schema,
            R"({"properties":{"type":{"type":["string","null"],"enum":["a",null]},"n":{"items":{"type":"integer"},)"
            R"("maxItems":3,"type":"array"}},"required":["n"],"type":"object"})");
  EXPECT_EQ(request.tools[1].schema, R"({"type":"object","properties":{"x":{"$ref":"#/$defs/X"}}})");
}

TEST(GeminiRequest, modes_of_calling) {
  const auto choice = [](std::string_view config) {
    return read(R"({"contents":"hi","toolConfig":{"functionCallingConfig":)" + std::string(config) + "}}").tool_choice;
  };
  EXPECT_EQ(choice(R"({"mode":"AUTO"})").mode, ToolChoice::Mode::automatic);
  EXPECT_TRUE(choice(R"({"mode":"AUTO"})").given);
  EXPECT_FALSE(choice(R"({})").given);
  EXPECT_EQ(choice(R"({"mode":"NONE"})").mode, ToolChoice::Mode::none);
  EXPECT_EQ(choice(R"({"mode":"ANY"})").mode, ToolChoice::Mode::required);
  const auto named = choice(R"({"mode":"any","allowed_function_names":["f"]})");
  EXPECT_EQ(named.mode, ToolChoice::Mode::named);
  EXPECT_EQ(named.name, "f");
  const auto among = choice(R"({"mode":"ANY","allowedFunctionNames":["f","g"]})");
  EXPECT_EQ(among.mode, ToolChoice::Mode::required);
  EXPECT_EQ(among.allowed, (std::vector<std::string>{"f", "g"}));
  EXPECT_EQ(choice(R"({"mode":"VALIDATED"})").mode, ToolChoice::Mode::automatic);
}

TEST(GeminiRequest, formats_and_thinking) {
  const auto schema = read(
      R"({"contents":"hi","generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"STRING"},)"
      R"("thinkingConfig":{"thinkingBudget":512,"includeThoughts":true},"candidateCount":3,"seed":"7","responseLogprobs":true,"logprobs":4}})");
  EXPECT_EQ(schema.format.kind, llm::OutputFormat::Kind::json_schema);
  EXPECT_EQ(schema.format.schema, R"({"type":"string"})");
  EXPECT_EQ(schema.reasoning.budget, 512U);
  EXPECT_EQ(schema.reasoning.show, true);
  EXPECT_EQ(schema.n, 3U);
  EXPECT_EQ(schema.seed, 7);
  EXPECT_TRUE(schema.logprobs);
  EXPECT_EQ(schema.top_logprobs, 4U);
  const auto dynamic = read(R"({"contents":"hi","generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}})");
  EXPECT_TRUE(dynamic.reasoning.adaptive);
  const auto level = read(R"({"contents":"hi","generationConfig":{"thinkingConfig":{"thinkingLevel":"low"}}})");
  EXPECT_EQ(level.reasoning.effort, llm::Effort::low);
  // One word out of a list, without quotes: nobody else has that.
  const auto word = read(
      R"({"contents":"hi","generationConfig":{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":["a"]}}})");
  EXPECT_EQ(word.format.kind, llm::OutputFormat::Kind::text);
  EXPECT_EQ(word.extras.size(), 2U);
}

TEST(GeminiRequest, what_is_wrong_is_named) {
  EXPECT_EQ(refused(R"({})"), "contents");
  EXPECT_EQ(refused(R"({"contents":[]})"), "contents");
  EXPECT_EQ(refused(R"({"contents":[{"role":"system","parts":[{"text":"x"}]}]})"), "contents[0].role");
  EXPECT_EQ(refused(R"({"contents":["a",7]})"), "contents[1]");
  EXPECT_EQ(refused(R"({"contents":[{"parts":[{"functionCall":{"name":"f"}}]}]})"), "contents[0].parts");
  EXPECT_EQ(refused(R"({"contents":"a","generationConfig":{"topK":"many"}})"), "generationConfig.topK");
  EXPECT_EQ(refused(R"({"contents":"a","tools":[{"functionDeclarations":[{}]}]})"),
            "tools.functionDeclarations[0].name");
  EXPECT_EQ(refused(R"({"contents":"a","toolConfig":{"functionCallingConfig":{"mode":"SOME"}}})"),
            "toolConfig.functionCallingConfig.mode");
}

TEST(GeminiRequest, no_more_parts_than_can_be_kept) {
  std::string body = R"({"contents":[{"parts":[)";
  for (std::size_t i = 0; i <= kMostBlocks; ++i) body += i == 0 ? R"({"text":""})" : R"(,{"text":""})";
  body += "]}]}";
  const auto request = front().read_request(body, "m", false);
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().error.code, Code::too_large);
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
