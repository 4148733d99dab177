#pragma once

#include <string_view>

#include "gatehouse/dialects/routes.h"

namespace gatehouse::dialects::openai_chat {

// The routes of OpenAI's API, as dialects::find_route.
ApiResult<Route> find_route(std::string_view method, std::string_view path);

}  // namespace gatehouse::dialects::openai_chat
