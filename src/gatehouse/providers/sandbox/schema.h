#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/json/value.h"

namespace gatehouse::providers::sandbox {

// Makes up a value that is valid for a JSON Schema (the part that OpenAI's structured outputs and tools use: type,
// properties, required, items, prefixItems, enum, const, default, anyOf, oneOf, allOf, $ref within the document,
// the bounds of numbers, lengths and item counts, the common formats; not `pattern`, `not`, `if`). Always the same one
// for the same schema and hint. Recursive schemas end early where they may. `hint` is what the user asked: words of it
// serve as queries, places and the like. Nothing if the schema is too large or too deep to be worked out in a bounded
// time, or cannot be satisfied.
std::optional<std::string> make_up(json::Value schema, std::string_view hint);

}  // namespace gatehouse::providers::sandbox
