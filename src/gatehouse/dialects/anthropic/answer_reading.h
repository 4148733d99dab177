#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/answer_reader.h"

// Under answer_reader.h and delivered.h: what Anthropic's answers tell.
namespace gatehouse::dialects::anthropic {

// Whether an event of a stream may tell anything but more of its text: worth to be read once content was seen.
bool tells_something(std::string_view data);

// Adds what an event's data, or a whole message, tells.
void read_answer(std::string_view json, AnswerFacts& facts);

// The text that the model wrote, of an event's data or of a whole message.
void append_delivered(std::string_view json, std::string& out);

}  // namespace gatehouse::dialects::anthropic
