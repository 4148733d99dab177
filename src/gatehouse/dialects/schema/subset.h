#pragma once

#include "gatehouse/dialects/schema/place.h"
#include "gatehouse/dialects/schema/rewrite.h"

namespace gatehouse::dialects::schema {

// Makes a place, and all in it, sayable in the subset: what has no word there becomes a note. Not of `full`. True:
// something was moved into a note. Fitting what fits changes nothing.
//
// Sources: Anthropic's "Structured outputs" (JSON Schema limitations), OpenAI's "Structured outputs" (supported
// schemas), the Schema object of Gemini's and Vertex's reference, Cohere's "Structured Outputs" (parameter types).
bool fit(Place& place, SchemaSubset subset);

// Appends a fitted place; `definitions` are fitted too, and written into it.
void write(const Place& place, SchemaSubset subset, const std::vector<std::pair<std::string_view, Place>>& definitions,
           std::string& out);

}  // namespace gatehouse::dialects::schema
