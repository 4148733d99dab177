#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/answer.h"

// Response objects and errors, whole and at the end of streams. For the codec alone.
namespace gatehouse::dialects::openai_responses {

// Whether it is JSON in valid UTF-8, a lone surrogate escape allowed: models write such, and everybody's parsers take
// them.
bool is_readable(std::string_view json);

// What a response object says beside its output. Views into it.
struct ResponseHead {
  std::string id, model, service_tier;
  std::int64_t created = 0;
  std::string status;             // empty: not told
  std::string incomplete_reason;  // empty: none
  std::string_view error;         // the object; empty: none
  std::string_view usage;         // the same
  std::string_view output;        // the array, brackets included; empty: none
  llm::Extras extras;             // what is neither known nor the request's own
  bool read = false;              // it is a JSON object
};
// One walk.
ResponseHead read_response(std::string_view raw);

// Why the answer ended. `calls`: it calls tools of the caller.
llm::FinishReason finish_of(const ResponseHead& head, bool calls);
std::string_view native_finish_of(const ResponseHead& head);

// An error object ({"message","type","param","code"} or one with fewer of these), with the status that it came with;
// 200 where it came after one.
llm::ChatError read_error_object(int status, std::string_view raw);

Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading);
llm::ChatError read_error(int status, std::string_view body);

// The name that the caller has for a tool.
std::string_view callers_name(const Rewrites& rewrites, std::string_view sent);

}  // namespace gatehouse::dialects::openai_responses
