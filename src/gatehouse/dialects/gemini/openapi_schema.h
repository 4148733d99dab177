#pragma once

#include <string>
#include <string_view>

namespace gatehouse::dialects::gemini {

// A schema of Gemini's (`parameters`, `responseSchema`: the subset of OpenAPI 3.0, types in capitals, limits in quotes,
// `nullable`) as JSON Schema. What is JSON Schema already stays as it is; so does what is not known. `checked` is JSON
// that was checked before; what is no object comes back as "{}".
std::string json_schema_of(std::string_view checked);

}  // namespace gatehouse::dialects::gemini
