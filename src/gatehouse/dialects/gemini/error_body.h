#pragma once

#include <string>
#include <string_view>

#include "gatehouse/llm/chat/answer.h"

// Errors as google.rpc.Status has them (google.aip.dev/193; cloud.google.com/apis/design/errors), of providers and for
// callers of Gemini.
namespace gatehouse::dialects::gemini {

// {"error": {...}} of a body or an event, also in a list of one, as streams that are no server-sent events begin.
// `status` is the answer's, 0 where it came after a 200: then the error's own code counts. What is no such object, or
// no JSON, says what its status says.
llm::ChatError read_error(int status, std::string_view body);

// {"error": {...}}
std::string write_error(const llm::ChatError& error);

// The status that a caller of this dialect knows for it: the error's own, but for codes that Google does not use.
int status_of(const llm::ChatError& error);

}  // namespace gatehouse::dialects::gemini
