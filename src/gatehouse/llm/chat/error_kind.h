#pragma once

#include "gatehouse/llm/chat/answer.h"

namespace gatehouse::llm {

// What an HTTP status says by itself of an error, as servers of all dialects mean it: OpenAI's and Anthropic's lists,
// the gateways' 524 in front of them, Groq's 498 of a full tier. Below 400 it says nothing: `api`.
ErrorKind kind_of_status(int status);

// The status that OpenAI gives such an error; of an error that came after a 200 and told no status of its own.
int status_of(ErrorKind kind);

}  // namespace gatehouse::llm
