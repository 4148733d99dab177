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
  passthrough,  // anything else of the provider's API
};
inline constexpr std::size_t kOperationCount = static_cast<std::size_t>(Operation::passthrough) + 1;

std::string_view name(Operation operation);
std::optional<Operation> operation_from_name(std::string_view name);

// Whether the gateway reads the body as a call (model, stream and so on); the bodies of other operations pass unread.
constexpr bool is_read(Operation operation) {
  return operation == Operation::chat_completions || operation == Operation::completions ||
         operation == Operation::embeddings;
}

}  // namespace gatehouse::llm
