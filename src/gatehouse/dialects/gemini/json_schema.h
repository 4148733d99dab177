#pragma once

#include <string>
#include <string_view>

namespace gatehouse::dialects::gemini {

// A JSON Schema as parametersJsonSchema and responseJsonSchema take it (ai.google.dev/api/caching#FunctionDeclaration,
// ai.google.dev/api/generate-content#GenerationConfig): `const` becomes an enum of one, and what stands beside a $ref,
// which may have no neighbours, goes around it. All else stays as it is; types in lists, $defs and recursion are
// taken. `checked` is JSON that was checked before.
std::string gemini_schema_of(std::string_view checked);

}  // namespace gatehouse::dialects::gemini
