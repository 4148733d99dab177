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
  std::size_t schema_depth = 64;
  std::size_t answer_bytes = std::size_t{4} << 20;
  std::size_t steps = 2'000'000;  // keywords applied in one check, and values compared
};

// A JSON Schema that an answer's text must satisfy: the operator's, or the request's own (`response_format`). Compiled
// from untrusted text; immutable and shared by all threads. README.md says which keywords are known.
class AnswerSchema {
 public:
  // Errors: invalid_request with the place in the schema; too_large.
  static Result<std::shared_ptr<const AnswerSchema>> compile(std::string_view schema, const SchemaLimits& limits = {});
  virtual ~AnswerSchema() = default;

  // Whether `answer`, JSON, satisfies it. Error content_blocked: where (a JSON pointer, RFC 6901) and what is wrong;
  // never a value of the answer, and no name of a member that the schema does not name. too_large: a bound was reached.
  virtual Result<> check(std::string_view answer) const = 0;
};

// What to tell a model whose answer was wrong, as the last message of one more request. `error` is that of `check`.
std::string repair_message(const Error& error);

}  // namespace gatehouse::guard
