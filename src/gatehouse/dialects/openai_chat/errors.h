#pragma once

#include <string>

#include "gatehouse/dialects/api_error.h"

namespace gatehouse::dialects::openai_chat {

// {"error":{"message","type","param","code"}}: `code` is the slug of base/error.h, `type` as OpenAI's API gives it for
// the same status. The status to send with it is `error.http_status()`.
std::string error_body(const ApiError& error);

// The same as the last event of a stream whose 200 has gone out already: `data: {"error":...}\n\n`. No [DONE] may
// follow: OpenAI's clients raise on `error`, and [DONE] would say that the answer is whole.
std::string error_event(const ApiError& error);

}  // namespace gatehouse::dialects::openai_chat
