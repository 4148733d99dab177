#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::llm {

// What is asked of a model server, whatever the dialect. The names are used in configuration, metrics and records
// ("chat_completions"): rename none.
enum class Operation : std::uint8_t {
  chat_completions,
  completions,
  embeddings,
  models_list,
  model_get,
  responses,
  moderations,
  images,
  audio,
  rerank,
  files,
  batches,
  messages,          // Anthropic's
  count_tokens,      // of a prompt, in Anthropic's or Gemini's words
  generate_content,  // Gemini's, whole
  stream_content,    // Gemini's, streamed
  embed_content,     // Gemini's, one or a batch
  realtime,          // a WebSocket
  passthrough,       // anything else of the provider's API
};
inline constexpr std::size_t kOperationCount = static_cast<std::size_t>(Operation::passthrough) + 1;

std::string_view name(Operation operation);
std::optional<Operation> operation_from_name(std::string_view name);

// A conversation with a model that generates: what limits, guards and translation are about.
constexpr bool is_chat(Operation operation) {
  return operation == Operation::chat_completions || operation == Operation::responses ||
         operation == Operation::messages || operation == Operation::generate_content ||
         operation == Operation::stream_content;
}

// Whether the gateway reads the body as a call (model, stream and so on); the bodies of other operations pass unread.
constexpr bool is_read(Operation operation) {
  return operation == Operation::chat_completions || operation == Operation::completions ||
         operation == Operation::embeddings || operation == Operation::messages ||
         operation == Operation::count_tokens || operation == Operation::generate_content ||
         operation == Operation::stream_content || operation == Operation::embed_content;
}

}  // namespace gatehouse::llm
