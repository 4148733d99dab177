#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/llm/dialect.h"

namespace gatehouse::dialects {

// Answers to "how many tokens is this prompt?". Pure, any thread.

// The count in a provider's answer: Anthropic's messages/count_tokens, Gemini's countTokens, Bedrock's CountTokens,
// OpenAI's responses/input_tokens. Nothing: it holds none.
std::optional<std::uint64_t> read_token_count(llm::Dialect dialect, std::string_view body);

// The whole answer for a caller: {"input_tokens":N} for Anthropic, {"totalTokens":N} for Gemini, OpenAI's object of
// responses/input_tokens for its dialects, {"inputTokens":N} for Bedrock.
std::string write_token_count(llm::Dialect dialect, std::uint64_t tokens);

}  // namespace gatehouse::dialects
