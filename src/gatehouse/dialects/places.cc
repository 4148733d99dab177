#include "gatehouse/dialects/places.h"

#include "gatehouse/dialects/openai_chat/places.h"

namespace gatehouse::dialects {

const PlaceTable& place_table(llm::Dialect /*dialect*/) { return openai_chat::places(); }

Place body_place(llm::Dialect /*dialect*/, llm::Operation operation) { return openai_chat::body_place(operation); }

}  // namespace gatehouse::dialects
