// Whatever the body, of a caller or a provider: no crash; what is read can be written for every provider, and what a
// provider's answer comes to is JSON for every caller.
#include <cstdlib>
#include <string>

#include "gatehouse/dialects/embeddings.h"
#include "gatehouse/dialects/rerank.h"
#include "gatehouse/json/scan.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  using enum EmbeddingApi;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto all = {openai, gemini, gemini_batch, vertex, cohere, ollama, titan, bedrock_cohere};
  for (const auto front : {openai, gemini, gemini_batch}) {
    const auto request = read_embedding_request(front, body, "m");
    if (!request) continue;
    for (const auto back : all) {
      Losses losses;
      const auto written = write_embedding_request(back, *request, "m", 0, request->inputs.size(), losses);
      require(!written || json::validate(*written).has_value());
    }
  }
  for (const auto back : all) {
    for (const std::size_t count : {1, 2}) {
      EmbeddingAnswer answer;
      if (!read_embedding_answer(back, body, count, answer)) continue;
      require(answer.ends.size() == count);
      EmbeddingRequest request;
      for (const bool base64 : {false, true}) {
        request.base64 = base64;
        for (const auto front : {openai, gemini, gemini_batch}) {
          require(json::validate(write_embedding_answer(front, answer, request, {})).has_value());
        }
      }
    }
  }
  const auto rerank = read_rerank_request(body);
  RerankRequest request;
  request.documents.resize(2);
  request.return_documents = true;
  for (const auto api : {RerankApi::cohere, RerankApi::jina, RerankApi::voyage, RerankApi::tei, RerankApi::bedrock}) {
    Losses losses;
    if (rerank) require(json::validate(write_rerank_request(api, *rerank, "m", losses)).has_value());
    const auto answer = read_rerank_answer(api, body, request);
    if (answer) require(json::validate(write_rerank_answer(*answer, request, {}, "i")).has_value());
  }
  return 0;
}
