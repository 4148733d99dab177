#pragma once

#include "gatehouse/dialects/places.h"

// The places of OpenAI's requests and answers, those of the responses API too. After OpenAI's published OpenAPI
// document (version 2.3.0), and what servers like it and the clients of Mistral, OpenRouter and DeepSeek send besides.
namespace gatehouse::dialects::openai_chat {

const PlaceTable& places();
Place body_place(llm::Operation operation);

}  // namespace gatehouse::dialects::openai_chat
