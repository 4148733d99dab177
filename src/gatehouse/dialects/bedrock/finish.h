#pragma once

#include <string>
#include <string_view>

#include "gatehouse/llm/chat/answer.h"

// What whole answers and streams have in common.
namespace gatehouse::dialects::bedrock {

// `stopReason`; `called`: the answer holds calls that the caller has to run. A word that is not known counts by that.
llm::FinishReason finish_of(std::string_view stop_reason, bool called);

// The stop sequence that was met, out of additionalModelResponseFields; empty: none told.
std::string stop_sequence_of(std::string_view fields);

// A Citation of the API; `raw` is its JSON object.
llm::Citation citation_of(std::string_view raw);

// The state of a blob that a Claude redacted: base64 of what Anthropic's own API calls its data. Of other models it
// stays as it is.
llm::Opaque redacted_of(std::string_view base64, llm::Origin origin);

// An exception by its name ("throttlingException", "com.amazon...#ThrottlingException"); of one that is not known by
// `status`. `body`: its JSON, may be anything.
llm::ChatError error_of(std::string_view name, int status, std::string_view body);
// The status of an exception by its name; 500 where it is not known.
int status_of(std::string_view name);

}  // namespace gatehouse::dialects::bedrock
