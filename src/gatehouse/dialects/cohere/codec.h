#pragma once

#include "gatehouse/dialects/codec.h"

// Cohere's v2/chat (docs.cohere.com/reference/chat and /docs/streaming; the types of cohere-ai 8.1.0), spoken to
// providers only. How it lies in a canonical conversation:
//
// - tool_plan, what the model means to do before it calls tools, is Reasoning with the id "tool_plan"; sent back with
//   that id it is a tool_plan again, without it a `thinking` part.
// - tool_choice has REQUIRED and NONE alone: a named tool, and an allowed list, become REQUIRED among the tools that
//   are named. Answers by a schema do not go together with tools: the schema becomes a tool that has to be called
//   (Rewrites::json_tool).
// - Documents with a text go to `documents`; other documents, sound and film are refused.
// - The arguments "null" of a call without any are the empty object.
// - What a chunk of text with several tokens has for log probabilities is their sum.
// - safety_mode, documents, citation_options and priority pass from the caller's extras, whatever its dialect.
namespace gatehouse::dialects::cohere {

// Immutable, shared by all threads. Its decoder's events refer to the event's data as well: keep it until the next
// call.
const BackCodec& back();

}  // namespace gatehouse::dialects::cohere
