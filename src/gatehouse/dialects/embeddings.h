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

// Texts to vectors, between dialects. Pure functions, any thread.
namespace gatehouse::dialects {

// The shapes that bodies have. A caller speaks openai, gemini or gemini_batch; a provider any.
enum class EmbeddingApi : std::uint8_t {
  openai,          // POST /v1/embeddings, and everybody like it
  gemini,          // models/M:embedContent
  gemini_batch,    // models/M:batchEmbedContents
  vertex,          // publishers/google/models/M:predict
  cohere,          // POST /v2/embed
  ollama,          // POST /api/embed
  titan,           // Bedrock's InvokeModel, amazon.titan-embed-text-v2
  bedrock_cohere,  // Bedrock's InvokeModel, cohere.embed
};

// For whom the vectors are; the name of what Gemini calls a task type and Cohere an input type.
enum class EmbeddingPurpose : std::uint8_t {
  untold,
  document,  // to be found
  query,     // to find
  similarity,
  classification,
  clustering,
  question,  // to find an answer
  facts,     // to verify a statement
  code,      // to find code
};

struct EmbeddingInput {
  std::string text;
  std::vector<std::uint32_t> tokens;  // where `text` is empty: numbers of the model's own vocabulary
  std::string title;                  // of a document (Gemini's)
};

struct EmbeddingRequest {
  std::string model;  // as the caller wrote it
  std::vector<EmbeddingInput> inputs;
  bool one = false;     // the caller gave no list
  bool base64 = false;  // wants float32 in base64 (little-endian), not numbers
  std::optional<std::uint32_t> dimensions;
  EmbeddingPurpose purpose = EmbeddingPurpose::untold;
  std::optional<bool> truncate;  // of what is too long
  std::string user;
  llm::Extras extras;  // members that are not known; nobody else's dialect has them
};

// The vectors of a request, in its order.
struct EmbeddingAnswer {
  std::string id;
  std::string model;  // empty: not told
  std::vector<double> values;
  std::vector<std::size_t> ends;  // where in `values` each vector ends
  llm::Usage usage;
};

inline constexpr std::size_t kMostEmbeddingInputs = 2048;  // of a request, as OpenAI has it
inline constexpr std::size_t kMostEmbeddingValues = std::size_t{16} << 20;

// The shape in which a provider of this dialect is asked for vectors of this model. Nothing: it has none (Anthropic).
std::optional<EmbeddingApi> embedding_api(llm::Dialect dialect, std::string_view model);
// Inputs that one call takes; more need several calls (OpenAI 2048, Gemini 100, Cohere 96, Titan 1).
std::size_t most_inputs(EmbeddingApi api);

// A caller's body. `model`: of the path, where that says it (Gemini). Errors: invalid_request (with `param`),
// unsupported.
ApiResult<EmbeddingRequest> read_embedding_request(EmbeddingApi api, std::string_view body, std::string_view model);

// The body for a provider: of the inputs from `first` on, `count` of them, at most most_inputs(api). Errors
// (unsupported): inputs that are token numbers, for anybody but OpenAI's own kind.
ApiResult<std::string> write_embedding_request(EmbeddingApi api, const EmbeddingRequest& request,
                                               std::string_view model, std::size_t first, std::size_t count,
                                               Losses& losses);

// A provider's answer with a status below 400, appended to what earlier calls of the same request brought; usage is
// added up. Error: upstream_protocol, also where it does not hold `count` vectors, or one longer than the first.
Result<> read_embedding_answer(EmbeddingApi api, std::string_view body, std::size_t count, EmbeddingAnswer& answer);

// The answer for the caller. `model` as it is to be told; empty: the provider's, or the request's.
std::string write_embedding_answer(EmbeddingApi api, const EmbeddingAnswer& answer, const EmbeddingRequest& request,
                                   std::string_view model);

}  // namespace gatehouse::dialects
