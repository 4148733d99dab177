#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/answer_reader.h"

// Under answer_reader.h and delivered.h: what Gemini's answers tell. A chunk of a stream is a whole answer in form.
namespace gatehouse::dialects::gemini {

// Adds what a chunk, or a whole answer, tells. `whole`: nothing follows it.
void read_answer(std::string_view json, AnswerFacts& facts, bool whole);

// The text that the model wrote.
void append_delivered(std::string_view json, std::string& out);

}  // namespace gatehouse::dialects::gemini
