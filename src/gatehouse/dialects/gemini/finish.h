#pragma once

#include <string_view>

#include "gatehouse/llm/chat/answer.h"

namespace gatehouse::dialects::gemini {

// A finishReason's meaning (the twenty of @google/genai 3.1.0, and MODEL_ARMOR of Vertex). STOP is `stop` also behind
// calls: who reads knows whether there were any. A word that is not known is `error`: the answer has ended, and not in
// one of the ways that are fine.
llm::FinishReason finish_of(std::string_view word);
std::string_view finish_word(llm::FinishReason finish);

// Of two reasons that a stream gave one after the other the one that counts: STOP never takes the place of another.
bool supersedes(llm::FinishReason earlier, llm::FinishReason later);

}  // namespace gatehouse::dialects::gemini
