#pragma once

#include <string_view>

#include "gatehouse/dialects/openai_chat/chat_decoder.h"

// What both files of the decoder know of a chunk: members as written, null ones empty.
namespace gatehouse::dialects::openai_chat {

struct ChatDecoder::RawChoice {
  std::string_view index, delta, message, finish, native, stop_reason, logprobs, error;
  llm::Extras extras;
};

struct ChatDecoder::RawDelta {
  std::string_view content, refusal, tool_calls, function_call, audio, images, annotations, extra_content;
  std::string_view reasoning_content, reasoning, reasoning_details;
};

}  // namespace gatehouse::dialects::openai_chat
