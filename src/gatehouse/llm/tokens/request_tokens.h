#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/tokens/encoding.h"
#include "gatehouse/llm/tokens/model_tokens.h"

namespace gatehouse::llm {

// The prompt tokens of a request in OpenAI's wire format, counted over its raw bytes: nothing is parsed into a tree and
// no text is copied as a whole. Free functions, any thread. Errors: Code::invalid_request where the body is not valid
// JSON (json/scan.h); a member of an unexpected type counts nothing, the provider will refuse it.
struct RequestTokens {
  std::uint64_t text = 0;      // of messages, prompts and inputs
  std::uint64_t overhead = 0;  // what OpenAI puts around messages, names and tools
  std::uint64_t tools = 0;     // definitions of tools, functions and the response's schema
  std::uint64_t images = 0;
  std::uint32_t messages = 0;
  std::uint32_t image_count = 0;
  std::uint32_t uncounted = 0;  // parts whose tokens cannot be told from the body (audio, files)
  std::uint64_t total() const { return text + overhead + tools + images; }
};

// A body of POST /v1/chat/completions. `model` decides how images count; its name as the caller wrote it.
Result<RequestTokens> count_chat(Encoding encoding, std::string_view model, std::string_view body);
// A body of POST /v1/completions: `prompt` is a string, strings, ids or arrays of ids; `suffix` counts too.
Result<RequestTokens> count_completion(Encoding encoding, std::string_view body);
// A body of POST /v1/embeddings: `input`, likewise.
Result<RequestTokens> count_embedding(Encoding encoding, std::string_view body);
// A chat for a model whose family is known: count_chat with its encoding and overheads, without its factor. What
// Estimator::learn and Estimator::estimate take.
Result<RequestTokens> count_chat(const ModelTokens& tokens, std::string_view model, std::string_view body);
// The one for the operation; Code::unsupported for one whose bodies are not read (llm::is_read).
Result<RequestTokens> count_request(Operation operation, const ModelTokens& tokens, std::string_view model,
                                    std::string_view body);

}  // namespace gatehouse::llm
