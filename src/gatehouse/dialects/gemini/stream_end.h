#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects::gemini {

// The chunk that ends a stream before its provider does: a finish reason (as Gemini calls it) for each candidate, the
// usage, and of `last`, the data of any of its chunks, what identifies the stream. A complete server-sent event.
std::string end_stream(std::string_view last, std::size_t candidates, std::string_view reason, const llm::Usage& usage);

}  // namespace gatehouse::dialects::gemini
