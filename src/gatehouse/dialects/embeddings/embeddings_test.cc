#include "gatehouse/dialects/embeddings.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects {
namespace {

using enum EmbeddingApi;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

EmbeddingRequest read(EmbeddingApi api, std::string_view body, std::string_view model = {}) {
  auto request = read_embedding_request(api, body, model);
  EXPECT_TRUE(request.has_value()) << body << (request ? "" : request.error().error.detail);
  return request ? *request : EmbeddingRequest{};
}

std::string written(EmbeddingApi api, const EmbeddingRequest& request, std::vector<std::string> lost = {}) {
  Losses losses;
  auto body = write_embedding_request(api, request, "m-1", 0, request.inputs.size(), losses);
  EXPECT_TRUE(body.has_value());
  if (!body) return {};
  EXPECT_TRUE(json::validate(*body).has_value()) << *body;
  EXPECT_EQ(losses.dropped(), lost);
  return *body;
}

TEST(Embeddings, OneCallerEveryProvider) {
  const auto request =
      read(openai,
           R"({"model":"x","input":["a \"b\"","c"],"dimensions":256,"input_type":"query","encoding_format":"base64"})");
  EXPECT_FALSE(request.one);
  EXPECT_TRUE(request.base64);
  EXPECT_EQ(written(openai, request, {"input_type"}), R"({"model":"m-1","input":["a \"b\"","c"],"dimensions":256})");
  EXPECT_EQ(
      written(gemini_batch, request),
      R"({"requests":[{"model":"models/m-1","content":{"parts":[{"text":"a \"b\""}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":256},)"
      R"({"model":"models/m-1","content":{"parts":[{"text":"c"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":256}]})");
  EXPECT_EQ(
      written(vertex, request),
      R"({"instances":[{"content":"a \"b\"","task_type":"RETRIEVAL_QUERY"},{"content":"c","task_type":"RETRIEVAL_QUERY"}],)"
      R"("parameters":{"outputDimensionality":256}})");
  EXPECT_EQ(
      written(cohere, request),
      R"({"model":"m-1","texts":["a \"b\"","c"],"input_type":"search_query","embedding_types":["float"],"output_dimension":256})");
  EXPECT_EQ(
      written(bedrock_cohere, request),
      R"({"texts":["a \"b\"","c"],"input_type":"search_query","embedding_types":["float"],"output_dimension":256})");
  EXPECT_EQ(written(ollama, request, {"input_type"}), R"({"model":"m-1","input":["a \"b\"","c"],"dimensions":256})");
  // One a call.
  EXPECT_EQ(written(titan, request, {"input_type"}), R"({"inputText":"a \"b\"","dimensions":256})");
  Losses losses;
  EXPECT_EQ(write_embedding_request(titan, request, "m", 1, 1, losses), R"({"inputText":"c","dimensions":256})");
  EXPECT_FALSE(write_embedding_request(titan, request, "m", 2, 1, losses).has_value());
}

TEST(Embeddings, GeminisCallers) {
  const auto one = read(
      gemini,
      R"({"model":"models/g","content":{"parts":[{"text":"a"},{"text":"b"}]},"task_type":"clustering","title":"T","output_dimensionality":8})",
      "g");
  EXPECT_TRUE(one.one);
  EXPECT_EQ(one.model, "g");
  EXPECT_EQ(one.inputs.front().text, "a\nb");
  EXPECT_EQ(one.inputs.front().title, "T");
  EXPECT_EQ(one.purpose, EmbeddingPurpose::clustering);
  EXPECT_EQ(
      written(cohere, one),
      R"({"model":"m-1","texts":["a\nb"],"input_type":"clustering","embedding_types":["float"],"output_dimension":8})");
  const auto batch = read(
      gemini_batch, R"({"requests":[{"content":{"parts":{"text":"a"}}},{"content":{"parts":[{"text":"b"}]}}]})", "g");
  EXPECT_EQ(batch.inputs.size(), 2u);
  EXPECT_EQ(written(openai, batch), R"({"model":"m-1","input":["a","b"]})");
  EXPECT_EQ(
      written(gemini, one),
      R"({"model":"models/m-1","content":{"parts":[{"text":"a\nb"}]},"taskType":"CLUSTERING","title":"T","outputDimensionality":8})");
}

