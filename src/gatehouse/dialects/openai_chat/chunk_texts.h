#pragma once

#include "gatehouse/dialects/answer_walk.h"

// The texts of answers of chat and completions, for the DeltaReader.
namespace gatehouse::dialects::openai_chat {

// A chunk's data at which `walk` stands, or a whole body.
bool read_chunk_texts(AnswerWalk& walk, bool body);

}  // namespace gatehouse::dialects::openai_chat
