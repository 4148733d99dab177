#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/dialect.h"

// What a caller's SDK takes for granted on the wire, looked for in the bytes themselves: beside the codecs, which read
// generously. Of the vendors' API references (OpenAI's chat completions and responses, Anthropic's messages, Gemini's
// generateContent). Pure; only the four dialects that callers speak. Errors: upstream_protocol, what is wrong.
namespace gatehouse::app::selftest {

struct StreamEvent {
  std::string name{};  // empty: the event has none
  std::string data{};
};

// A whole answer with a status below 400.
Result<> check_answer(llm::Dialect dialect, std::string_view body);
// The body of a status from 400 on.
Result<> check_error(llm::Dialect dialect, int status, std::string_view body);
// All bytes of a stream of server-sent events: whole, in order, ended as the dialect ends, with its usage. The events,
// without comments.
Result<std::vector<StreamEvent>> check_stream(llm::Dialect dialect, std::string_view bytes);

}  // namespace gatehouse::app::selftest
