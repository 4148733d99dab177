#include "gatehouse/llm/operation.h"

#include <array>

namespace gatehouse::llm {
namespace {

constexpr std::array<std::string_view, kOperationCount> kNames = {
    "chat_completions", "completions",    "embeddings",    "models_list", "model_get",  "responses", "moderations",
    "images",           "audio",          "rerank",        "files",       "batches",    "messages",  "count_tokens",
    "generate_content", "stream_content", "embed_content", "realtime",    "passthrough"};

}  // namespace

std::string_view name(Operation operation) { return kNames[static_cast<std::size_t>(operation)]; }

std::optional<Operation> operation_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Operation>(i);
  }
  return std::nullopt;
}

}  // namespace gatehouse::llm
