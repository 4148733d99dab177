#pragma once

#include <string_view>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::anthropic {

// A Messages request (also one that only counts tokens) as a conversation. A user's turn becomes a message of the tools
// for the results in it and a message of the user for the rest. `param` of an error is a path with dots as this API
// writes them ("messages.0.content.1.text").
ApiResult<llm::ChatRequest> read_messages_request(std::string_view body);

// As the API has it.
inline constexpr std::size_t kMostMessages = 100'000;
inline constexpr std::size_t kMostTools = 10'000;

}  // namespace gatehouse::dialects::anthropic
