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

  // Parts that few providers tell and fewer charge apart; zero where untold.
  std::uint64_t cache_write_1h_tokens = 0;  // of the cache-written: kept for an hour instead of five minutes
  std::uint64_t cached_audio_tokens = 0;    // of the cached, and of the prompt's audio
  std::uint64_t cached_image_tokens = 0;    // of the cached, and of the prompt's images
  std::uint64_t prompt_image_tokens = 0;
  std::uint64_t prompt_video_tokens = 0;
  std::uint64_t completion_image_tokens = 0;
  std::uint64_t completion_video_tokens = 0;
  std::uint64_t citation_tokens = 0;  // of the completion
  // What is not counted in tokens.
  std::uint64_t web_searches = 0;
  std::uint64_t file_searches = 0;
  std::uint64_t pages = 0;          // of documents read (OCR)
  std::uint64_t audio_seconds = 0;  // of sound, either way, where it is charged by time; started seconds count
  std::uint64_t images = 0;         // made, where they are charged each

  bool operator==(const Usage&) const = default;
};

}  // namespace gatehouse::llm
