#include "gatehouse/dialects/gemini/finish.h"

#include <array>
#include <utility>

namespace gatehouse::dialects::gemini {

using llm::FinishReason;

FinishReason finish_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, FinishReason>, 23> kWords = {{
      {"STOP", FinishReason::stop},
      {"FINISH_REASON_UNSPECIFIED", FinishReason::stop},
      {"MAX_TOKENS", FinishReason::length},
      {"SAFETY", FinishReason::content_filter},
      {"RECITATION", FinishReason::content_filter},
      {"BLOCKLIST", FinishReason::content_filter},
      {"PROHIBITED_CONTENT", FinishReason::content_filter},
      {"SPII", FinishReason::content_filter},
      {"MODEL_ARMOR", FinishReason::content_filter},
      {"IMAGE_SAFETY", FinishReason::content_filter},
      {"IMAGE_PROHIBITED_CONTENT", FinishReason::content_filter},
      {"IMAGE_RECITATION", FinishReason::content_filter},
      {"MALFORMED_FUNCTION_CALL", FinishReason::malformed},
      {"UNEXPECTED_TOOL_CALL", FinishReason::malformed},
      {"TOO_MANY_TOOL_CALLS", FinishReason::malformed},
      {"MALFORMED_RESPONSE", FinishReason::malformed},
      {"CONTINUATION", FinishReason::pause},
      // No word of the API's, but of servers that imitate it.
      {"FUNCTION_CALL", FinishReason::tool_calls},
      {"TOOL_CALLS", FinishReason::tool_calls},
      {"LANGUAGE", FinishReason::error},
      {"OTHER", FinishReason::error},
      {"NO_IMAGE", FinishReason::error},
      {"IMAGE_OTHER", FinishReason::error},
  }};
  for (const auto& [known, finish] : kWords) {
    if (known == word) return finish;
  }
  return FinishReason::error;
}

std::string_view finish_word(FinishReason finish) {
  switch (finish) {
    case FinishReason::stop:
    case FinishReason::stop_sequence:
    case FinishReason::tool_calls:
    case FinishReason::pause:
      return "STOP";
    case FinishReason::length:
    case FinishReason::context_length:
      return "MAX_TOKENS";
    case FinishReason::content_filter:
    case FinishReason::refusal:
      return "SAFETY";
    case FinishReason::malformed:
      return "MALFORMED_FUNCTION_CALL";
    case FinishReason::error:
      return "OTHER";
    case FinishReason::unknown:
      break;
  }
  return "FINISH_REASON_UNSPECIFIED";
}

bool supersedes(FinishReason earlier, FinishReason later) {
  return earlier == FinishReason::unknown || earlier == FinishReason::stop || later != FinishReason::stop;
}

}  // namespace gatehouse::dialects::gemini
