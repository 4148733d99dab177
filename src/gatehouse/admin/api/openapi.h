#pragma once

#include <string>
#include <string_view>

namespace gatehouse::admin {

// The OpenAPI 3.1 document of Api::routes(), as JSON. Made once.
std::string openapi_document(std::string_view version);

}  // namespace gatehouse::admin
