#pragma once

#include <string_view>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/block.h"

// AWS Bedrock's Converse and ConverseStream as a dialect to translate into. What is written and read is the service's
// own model (botocore 1.43, bedrock-runtime); what single models take besides is in traits.h.
namespace gatehouse::dialects::bedrock {

// Immutable, shared by all threads, alive as long as the process.
//
// An event's name is the frame's :event-type, or "exception:" and its :exception-type (or :error-code). An event
// without a name is read as the union that the API model has: {"contentBlockDelta": {...}}.
const BackCodec& back();

// Whose opaque state a model of Bedrock reads and writes: Claude's is Anthropic's, all other is Bedrock's own. A name
// that tells nothing (the ARN of an application's inference profile) is other.
llm::Origin origin_of(std::string_view model);

}  // namespace gatehouse::dialects::bedrock
