#pragma once

#include <optional>
#include <string_view>

#include "gatehouse/dialects/routes.h"

namespace gatehouse::dialects::anthropic {

// The routes of Anthropic's API: /v1/messages and what is below it, whoever asks; of one who says that he speaks it
// (anthropic-version) files, too. Nothing for any other path, which is for OpenAI's table.
std::optional<ApiResult<Route>> find_route(std::string_view method, std::string_view path, bool says_so);

}  // namespace gatehouse::dialects::anthropic
