#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::llm {

// The wire language of a caller or a provider. The names are used in configuration, metrics and records: rename none.
enum class Dialect : std::uint8_t {
  openai_chat,       // Chat Completions, and with it completions, embeddings and the other operations of /v1
  openai_responses,  // Responses
  anthropic,         // Messages
  gemini,            // generateContent
  bedrock,           // Converse
  cohere,            // v2/chat
  ollama,            // /api/chat
};
inline constexpr std::size_t kDialectCount = static_cast<std::size_t>(Dialect::ollama) + 1;

std::string_view name(Dialect dialect);
std::optional<Dialect> dialect_from_name(std::string_view name);

}  // namespace gatehouse::llm
