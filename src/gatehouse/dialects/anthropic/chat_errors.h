#pragma once

#include <string>
#include <string_view>

#include "gatehouse/llm/chat/answer.h"

namespace gatehouse::dialects::anthropic {

// Errors of providers in this dialect's words, either way (platform.claude.com/docs/en/api/errors).

std::string_view error_type(llm::ErrorKind kind);  // "overloaded_error"
int error_status(llm::ErrorKind kind);             // 529; what a 200 would have been
llm::ErrorKind kind_of_error(std::string_view type, int status, std::string_view message);

// {"type":"error","error":{"type","message"}}
std::string write_chat_error(const llm::ChatError& error);
// The inner object of it, with the status that the provider gave, or 0 in the middle of a stream.
llm::ChatError read_error_object(std::string_view raw, int status);
// A whole body: this dialect's own, as Vertex ({"error": {"code", "message", "status"}}) and Bedrock ({"message"}) put
// it, or anything else.
llm::ChatError read_error_body(std::string_view body, int status);

}  // namespace gatehouse::dialects::anthropic
