#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/llm/dialect.h"

namespace gatehouse::dialects::gemini {

// What Gemini has no word for.
enum class Lost : std::uint8_t {
  cache,
  reasoning,
  stop,
  parallel_calls,
  min_p,
  repetition_penalty,
  logit_bias,
  user,
  metadata,
  verbosity,
  store,
  service_tier,
  allowed_tools,
};
// As the caller's dialect calls it.
std::string_view lost_name(llm::Dialect dialect, Lost lost);

}  // namespace gatehouse::dialects::gemini
