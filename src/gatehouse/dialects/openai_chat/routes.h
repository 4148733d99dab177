#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/openai_chat/errors.h"
#include "gatehouse/llm/operation.h"

namespace gatehouse::dialects::openai_chat {

struct Route {
  llm::Operation operation;
  std::string model;  // of model_get, percent-decoded; ids may hold slashes
};

// What a request asks for. `path` is the path of the target, without the query. Errors: unknown_route (404) for
// anything outside /v1/, with a hint where /v1 was forgotten; method_not_allowed (405) for a wrong method on an
// operation that the gateway reads itself. Other paths below /v1/ pass whatever their method.
ApiResult<Route> find_route(std::string_view method, std::string_view path);

}  // namespace gatehouse::dialects::openai_chat
