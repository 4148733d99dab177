#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/api_error.h"

namespace gatehouse::dialects {

// The model that the query of GET /v1/realtime asks for, decoded: `model`, or Azure's `deployment`. `api-version` is
// the gateway's affair and is not looked at. Errors (invalid_request): no model, two of them, and any other parameter,
// which a provider might read as a model where we did not. Free of state, any thread.
ApiResult<std::string> realtime_model(std::string_view query);

}  // namespace gatehouse::dialects
