#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/llm/usage.h"

// What a response object holds beside its output. For the codec alone.
namespace gatehouse::dialects::openai_responses {

// The members that repeat the request, with a comma behind each, as OpenAI fills them where nothing was said.
std::string echo_of(const llm::ChatRequest& request);

// A usage object, or null.
void write_usage(std::string& out, const llm::Usage& usage);

// In OpenAI's words: "rate_limit_error" ... and a code where the provider gave none.
std::string_view type_of(llm::ErrorKind kind);
std::string_view code_of(const llm::ChatError& error);
std::string_view message_of(const llm::ChatError& error);

// {"error":{"message","type","param","code"}}
std::string write_error(const llm::ChatError& error);

}  // namespace gatehouse::dialects::openai_responses
