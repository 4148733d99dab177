#include "gatehouse/llm/dialect.h"

#include <array>

namespace gatehouse::llm {
namespace {

constexpr std::array<std::string_view, kDialectCount> kNames = {
    "openai_chat", "openai_responses", "anthropic", "gemini", "bedrock", "cohere", "ollama"};

}  // namespace

std::string_view name(Dialect dialect) { return kNames[static_cast<std::size_t>(dialect)]; }

std::optional<Dialect> dialect_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Dialect>(i);
  }
  return std::nullopt;
}

}  // namespace gatehouse::llm
