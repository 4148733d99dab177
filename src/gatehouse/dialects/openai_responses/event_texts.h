#pragma once

#include <string_view>

#include "gatehouse/dialects/answer_walk.h"

// The texts of answers of the responses API, for the DeltaReader. A text's channel (choice: output_index,
// kind, part) is the same in its deltas, in its `done` event, in the events that repeat its part and its item, and in
// the response at the end. Event types that are not known are read by their shape: a string `delta` grows.
namespace gatehouse::dialects::openai_responses {

// One event's data, at which `walk` stands.
bool read_event_texts(std::string_view data, AnswerWalk& walk);

// A response object. `echo`: it comes before anything was generated, so that all it holds is the request's.
bool read_response_texts(AnswerWalk& walk, bool echo);

}  // namespace gatehouse::dialects::openai_responses
