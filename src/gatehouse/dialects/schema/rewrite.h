#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::dialects {

// The subset of JSON Schema that a provider takes, for tools' arguments and for answers.
enum class SchemaSubset : std::uint8_t {
  full,  // as it is (Gemini's *JsonSchema members, Bedrock's tools, servers like OpenAI's that are not strict)
  anthropic_output,  // output_config.format and strict tools: closed objects, no limits of numbers and lengths
  openai_strict,     // strict tools and formats: closed objects, every property required
  gemini_openapi,    // responseSchema and parameters: OpenAPI 3.0's, no references
  cohere,            // response_format and strict tools
};

struct RewrittenSchema {
  std::string json;
  bool wrapped = false;  // the root had to become an object: what was asked for stands in its member "value"
  bool changed = false;  // it says less than before; what it no longer says stands in descriptions
};

// The schema in that subset. What the subset has no word for is moved into the description of its place; references are
// resolved where there are none ($defs, definitions, pointers, anchors; a recursive one is cut at the third level and
// says so; OpenAI's keeps them, under $defs); `const` becomes an enum, lists of types and oneOf an anyOf, allOf one
// schema. A place that may hold anything becomes one of the scalars. Properties keep their order; what fits already is
// written back as the same JSON again. `changed` does not count what is only said otherwise (oneOf, closed objects that
// were not told to be open, nullable for optional, a default in the description).
//
// `root_must_be_object`: a root that may be something else is wrapped (answers come out of it with unwrap.h); of a
// tool's arguments that would be another tool, so there `wrapped` is a reason to refuse. With `full` the root's type is
// written out, and a reference at the root resolved: providers look for "type": "object".
//
// Errors (invalid_request): no JSON object, a reference that leads nowhere, no value left that is valid; too_large:
// more than kMostSchemaNodes places after resolving, or deeper than kMostSchemaDepth.
Result<RewrittenSchema> rewrite_schema(std::string_view schema, SchemaSubset subset, bool root_must_be_object);

inline constexpr std::size_t kMostSchemaNodes = 20'000;
inline constexpr std::size_t kMostSchemaDepth = 64;

}  // namespace gatehouse::dialects
