#pragma once

#include <string>
#include <string_view>

#include "gatehouse/llm/chat/block.h"

// What there is to read in blocks, for servers that take texts alone. For the writer of messages only; pure.
namespace gatehouse::dialects::openai_chat {

inline constexpr std::string_view kAssistant = "assistant";

// A document that is given as text.
bool is_text_document(const llm::Media& media);
// Its title and context first.
std::string document_text(const llm::Media& document);

// Whether the block can stand in the content of a tool's message, where only texts may.
bool is_words(const llm::Block& block);
// Appends its words, `between` before them where there are some already.
void append_words(const llm::Block& block, std::string_view between, std::string& out);

}  // namespace gatehouse::dialects::openai_chat
