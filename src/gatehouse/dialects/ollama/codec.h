#pragma once

#include "gatehouse/dialects/codec.h"

// Ollama's /api/chat (github.com/ollama/ollama, docs/api.md), spoken to providers only; a stream is one object a line,
// and the decoder is given one a call. How it lies in a canonical conversation:
//
// - Calls of tools have no ids there: each gets one, made of when it was answered, its place, name and arguments, so
//   that it is the same whenever the same answer is read and another in every other answer. Results find the name of
//   their tool by it.
// - Arguments are an object there, and come whole. Those that are no object go as {"input": TEXT}.
// - Images go as base64; by URL, or anything else that is no text, they are refused.
// - tool_choice is not there: `none` sends no tools, a named or allowed one only those, and being required is lost.
// - keep_alive, `options` and `truncate` pass from the caller's extras, whatever its dialect.
namespace gatehouse::dialects::ollama {

// Immutable, shared by all threads. Its decoder's events refer to the event's data as well: keep it until the next
// call.
const BackCodec& back();

}  // namespace gatehouse::dialects::ollama
