#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::dialects::openai_chat {

// Under dialects/delivered.h and stream_end.h: of chat, completions and the responses API.

// Appends the text of one event's data or of a whole body: content, refusal and reasoning of all choices, names and
// arguments of tool calls, the text of completions; of the responses API what its deltas tell, or a response's output.
// Nothing for anything else.
void append_delivered(std::string_view json, std::string& out);

// Whether an event's data tells the usage and nothing besides: the extra event of stream_options.include_usage, whose
// choices are empty.
bool only_tells_usage(std::string_view data);

// Ends a stream of chat or completions in good order after `last`, the data of any of its events (id, object, model and
// so on are taken from there): an event with that finish_reason (a word of the API) for each of the choices, and
// [DONE]. Complete server-sent events.
std::string end_stream(std::string_view last, std::size_t choices, std::string_view reason);

}  // namespace gatehouse::dialects::openai_chat
