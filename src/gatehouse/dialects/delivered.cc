#include "gatehouse/dialects/delivered.h"

#include "gatehouse/dialects/openai_chat/delivered.h"

namespace gatehouse::dialects {

void append_delivered(llm::Operation /*operation*/, std::string_view json, std::string& out) {
  openai_chat::append_delivered(json, out);
}

bool only_tells_usage(llm::Operation operation, std::string_view data) {
  const bool chunks = operation == llm::Operation::chat_completions || operation == llm::Operation::completions;
  return chunks && openai_chat::only_tells_usage(data);
}

}  // namespace gatehouse::dialects
