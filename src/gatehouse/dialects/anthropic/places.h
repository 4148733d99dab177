#pragma once

#include "gatehouse/dialects/places.h"

// The places of Anthropic's requests and answers. After the types of its SDK 1.11 and its beta headers' additions.
namespace gatehouse::dialects::anthropic {

const PlaceTable& places();
Place body_place(llm::Operation operation);

}  // namespace gatehouse::dialects::anthropic
