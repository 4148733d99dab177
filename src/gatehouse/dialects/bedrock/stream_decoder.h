#pragma once

#include <memory>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::bedrock {

// Reads ConverseStream. A block begins with contentBlockStart only where it is a call, a result or an image; texts and
// thinking begin with their first delta. The usage comes behind messageStop, in `metadata`, and ends the stream;
// without it the end of the stream does, if messageStop was there. An exception's frame ends it as an error.
std::unique_ptr<EventDecoder> make_stream_decoder(const Reading& reading);

}  // namespace gatehouse::dialects::bedrock
