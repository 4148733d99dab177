#pragma once

#include "gatehouse/dialects/call.h"

namespace gatehouse::dialects::anthropic {

// A body of messages or count_tokens. After the types of Anthropic's SDK 1.11.
ApiResult<Call> read_call(llm::Operation operation, std::string_view body);

}  // namespace gatehouse::dialects::anthropic
