#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/llm/dialect.h"

namespace gatehouse::dialects {

// A setting of a request, to be named to the caller as its own dialect calls it, by the codecs that cannot express it.
// For this room only.
enum class Setting : std::uint8_t {
  messages,
  role,  // of a message
  name,  // of a message
  tools,
  strict,   // of a tool
  grammar,  // of a tool
  tool_choice,
  parallel,  // calls of tools
  format,
  reasoning,
  temperature,
  top_p,
  top_k,
  max_tokens,
  min_p,
  frequency_penalty,
  presence_penalty,
  repetition_penalty,
  seed,
  stop,
  n,
  logprobs,
  logit_bias,
  metadata,
  service_tier,
  verbosity,
  modalities,
  audio,
  prediction,
  web_search,
  store,
  previous_id,
  detail,  // of an image
  cache,
};

std::string_view caller_name(llm::Dialect dialect, Setting setting);

}  // namespace gatehouse::dialects
