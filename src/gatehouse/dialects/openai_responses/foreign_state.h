#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/llm/chat/block.h"

namespace gatehouse::dialects::openai_responses {

// For requests that pass untranslated: callers of this dialect bring back reasoning items that the gateway made of
// other providers' state (opaque_words.h), and no provider of the dialect can read those. Items of `origin` are brought
// back to what it wrote, all others of that kind are left out.
struct InputEdit {
  std::size_t offset = 0;  // of the array `input` in the body
  std::size_t length = 0;
  std::string replacement;
};
// The body was checked as JSON before. Nothing: there are no such items, as is found by one look for their mark.
std::optional<InputEdit> without_foreign_state(std::string_view body, llm::Origin origin);

}  // namespace gatehouse::dialects::openai_responses
