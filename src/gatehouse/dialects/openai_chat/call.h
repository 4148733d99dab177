#pragma once

#include "gatehouse/dialects/call.h"

namespace gatehouse::dialects::openai_chat {

// A body of chat_completions, completions or embeddings.
ApiResult<Call> read_call(llm::Operation operation, std::string_view body);

// A body of any other of OpenAI's operations: as dialects::read_model.
ApiResult<Call> read_model(std::string_view body);

}  // namespace gatehouse::dialects::openai_chat
