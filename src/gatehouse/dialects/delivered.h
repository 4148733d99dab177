#pragma once

#include <string>
#include <string_view>

#include "gatehouse/llm/operation.h"

namespace gatehouse::dialects {

// What a model said, as far as the caller gets to see it: the text by which tokens are counted where the provider tells
// no usage. Free functions, any thread.

// Appends the text of one event's data or of a whole body: content, refusal and reasoning of all choices, names and
// arguments of tool calls, the text of completions; of streams that repeat what they told only what is new. Nothing for
// anything else.
void append_delivered(llm::Operation operation, std::string_view json, std::string& out);

// Whether an event's data tells the usage and nothing besides: the extra event of stream_options.include_usage, whose
// choices are empty.
bool only_tells_usage(llm::Operation operation, std::string_view data);

}  // namespace gatehouse::dialects
