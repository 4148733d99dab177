#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/guard/schema/answer_schema.h"

// The schema, a zero byte, the answer. Both are untrusted. Who says too_large has counted; all else must be the same
// every time, and an error must not tell the answer's values.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\0');
  if (end == std::string_view::npos) return 0;
  guard::SchemaLimits limits;
  limits.steps = 20'000;
  const auto schema = guard::AnswerSchema::compile(input.substr(0, end), limits);
  if (!schema) return 0;
  const std::string_view answer = input.substr(end + 1);
  const auto first = (*schema)->check(answer);
  const auto second = (*schema)->check(answer);
  if (first.has_value() != second.has_value()) std::abort();
  if (!first) {
    if (first.error().code != Code::content_blocked && first.error().code != Code::too_large) std::abort();
    if (first.error().detail != second.error().detail) std::abort();
    if (guard::repair_message(first.error()).empty()) std::abort();
  }
  guard::requested_schema(answer);
  return 0;
}
