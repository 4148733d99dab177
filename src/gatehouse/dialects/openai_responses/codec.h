#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/request.h"

// OpenAI's Responses (openapi 2.3.0; platform.openai.com/docs/api-reference/responses), translated from and to. How its
// items lie in a canonical conversation:
//
// - `instructions` are the first message, a system one marked as such; an item `message` is a message, its parts are
//   blocks. Items of the model that stand together (reasoning, message, calls) are one assistant's message; a second
//   `message` among them begins another one.
// - An item `reasoning` is one block: its summary's parts (or its content's) with an empty line between. What is
//   encrypted carries the item's id, without which OpenAI does not take it back.
// - Calls and results of functions and custom tools are what they are elsewhere. Every other item (the provider's own
//   tools, compaction, references) is a Foreign block, its JSON whole.
// - `phase`, and other members of items that only this dialect knows, are extras of the message and of its blocks.
//
// Callers' state of other providers lies in `encrypted_content` (opaque_words.h). Stored state is not here: a request
// that refers to an earlier response (`previous_response_id`) or to single items keeps the reference: what the gateway
// has stored was put in its place before (references.h), the rest only a provider of the dialect can read.
namespace gatehouse::dialects::openai_responses {

const FrontCodec& front();
const BackCodec& back();

// The items of a JSON array (checked as part of a document), or a string that is a user's message, appended to
// `messages`. For stored conversations; errors as of FrontCodec::read_request.
ApiResult<void> read_items(std::string_view json, std::vector<llm::Message>& messages);

// Items of a request and of an answer that are read: more are refused.
inline constexpr std::size_t kMostItems = 65'536;

}  // namespace gatehouse::dialects::openai_responses
