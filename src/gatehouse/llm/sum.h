#pragma once

#include <cstdint>

#include "gatehouse/llm/cost.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::llm {

// What several calls together used and cost. A usage is known where one of them is. Providers tell the counts: what is
// too much for a number is the largest.
inline void add(Usage& sum, const Usage& more) {
  for (const auto part : {&Usage::prompt_tokens,
                          &Usage::completion_tokens,
                          &Usage::total_tokens,
                          &Usage::cached_tokens,
                          &Usage::cache_write_tokens,
                          &Usage::reasoning_tokens,
                          &Usage::prompt_audio_tokens,
                          &Usage::completion_audio_tokens,
                          &Usage::cache_write_1h_tokens,
                          &Usage::cached_audio_tokens,
                          &Usage::cached_image_tokens,
                          &Usage::prompt_image_tokens,
                          &Usage::prompt_video_tokens,
                          &Usage::completion_image_tokens,
                          &Usage::completion_video_tokens,
                          &Usage::citation_tokens,
                          &Usage::web_searches,
                          &Usage::file_searches,
                          &Usage::pages,
                          &Usage::audio_seconds,
                          &Usage::images}) {
    if (__builtin_add_overflow(sum.*part, more.*part, &(sum.*part))) sum.*part = UINT64_MAX;
  }
  sum.known = sum.known || more.known;
}

inline void add(Cost& sum, const Cost& more) {
  for (const auto part : {&Cost::input, &Cost::cached, &Cost::cache_write, &Cost::output, &Cost::reasoning,
                          &Cost::audio, &Cost::request}) {
    sum.*part = sum.*part + more.*part;
  }
}

}  // namespace gatehouse::llm
