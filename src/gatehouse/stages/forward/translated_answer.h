#pragma once

#include <cstddef>
#include <memory>

#include "gatehouse/pipeline/event_source.h"
#include "gatehouse/pipeline/translation.h"
#include "gatehouse/stages/forward/framer.h"

namespace gatehouse::stages {

// A provider's answer in its caller's dialect, as a stream or whole, whichever the caller asked for: what comes the
// other way round is put together, or told in one go. An error that the provider tells in the middle of its stream ends
// the caller's the way its dialect says so. The translation outlives the source.

// From a body that comes whole. `streams`: the caller wants events.
std::unique_ptr<pipeline::EventSource> translate_whole(std::unique_ptr<pipeline::EventSource> body,
                                                       pipeline::Translation& translation, bool streams);

// From a stream; `bytes` gives its pieces with the framing on. `event_limit` and `answer_limit` in bytes.
std::unique_ptr<pipeline::EventSource> translate_stream(std::unique_ptr<pipeline::EventSource> bytes,
                                                        std::unique_ptr<Framer> framer,
                                                        pipeline::Translation& translation, bool streams,
                                                        std::size_t answer_limit);

}  // namespace gatehouse::stages
