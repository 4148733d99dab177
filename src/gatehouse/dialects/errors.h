#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/llm/dialect.h"

// Errors of ours in the caller's dialect. Free functions, any thread.
namespace gatehouse::dialects {

// A whole body. The status to send with it is `error.error.http_status()`.
std::string error_body(llm::Dialect dialect, const ApiError& error);

// The same as the last event of a stream whose 200 has gone out already: a complete server-sent event, after which the
// stream breaks off. What needs to know the stream so far is StreamEnd::error_ending (stream_end.h).
std::string error_event(llm::Dialect dialect, const ApiError& error);

// What is said to a person: the detail, or where nobody wrote one a sentence about the code.
std::string_view message_of(const Error& error);

}  // namespace gatehouse::dialects
