#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/llm/chat/block.h"
#include "gatehouse/llm/quirks.h"

namespace gatehouse::dialects::openai_chat {

// For requests that pass untranslated: callers bring back what the gateway made of other providers' state (signatures
// and encrypted thinking in reasoning_details, thought signatures in extra_content), and the provider must not get it.
// State of `origin` is brought back to what its maker wrote, all other of the gateway's is left out; so is a thought
// signature as Google wrote it, where the provider is known to be somebody else. A server that takes no thoughts back
// (`SendReasoning::never`) does not get the text beside such state either: it may refuse the member.
struct MessagesEdit {
  std::size_t offset = 0;  // of the array `messages` in the body
  std::size_t length = 0;
  std::string replacement;
};
// The body was checked as JSON before. Nothing: there is nothing of the kind, as one look for the marks mostly tells.
std::optional<MessagesEdit> without_foreign_state(std::string_view body, const llm::Quirks& quirks, llm::Origin origin);

}  // namespace gatehouse::dialects::openai_chat
