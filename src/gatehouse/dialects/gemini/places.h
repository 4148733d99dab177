#pragma once

#include "gatehouse/dialects/places.h"

// The places of Gemini's requests and answers, in both spellings that Google's parser takes. After the types of
// Google's SDK 3.1 (@google/genai) and the API's reference (ai.google.dev/api).
namespace gatehouse::dialects::gemini {

const PlaceTable& places();
Place body_place(llm::Operation operation);

}  // namespace gatehouse::dialects::gemini
