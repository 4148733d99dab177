#pragma once

#include <string>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::gemini {

// FrontCodec::write_answer. A call whose arguments are no object is none that a client could make: it becomes the
// finishReason MALFORMED_FUNCTION_CALL and its message, unless the answer ended for a reason of its own.
std::string write_answer(const llm::ChatAnswer& answer, const Writing& writing);

// What is told as the answer's id where the provider gave none.
std::string made_response_id(const Writing& writing);
std::string made_call_id(const Writing& writing, std::size_t position);
// The reason to be told, where a call could not be written.
llm::FinishReason finish_with_malformed(llm::FinishReason finish);
// Whether the caller sees what the model thought. Clients know thoughts by their mark, so only a wish not to counts.
bool shows_thoughts(const Writing& writing);

}  // namespace gatehouse::dialects::gemini
