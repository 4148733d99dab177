#pragma once

#include "gatehouse/dialects/answer_walk.h"

// The texts of Gemini's answers, for the DeltaReader: a chunk of a stream has the shape of a whole answer. What a
// candidate says is one text that grows, what it thinks another; arguments of calls come whole, but for those that are
// streamed by their path (partialArgs).
namespace gatehouse::dialects::gemini {

// `body`: nothing of it goes on in another chunk.
bool read_answer_texts(AnswerWalk& walk, bool body);

}  // namespace gatehouse::dialects::gemini
