#include "gatehouse/dialects/delivered.h"

#include "gatehouse/dialects/anthropic/answer_reading.h"
#include "gatehouse/dialects/gemini/answer_reading.h"
#include "gatehouse/dialects/openai_chat/delivered.h"
#include "gatehouse/dialects/wire.h"

namespace gatehouse::dialects {

void append_delivered(llm::Operation operation, std::string_view json, std::string& out) {
  switch (dialect_of(operation)) {
    case llm::Dialect::anthropic:
      return anthropic::append_delivered(json, out);
    case llm::Dialect::gemini:
      return gemini::append_delivered(json, out);
    default:
      return openai_chat::append_delivered(json, out);
  }
}

bool only_tells_usage(llm::Operation operation, std::string_view data) {
  const bool chunks = operation == llm::Operation::chat_completions || operation == llm::Operation::completions;
  return chunks && openai_chat::only_tells_usage(data);
}

}  // namespace gatehouse::dialects
