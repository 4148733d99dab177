#pragma once

#include <string_view>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/llm/chat/request.h"

// For the codec alone: FrontCodec::read_request (request_reader.cc).
namespace gatehouse::dialects::openai_responses {

ApiResult<llm::ChatRequest> read_request(std::string_view body);

// What marks the message that was `instructions`.
inline constexpr std::string_view kInstructions = "instructions";
bool is_instructions(const llm::Message& message);

}  // namespace gatehouse::dialects::openai_responses
