#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/dialects/routes.h"

namespace gatehouse::dialects::gemini {

// The routes of Gemini's API: all below /v1beta/ and /upload/, and of /v1/models/ those that end in a method of
// Google's
// (":generateContent"). `says_so`: what others have too, /v1/files and /v1/batches, is Google's as well. Nothing for
// any other path.
std::optional<ApiResult<Route>> find_route(std::string_view method, std::string_view path, bool says_so = false);

// The value of the credential in a query (`key=`), percent-decoded; empty: there is none. `twice`: there are two that
// differ.
std::string query_key(std::string_view query, bool& twice);

// Whether the caller of streamGenerateContent wants server-sent events (`alt=sse`); else it is a JSON array.
bool wants_events(std::string_view query);

}  // namespace gatehouse::dialects::gemini
