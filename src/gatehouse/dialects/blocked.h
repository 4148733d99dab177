#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/dialects/deltas.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::dialects {

// How a whole answer ends that a guard stopped (a stream: stream_end.h). A free function, any thread.

// A whole body that keeps the first `kept[i]` bytes of the text of `deltas[i]` (those that a DeltaReader found in it,
// in its order) and says that it was stopped: finish_reason "content_filter" of the choices of which something is cut,
// of a response the status "incomplete" with that reason, of a message stop_reason "refusal", of Gemini's candidates
// finishReason "SAFETY". Calls of tools that are cut are taken out, so that nobody
// makes them with half their arguments; so are logprobs of what is cut.
std::string blocked_body(llm::Operation operation, std::string_view body, std::span<const llm::Delta> deltas,
                         std::span<const Logprobs> logprobs, std::span<const std::size_t> kept);

}  // namespace gatehouse::dialects
