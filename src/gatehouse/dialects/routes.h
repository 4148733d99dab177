#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"

namespace gatehouse::dialects {

struct Route {
  llm::Operation operation = llm::Operation::passthrough;
  llm::Dialect dialect = llm::Dialect::openai_chat;  // the caller's
  std::string model;                                 // that the path names, percent-decoded; ids may hold slashes
  bool upload = false;                               // a step of a resumable upload (gemini/upload.h)
};

// What of a request's fields tells the dialect where the path does not.
struct CallerSigns {
  bool anthropic = false;  // anthropic-version is given
  bool google = false;     // x-goog-api-key is given, or a key in the query
};
CallerSigns signs_of(bool anthropic_version, bool goog_api_key, std::string_view query);

// The dialect in which somebody speaks who asks for `path`, whether or not there is such a route: for refusals.
llm::Dialect dialect_of_path(std::string_view path, CallerSigns signs = {});

// What a request asks for. `path` is the path of the target, without the query. Errors: unknown_route (404) for
// anything outside /v1/, /v1beta/ and /upload/, with a hint where /v1 was forgotten; method_not_allowed (405)
// for a wrong method on an operation that the gateway reads itself. Other paths below /v1/ pass whatever their method.
ApiResult<Route> find_route(std::string_view method, std::string_view path, CallerSigns signs = {});

}  // namespace gatehouse::dialects
