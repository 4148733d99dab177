#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::guard {

struct SchemaLimits {
  std::size_t schema_bytes = std::size_t{256} << 10;
  std::size_t schema_nodes = 10'000;  // subschemas
  std::size_t schema_depth = 64;      // of subschemas inside each other
  std::size_t patterns = 256;         // regular expressions, of at most kLongestPattern bytes each
  std::size_t answer_bytes = std::size_t{4} << 20;
  std::size_t steps = 2'000'000;  // of one check: keywords applied, values compared, strings by their length

  static constexpr std::size_t kLongestPattern = 1024;
};

// A JSON Schema that an answer's text must satisfy: the operator's, or the request's own (`response_format`). Compiled
// from untrusted text; immutable and shared by all threads. Draft-07 and those words of 2020-12 that README.md lists;
// what would change the verdict and is not known is refused, not passed over. Nothing is fetched.
class AnswerSchema {
 public:
  // Errors: invalid_request (the place in the schema as a JSON pointer, and what is wrong), unsupported, too_large.
  static Result<std::shared_ptr<const AnswerSchema>> compile(std::string_view schema, const SchemaLimits& limits = {});
  virtual ~AnswerSchema() = default;

  // Whether `answer`, which is to be JSON and nothing else, satisfies it. Errors: content_blocked: the first place that
  // does not (a JSON pointer, RFC 6901) and what is wrong: never a value of the answer, and of its members' names only
  // those that the schema has ("*" stands for others). too_large: a bound was reached before it was known.
  virtual Result<> check(std::string_view answer) const = 0;

  // As it was given.
  virtual std::string_view source() const = 0;
};

// The schema in a request's own demand for structured output, given as raw JSON: `response_format` of OpenAI's chat
// completions, `text.format` of its responses, or a schema inside {"type":"json_schema", "schema":...}. For
// {"type":"json_object"} one that asks for an object. Empty: none is asked for.
std::string_view requested_schema(std::string_view format);

// What to tell a model whose answer was wrong, as the last message of one more request. `error` is that of `check`.
// `schema`: JSON that it was not told before; empty, or longer than kMostShownSchema bytes: it is not told now either.
inline constexpr std::size_t kMostShownSchema = std::size_t{16} << 10;
std::string repair_message(const Error& error, std::string_view schema = {});

}  // namespace gatehouse::guard
