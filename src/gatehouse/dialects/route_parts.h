#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/dialects/api_error.h"

// What the tables of routes have in common. For this room only.
namespace gatehouse::dialects {

// RFC 3986 section 2.1; nothing for a % without two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

// What of the request line is given back in a message: enough to see the mistake.
std::string shown(std::string_view text);

// method_not_allowed, with the methods that are.
std::unexpected<ApiError> wrong_method(std::string_view method, std::string_view path, std::string_view allow);

// A model's name out of a path, decoded. Error: invalid_request.
ApiResult<std::string> model_of_path(std::string_view encoded);

// The part of a path before its first slash.
inline std::string_view first_segment(std::string_view path) { return path.substr(0, path.find('/')); }

}  // namespace gatehouse::dialects
