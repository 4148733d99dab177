#pragma once

#include <cstddef>

#include "gatehouse/dialects/codec.h"

// Gemini's generateContent and streamGenerateContent (ai.google.dev/api/generate-content; the types of @google/genai
// 3.1.0), translated from and to; Vertex AI's publishers/google models speak the same. How it lies in a canonical
// conversation:
//
// - Members are read in lowerCamelCase and in snake_case, a single object where a list is expected: protobuf's JSON
//   takes both, and clients send both.
// - Contents of the model that stand together are one assistant's message (its official clients keep a streamed answer
//   as one content a chunk), its neighbouring texts one block. A functionResponse is a tool's message wherever it
//   stands. Calls without an id get one, and results find theirs by name and order.
// - A `thought` part is Reasoning, a summary. Its thoughtSignature, and that of texts and calls, is state of
//   Origin::gemini. State of others lies in the same place, in an envelope (state.h): it has to be base64 there.
// - Parts, members and tools that only this dialect knows are Foreign blocks, extras ("generationConfig.speechConfig",
//   named by their path) and provider tools.
//
// Codecs are immutable and thread-safe. A decoder's events refer to the event's data as well: keep it until the next
// call.
namespace gatehouse::dialects::gemini {

const FrontCodec& front();
const BackCodec& back();

// Of a request: more is refused.
inline constexpr std::size_t kMostBlocks = 65'536;
// Of a stream that is written: arguments and media that wait for their end, which Gemini has only whole.
inline constexpr std::size_t kMostPending = std::size_t{16} << 20;
// Of a stream that is read: arguments of a call that come in pieces.
inline constexpr std::size_t kMostPartialArguments = std::size_t{4} << 20;

}  // namespace gatehouse::dialects::gemini
