#pragma once

#include "gatehouse/dialects/answer_walk.h"

// The texts of Anthropic's answers, for the DeltaReader. The channel of a text is its block: choice is the block's
// index, in a stream and in a whole message.
namespace gatehouse::dialects::anthropic {

// One event's data, at which `walk` stands.
bool read_event_texts(std::string_view data, AnswerWalk& walk);

// A message. `whole`: nothing of it is told again.
bool read_message_texts(AnswerWalk& walk, bool whole);

}  // namespace gatehouse::dialects::anthropic
