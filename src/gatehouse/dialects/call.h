#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"

namespace gatehouse::dialects {

// Where a value stands in the body, in bytes; a string with its quotes.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
};

// What the gateway needs to know of a request; all else stays in the body, which is forwarded as it came.
struct Call {
  llm::Dialect dialect = llm::Dialect::openai_chat;  // of the body
  std::string model;                                 // decoded
  Span model_span;             // replace it (json::splice) to ask for another model; length 0: the body names none
  bool model_in_path = false;  // decode: the path names the model (Gemini)
  // Where the body names it once more (Gemini's embeddings in a batch, or counts of a whole request); each with the
  // prefix "models/" where `model_prefix` says so.
  std::vector<Span> more_model_spans;
  bool model_prefix = false;
  bool stream = false;
  bool include_usage = false;               // stream_options.include_usage
  std::uint32_t n = 1;                      // answers asked for
  bool in_file = false;                     // a batch whose requests lie in a file that the provider has
  std::optional<std::uint64_t> max_tokens;  // of a completion, by whatever name; a negative one is none
  // Where the values stand that edit.h may replace; length 0: not given. Each may be null.
  Span max_tokens_span;
  Span max_completion_tokens_span;
  Span stream_options_span;
  Span include_usage_span;
  Span config_span;  // Gemini's generationConfig, which holds the bound
  // Anthropic's thinking that has a budget, which must stay below the bound; the whole member, and the number in it.
  std::optional<std::uint64_t> thinking_budget;
  Span thinking_span;
  Span thinking_budget_span;
  // What a body of read_model names that is stored somewhere (the responses API), and its input.
  std::string previous_response;  // decoded; empty: none
  Span previous_response_span;
  Span input_span;
  std::string user;  // the caller's own name for its user (Anthropic: metadata.user_id); empty if not given
  // Nothing in the body hints at pictures, sound, files or tools, which may be more tokens than they have bytes, nor at
  // names that are hidden in escapes: the prompt has no more tokens than the body has bytes. False: it may have.
  bool words_only = false;
};

// Reads the body of an operation that is read (llm::is_read), in that dialect. All of the body must be valid JSON.
// Errors (invalid_request, with `param`): no or empty model where the body must name it, a chat without messages, a
// member of the wrong type, and a member that matters written twice or in another case: servers differ in which one
// they read, so a gateway that judged one could be fooled.
ApiResult<Call> read_call(llm::Dialect dialect, llm::Operation operation, std::string_view body);
// In the dialect that the operation is of (wire.h).
ApiResult<Call> read_call(llm::Operation operation, std::string_view body);

// The same for the JSON body of any other operation (responses, moderations, images ...): the model, which may be
// missing (then `model_span.length` is 0), `stream`, `max_output_tokens`, `input` and `previous_response_id`. The other
// members are the provider's affair. Errors also: one of these given twice.
ApiResult<Call> read_model(std::string_view body);

}  // namespace gatehouse::dialects
