#include "gatehouse/dialects/call.h"

#include "gatehouse/dialects/anthropic/call_reader.h"
#include "gatehouse/dialects/gemini/call_reader.h"
#include "gatehouse/dialects/openai_chat/call.h"
#include "gatehouse/dialects/wire.h"

namespace gatehouse::dialects {

ApiResult<Call> read_call(llm::Dialect dialect, llm::Operation operation, std::string_view body) {
  switch (dialect) {
    case llm::Dialect::anthropic:
      return anthropic::read_call(operation, body);
    case llm::Dialect::gemini:
      return gemini::read_call(operation, body);
    default:
      return openai_chat::read_call(operation, body);
  }
}

ApiResult<Call> read_call(llm::Operation operation, std::string_view body) {
  return read_call(dialect_of(operation), operation, body);
}

ApiResult<Call> read_model(std::string_view body) { return openai_chat::read_model(body); }

}  // namespace gatehouse::dialects
