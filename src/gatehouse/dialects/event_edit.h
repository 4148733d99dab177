#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/dialects/deltas.h"
#include "gatehouse/json/string_map.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::dialects {

// What is done to the texts of an event, or of a whole body, before it is released. The deltas and the logprobs are
// those that a DeltaReader found in `data`, in its order. Free functions, any thread.

struct DeltaEdit {
  std::size_t delta = 0;  // which, ascending
  // In its decoded text; those of one delta go up in `begin`. A character that is touched goes whole.
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view replacement;
};

// The data with the edits made. Logprobs of an edited choice (and part) are taken out.
std::string edit_event(std::string_view data, std::span<const llm::Delta> deltas, std::span<const Logprobs> logprobs,
                       std::span<const DeltaEdit> edits);

// The data without any logprobs, for policies that do not let them pass.
std::string strip_logprobs(std::string_view data, std::span<const Logprobs> logprobs);

struct SplitEvent {
  std::string first;   // what may go out: of each text the part before its offset
  std::string second;  // the rest, and what must come once and last: finish reason, usage, logprobs
};
// Cuts one event of a stream in two that say the same: `released[i]` bytes of the text of `deltas[i]` go with the
// first. Cuts within a character are moved to its beginning. Nothing where the event cannot be cut: it repeats a whole
// text, or is not of a kind whose text grows.
std::optional<SplitEvent> split_event(llm::Operation operation, std::string_view data,
                                      std::span<const llm::Delta> deltas, std::span<const Logprobs> logprobs,
                                      std::span<const std::size_t> released);

}  // namespace gatehouse::dialects
