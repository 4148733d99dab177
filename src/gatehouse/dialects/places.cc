#include "gatehouse/dialects/places.h"

#include "gatehouse/dialects/anthropic/places.h"
#include "gatehouse/dialects/gemini/places.h"
#include "gatehouse/dialects/openai_chat/places.h"

namespace gatehouse::dialects {

const PlaceTable& place_table(llm::Dialect dialect) {
  switch (dialect) {
    case llm::Dialect::anthropic:
      return anthropic::places();
    case llm::Dialect::gemini:
      return gemini::places();
    default:
      return openai_chat::places();
  }
}

Place body_place(llm::Dialect dialect, llm::Operation operation) {
  switch (dialect) {
    case llm::Dialect::anthropic:
      return anthropic::body_place(operation);
    case llm::Dialect::gemini:
      return gemini::body_place(operation);
    default:
      return openai_chat::body_place(operation);
  }
}

}  // namespace gatehouse::dialects
