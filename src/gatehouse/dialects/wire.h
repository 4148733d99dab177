#pragma once

#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"

namespace gatehouse::dialects {

// The dialect in which an operation's requests and answers are written. Of count_tokens, which Anthropic and Gemini
// both have, Anthropic's; of what all have (lists of models, files, batches) OpenAI's: there the path and the caller's
// fields tell (routes.h).
constexpr llm::Dialect dialect_of(llm::Operation operation) {
  using llm::Operation;
  switch (operation) {
    case Operation::messages:
    case Operation::count_tokens:
      return llm::Dialect::anthropic;
    case Operation::generate_content:
    case Operation::stream_content:
    case Operation::embed_content:
      return llm::Dialect::gemini;
    case Operation::responses:
      return llm::Dialect::openai_responses;
    default:
      return llm::Dialect::openai_chat;
  }
}

}  // namespace gatehouse::dialects
