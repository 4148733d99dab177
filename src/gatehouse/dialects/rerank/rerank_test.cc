#include "gatehouse/dialects/rerank.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects {
namespace {

RerankRequest read(std::string_view body) {
  auto request = read_rerank_request(body);
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().error.detail);
  return request ? *request : RerankRequest{};
}

constexpr std::string_view kBody =
    R"({"model":"r","query":"q?","documents":["a",{"text":"b","id":7},{"title":"c"}],"top_n":2,"return_documents":true,"rank_fields":["text"]})";

TEST(Rerank, OneCallerEveryProvider) {
  const auto request = read(kBody);
  Losses losses;
  EXPECT_EQ(write_rerank_request(RerankApi::cohere, request, "m", losses),
            R"({"model":"m","query":"q?","documents":["a","b","{\"title\":\"c\"}"],"top_n":2})");
  EXPECT_EQ(
      write_rerank_request(RerankApi::jina, request, "m", losses),
      R"({"model":"m","query":"q?","documents":["a","b","{\"title\":\"c\"}"],"top_n":2,"return_documents":false})");
  EXPECT_EQ(
      write_rerank_request(RerankApi::voyage, request, "m", losses),
      R"({"model":"m","query":"q?","documents":["a","b","{\"title\":\"c\"}"],"top_k":2,"return_documents":false})");
  EXPECT_EQ(write_rerank_request(RerankApi::tei, request, "m", losses),
            R"({"query":"q?","texts":["a","b","{\"title\":\"c\"}"]})");
  EXPECT_EQ(write_rerank_request(RerankApi::bedrock, request, "cohere.rerank-v3-5:0", losses),
            R"({"query":"q?","documents":["a","b","{\"title\":\"c\"}"],"top_n":2,"api_version":2})");
  EXPECT_THAT(losses.dropped(), ::testing::ElementsAre("rank_fields"));
}

TEST(Rerank, EveryProvidersAnswer) {
  const auto request = read(kBody);
  struct Case {
    RerankApi api;
    std::string_view body;
    std::string_view rest;
  };
  for (
      const Case& one : {
          Case{
              RerankApi::cohere,
              R"({"id":"i","results":[{"index":1,"relevance_score":0.25},{"index":0,"relevance_score":0.5}],"meta":{"billed_units":{"search_units":1}}})",
              R"(,"meta":{"billed_units":{"search_units":1}}})"},
          Case{
              RerankApi::jina,
              R"({"id":"i","model":"j","usage":{"total_tokens":9},"results":[{"index":0,"relevance_score":0.5,"document":{"text":"a"}},{"index":1,"relevance_score":0.25}]})",
              R"(,"usage":{"prompt_tokens":9,"total_tokens":9}})"},
          Case{
              RerankApi::voyage,
              R"({"id":"i","object":"list","data":[{"relevance_score":0.5,"index":0},{"relevance_score":0.25,"index":1}],"usage":{"total_tokens":9}})",
              R"(,"usage":{"prompt_tokens":9,"total_tokens":9}})"},
          Case{RerankApi::tei, R"([{"index":2,"score":-1},{"index":1,"score":0.25},{"index":0,"score":0.5}])", "}"},
          Case{RerankApi::bedrock,
               R"({"id":"i","results":[{"index":0,"relevance_score":0.5},{"index":1,"relevance_score":0.25}]})", "}"},
      }) {
    const auto answer = read_rerank_answer(one.api, one.body, request);
    ASSERT_TRUE(answer.has_value()) << one.body;
    EXPECT_EQ(write_rerank_answer(*answer, request, "told", "i"),
              R"({"id":"i","model":"told","results":[{"index":0,"relevance_score":0.5,"document":{"text":"a"}},)"
              R"({"index":1,"relevance_score":0.25,"document":{"text":"b","id":7}}])" +
                  std::string(one.rest));
  }
  for (const char* bad : {"", "{}", R"({"results":{}})", R"({"results":[{"index":3,"relevance_score":1}]})",
                          R"({"results":[{"index":0}]})",
                          R"({"results":[{"index":0,"relevance_score":1},{"index":0,"relevance_score":1}]})"}) {
    EXPECT_FALSE(read_rerank_answer(RerankApi::cohere, bad, request).has_value()) << bad;
  }
}

TEST(Rerank, WhatIsWrongIsRefused) {
  const auto param = [](std::string_view body) {
    const auto request = read_rerank_request(body);
    return request ? std::string("read") : request.error().param;
  };
  EXPECT_EQ(param(R"({"query":"q","documents":["a"]})"), "read");
  EXPECT_EQ(param(R"({"documents":["a"]})"), "query");
  EXPECT_EQ(param(R"({"query":1,"documents":["a"]})"), "query");
  EXPECT_EQ(param(R"({"query":"q"})"), "documents");
  EXPECT_EQ(param(R"({"query":"q","documents":[]})"), "documents");
  EXPECT_EQ(param(R"({"query":"q","documents":[1]})"), "documents");
  EXPECT_EQ(param(R"({"query":"q","documents":["a"],"top_n":0})"), "top_n");
  EXPECT_EQ(param(R"({"query":"q","documents":["a"],"top_n":null})"), "read");
  EXPECT_EQ(param("[]"), "");
  std::string many = R"({"query":"q","documents":[)";
  for (std::size_t i = 0; i <= kMostRerankDocuments; ++i) many += i == 0 ? "\"\"" : ",\"\"";
  const auto request = read_rerank_request(many + "]}");
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().error.code, Code::too_large);
}

TEST(Rerank, WhoIsAskedHow) {
  EXPECT_EQ(rerank_api(llm::Dialect::cohere), RerankApi::cohere);
  EXPECT_EQ(rerank_api(llm::Dialect::openai_chat), RerankApi::jina);
  EXPECT_EQ(rerank_api(llm::Dialect::gemini), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::dialects
