#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/usage.h"

// Documents put in the order in which they answer a query, between dialects. Pure functions, any thread. Callers speak
// one shape, that of Cohere's v2/rerank and of Jina's /v1/rerank, which is the same in what both know.
namespace gatehouse::dialects {

enum class RerankApi : std::uint8_t {
  cohere,   // POST /v2/rerank
  jina,     // POST /v1/rerank: Jina, vLLM, SGLang, Together, LiteLLM's own
  voyage,   // POST /v1/rerank with top_k, results in `data`
  tei,      // POST /rerank of Hugging Face's text-embeddings-inference: an array
  bedrock,  // InvokeModel, cohere.rerank and amazon.rerank
};

struct RerankDocument {
  std::string text;
  std::string json;  // as it was given, where it was an object
};

struct RerankRequest {
  std::string model;
  std::string query;
  std::vector<RerankDocument> documents;
  std::optional<std::uint32_t> top_n;
  bool return_documents = false;
  std::optional<std::uint32_t> max_tokens_per_document;
  llm::Extras extras;
};

struct RerankAnswer {
  struct Result {
    std::uint32_t index = 0;  // of the document in the request
    double score = 0;
  };
  std::string id;
  std::string model;
  std::vector<Result> results;     // best first
  llm::Usage usage;                // tokens, where told
  std::uint64_t search_units = 0;  // what Cohere charges by; 0: not told
};

inline constexpr std::size_t kMostRerankDocuments = 10'000;

// The shape in which a provider of this dialect is asked. Nothing: it has none.
std::optional<RerankApi> rerank_api(llm::Dialect dialect);

// A caller's body. Errors: invalid_request, too_large, with `param`.
ApiResult<RerankRequest> read_rerank_request(std::string_view body);

std::string write_rerank_request(RerankApi api, const RerankRequest& request, std::string_view model, Losses& losses);

// A provider's answer with a status below 400: sorted, cut to what was asked for. Error: upstream_protocol, also for an
// index that no document has.
Result<RerankAnswer> read_rerank_answer(RerankApi api, std::string_view body, const RerankRequest& request);

// The answer for the caller, with the documents where it asked for them. `model` as it is to be told; empty: the
// provider's, or the request's. `id`: where the provider told none.
std::string write_rerank_answer(const RerankAnswer& answer, const RerankRequest& request, std::string_view model,
                                std::string_view id);

}  // namespace gatehouse::dialects
