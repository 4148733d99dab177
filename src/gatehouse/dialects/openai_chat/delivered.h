#pragma once

#include <string>
#include <string_view>

namespace gatehouse::dialects::openai_chat {

// What a model said, as far as the caller gets to see it: the text by which tokens are counted where the provider tells
// no usage. Free functions, any thread.

// Appends the text of one event's data or of a whole body: content, refusal and reasoning of all choices, names and
// arguments of tool calls, the text of completions. Nothing for anything else.
void append_delivered(std::string_view json, std::string& out);

// Whether an event's data tells the usage and nothing besides: the extra event of stream_options.include_usage, whose
// choices are empty.
bool only_tells_usage(std::string_view data);

// Ends a stream of chat or completions in good order after `last`, the data of any of its events (id, object, model and
// so on are taken from there): an event with finish_reason "length" for each of the choices, and [DONE]. Complete
// server-sent events.
std::string cut_short(std::string_view last, std::size_t choices);

}  // namespace gatehouse::dialects::openai_chat
