#pragma once

#include <cstdint>

namespace gatehouse::llm {

// Tokens of one call as its provider counted them, brought to one meaning: `prompt_tokens` holds all of the input,
// cached and cache-written tokens and audio included; `completion_tokens` all of the output, reasoning and audio
// included. The others are parts of these two. `known` is false until a provider told something.
struct Usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  std::uint64_t total_tokens = 0;
  std::uint64_t cached_tokens = 0;       // of the prompt: read from the provider's cache
  std::uint64_t cache_write_tokens = 0;  // of the prompt: written to it
  std::uint64_t reasoning_tokens = 0;    // of the completion
  std::uint64_t prompt_audio_tokens = 0;
  std::uint64_t completion_audio_tokens = 0;
  bool known = false;

  bool operator==(const Usage&) const = default;
};

}  // namespace gatehouse::llm
