#pragma once

#include <string_view>

#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects::anthropic {

// The words of answers, whole and streamed, either way.

// A word that is not known, or none, counts as `stop`.
llm::FinishReason finish_from(std::string_view stop_reason);
// Empty: the answer has ended with an error, for which there is no word. Calls of tools override a plain stop only.
std::string_view stop_reason_of(llm::FinishReason finish, bool called_tools);

// As an object. Tokens of the prompt are told without those read from the cache or written to it. `whole`: with what
// only the first account of a message has, the split of what was written.
void write_usage(json::Writer& out, const llm::Usage& usage, bool whole, std::string_view service_tier);

// {"type": "refusal", ...} or null.
void write_stop_details(json::Writer& out, std::string_view stop_reason);

// One that is Anthropic's own goes as it came, others as the nearest kind.
void write_citation(json::Writer& out, const llm::Citation& citation);

// Arguments of a call as an object, which they have to be.
void write_input(json::Writer& out, llm::ToolKind kind, std::string_view arguments);

}  // namespace gatehouse::dialects::anthropic
