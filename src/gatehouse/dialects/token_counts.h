#pragma once

#include <cstdint>
#include <string>

#include "gatehouse/llm/dialect.h"

namespace gatehouse::dialects {

// Answers to "how many tokens is this prompt?". Pure, any thread.

// The whole answer for a caller: {"input_tokens":N} for Anthropic, {"totalTokens":N} for Gemini, OpenAI's object of
// responses/input_tokens for its dialects, {"inputTokens":N} for Bedrock.
std::string write_token_count(llm::Dialect dialect, std::uint64_t tokens);

}  // namespace gatehouse::dialects
