#include "gatehouse/dialects/call.h"

#include "gatehouse/dialects/openai_chat/call.h"
#include "gatehouse/dialects/wire.h"

namespace gatehouse::dialects {

ApiResult<Call> read_call(llm::Dialect /*dialect*/, llm::Operation operation, std::string_view body) {
  return openai_chat::read_call(operation, body);
}

ApiResult<Call> read_call(llm::Operation operation, std::string_view body) {
  return read_call(dialect_of(operation), operation, body);
}

ApiResult<Call> read_model(std::string_view body) { return openai_chat::read_model(body); }

}  // namespace gatehouse::dialects
