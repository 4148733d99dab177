#include "gatehouse/dialects/token_counts.h"

#include <string_view>

#include <fmt/format.h>

namespace gatehouse::dialects {
namespace {

std::string_view member_of(llm::Dialect dialect) {
  switch (dialect) {
    case llm::Dialect::gemini:
      return "totalTokens";
    case llm::Dialect::bedrock:
      return "inputTokens";
    default:
      return "input_tokens";
  }
}

}  // namespace

std::string write_token_count(llm::Dialect dialect, std::uint64_t tokens) {
  if (dialect == llm::Dialect::openai_chat || dialect == llm::Dialect::openai_responses) {
    return fmt::format(R"({{"object":"response.input_tokens","input_tokens":{}}})", tokens);
  }
  return fmt::format(R"({{"{}":{}}})", member_of(dialect), tokens);
}

}  // namespace gatehouse::dialects