TEST(Embeddings, WhatIsWrongIsRefused) {
  const auto param = [](EmbeddingApi api, std::string_view body) {
    const auto request = read_embedding_request(api, body, "m");
    return request ? std::string("read") : request.error().param;
  };
  for (const char* body : {R"({"model":"m"})", R"({"input":[]})", R"({"input":1})", R"({"input":["a",1]})",
                           R"({"input":[[]]})", R"({"input":[1,-2]})", R"({"input":[{}]})", R"({"input":null})"}) {
    EXPECT_EQ(param(openai, body), "input") << body;
  }
  EXPECT_EQ(param(openai, R"({"input":"a"})"), "read");
  EXPECT_EQ(param(gemini, R"({})"), "content");
  EXPECT_EQ(param(gemini, R"({"content":{"parts":[{"inlineData":{}}]}})"), "content");
  EXPECT_EQ(param(gemini_batch, R"({})"), "requests");
  EXPECT_EQ(
      param(
          gemini_batch,
          R"({"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"},{"content":{"parts":[{"text":"b"}]}}]})"),
      "requests");
  std::string many = R"({"input":[)";
  for (std::size_t i = 0; i <= kMostEmbeddingInputs; ++i) many += i == 0 ? "\"a\"" : ",\"a\"";
  EXPECT_EQ(param(openai, many + "]}"), "input");
  // Numbers of one model's vocabulary are nothing to another.
  const auto tokens = read(openai, R"({"input":[[1,2],[3]]})");
  EXPECT_EQ(written(openai, tokens), R"({"model":"m-1","input":[[1,2],[3]]})");
  Losses losses;
  const auto refused = write_embedding_request(cohere, tokens, "m", 0, 2, losses);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().error.code, Code::unsupported);
  EXPECT_TRUE(read(openai, R"({"input":[1,2]})").one);
}

TEST(Embeddings, EveryProvidersAnswer) {
  struct Case {
    EmbeddingApi api;
    std::string_view body;
    std::uint64_t tokens;
  };
  for (
      const Case& one : {
          Case{
              openai,
              R"({"object":"list","data":[{"index":1,"embedding":[0.25,-1]},{"index":0,"embedding":[0.5,1e-2]}],"model":"e","usage":{"prompt_tokens":7,"total_tokens":7}})",
              7},
          Case{gemini_batch, R"({"embeddings":[{"values":[0.5,0.01]},{"values":[0.25,-1]}]})", 0},
          Case{
              vertex,
              R"({"predictions":[{"embeddings":{"values":[0.5,0.01],"statistics":{"token_count":3,"truncated":false}}},{"embeddings":{"values":[0.25,-1],"statistics":{"token_count":4}}}]})",
              7},
          Case{
              cohere,
              R"({"id":"i","embeddings":{"float":[[0.5,0.01],[0.25,-1]]},"texts":[],"meta":{"billed_units":{"input_tokens":7}}})",
              7},
          Case{bedrock_cohere, R"({"embeddings":[[0.5,0.01],[0.25,-1]],"id":"i","response_type":"embeddings_floats"})",
               0},
          Case{ollama, R"({"model":"e","embeddings":[[0.5,0.01],[0.25,-1]],"prompt_eval_count":7})", 7},
      }) {
    EmbeddingAnswer answer;
    const auto done = read_embedding_answer(one.api, one.body, 2, answer);
    ASSERT_TRUE(done.has_value()) << one.body << done.error().detail;
    EXPECT_THAT(answer.values, ElementsAre(0.5, 0.01, 0.25, -1)) << one.body;
    EXPECT_THAT(answer.ends, ElementsAre(2u, 4u));
    EXPECT_EQ(answer.usage.prompt_tokens, one.tokens) << one.body;
    EXPECT_EQ(answer.usage.known, one.tokens > 0);
    EmbeddingAnswer none;
    EXPECT_FALSE(read_embedding_answer(one.api, one.body, 3, none).has_value());
    EXPECT_FALSE(read_embedding_answer(one.api, R"({"error":"x"})", 1, none).has_value());
    EXPECT_FALSE(read_embedding_answer(one.api, one.body.substr(1), 2, none).has_value());
  }
}

