#pragma once

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::openai_chat {

// Chat Completions to and from the canonical conversation, for calls that are translated. Wire: OpenAI's API
// specification 2.3.0 (CreateChatCompletionRequest and what belongs to it), for other servers their own pages; where
// they differ llm::Quirks says so. Stateless, shared, any thread.
//
// State of reasoning is read from and written to `reasoning_details` (OpenRouter's array), with its text besides in
// `reasoning_content`; also read are `reasoning`, `thinking_blocks` and Mistral's chunks. A thought signature of Gemini
// stands at `extra_content.google.thought_signature` of a tool call, or of the message where it signs a text.

// Of OpenAI and of all servers that imitate it. An answer with status 200 that is an error fails (upstream_broken);
// `read_error(200, body)` then tells what was meant.
const BackCodec& back();
const FrontCodec& front();

// Bounds of a request, which a small body could otherwise blow up in memory. Beyond: too_large.
inline constexpr std::size_t kMostMessages = 16'384;
inline constexpr std::size_t kMostParts = 65'536;  // of content, and tool calls, in all messages together
inline constexpr std::size_t kMostTools = 4'096;
// Bounds of an answer. Beyond: upstream_protocol.
inline constexpr std::size_t kMostChoices = 128;   // as OpenAI's n
inline constexpr std::size_t kMostBlocks = 4'096;  // of a choice

}  // namespace gatehouse::dialects::openai_chat