TEST(Embeddings, SeveralCallsAreOneAnswer) {
  EmbeddingAnswer answer;
  ASSERT_TRUE(read_embedding_answer(titan, R"({"embedding":[0.5,1],"inputTextTokenCount":3})", 1, answer).has_value());
  ASSERT_TRUE(
      read_embedding_answer(titan, R"({"embeddingsByType":{"float":[0.25,2]},"inputTextTokenCount":4})", 1, answer)
          .has_value());
  EXPECT_EQ(answer.usage.prompt_tokens, 7u);
  const auto request = read(openai, R"({"model":"mine","input":["a","b"]})");
  EXPECT_EQ(
      write_embedding_answer(openai, answer, request, {}),
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,1]},{"object":"embedding","index":1,"embedding":[0.25,2]}],)"
      R"("model":"mine","usage":{"prompt_tokens":7,"total_tokens":7}})");
  EXPECT_EQ(
      write_embedding_answer(gemini_batch, answer, request, {}),
      R"({"embeddings":[{"values":[0.5,1]},{"values":[0.25,2]}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}})");
  EXPECT_EQ(json::find(write_embedding_answer(gemini, answer, request, {}), "embedding"), R"({"values":[0.5,1]})");
  EmbeddingAnswer uneven;
  ASSERT_TRUE(read_embedding_answer(titan, R"({"embedding":[0.5,1]})", 1, uneven).has_value());
  EXPECT_FALSE(read_embedding_answer(titan, R"({"embedding":[0.5]})", 1, uneven).has_value());
}

TEST(Embeddings, Base64BothWays) {
  EmbeddingAnswer answer;
  ASSERT_TRUE(
      read_embedding_answer(openai, R"({"data":[{"index":0,"embedding":"AACAPwAAIMA="}]})", 1, answer).has_value());
  EXPECT_THAT(answer.values, ElementsAre(1.0, -2.5));
  EXPECT_FALSE(answer.usage.known);
  const auto request = read(openai, R"({"model":"m","input":"a","encoding_format":"base64"})");
  const std::string body = write_embedding_answer(openai, answer, request, "told");
  EXPECT_EQ(body,
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAIMA="}],"model":"told"})");
  for (const char* bad : {R"({"data":[{"index":0,"embedding":"AACAPw"}]})",
                          R"({"data":[{"index":0,"embedding":"AAA"}]})", R"({"data":[{"index":0,"embedding":[]}]})",
                          R"({"data":[{"index":0,"embedding":["1"]}]})", R"({"data":[{"index":1,"embedding":[1]}]})"}) {
    EmbeddingAnswer other;
    const bool read = read_embedding_answer(openai, bad, 1, other).has_value();
    EXPECT_EQ(read, std::string_view(bad).find("AACAPw\"") != std::string_view::npos) << bad;
  }
}

TEST(Embeddings, WhoIsAskedHow) {
  EXPECT_EQ(embedding_api(llm::Dialect::openai_chat, "x"), openai);
  EXPECT_EQ(embedding_api(llm::Dialect::gemini, "x"), gemini_batch);
  EXPECT_EQ(embedding_api(llm::Dialect::bedrock, "amazon.titan-embed-text-v2:0"), titan);
  EXPECT_EQ(embedding_api(llm::Dialect::bedrock, "us.cohere.embed-v4:0"), bedrock_cohere);
  EXPECT_EQ(embedding_api(llm::Dialect::anthropic, "x"), std::nullopt);
  EXPECT_EQ(most_inputs(titan), 1u);
  EXPECT_EQ(most_inputs(cohere), 96u);
}

}  // namespace
}  // namespace gatehouse::dialects
