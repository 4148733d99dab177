#include "gatehouse/dialects/gemini/lost_names.h"

namespace gatehouse::dialects::gemini {

std::string_view lost_name(llm::Dialect dialect, Lost lost) {
  using llm::Dialect;
  const bool responses = dialect == Dialect::openai_responses;
  const bool anthropic = dialect == Dialect::anthropic;
  const bool bedrock = dialect == Dialect::bedrock;
  const bool gemini = dialect == Dialect::gemini;
  switch (lost) {
    case Lost::cache:
      return bedrock ? "cachePoint" : "cache_control";
    case Lost::reasoning:
      if (responses) return "reasoning.effort";
      if (gemini) return "generationConfig.thinkingConfig";
      if (bedrock) return "additionalModelRequestFields.thinking";
      if (dialect == Dialect::ollama) return "think";
      return anthropic || dialect == Dialect::cohere ? "thinking" : "reasoning_effort";
    case Lost::stop:
      if (gemini) return "generationConfig.stopSequences";
      if (bedrock) return "inferenceConfig.stopSequences";
      if (dialect == Dialect::ollama) return "options.stop";
      return anthropic || dialect == Dialect::cohere ? "stop_sequences" : "stop";
    case Lost::parallel_calls:
      return anthropic ? "tool_choice.disable_parallel_tool_use" : "parallel_tool_calls";
    case Lost::min_p:
      return dialect == Dialect::ollama ? "options.min_p" : "min_p";
    case Lost::repetition_penalty:
      return dialect == Dialect::ollama ? "options.repeat_penalty" : "repetition_penalty";
    case Lost::logit_bias:
      return "logit_bias";
    case Lost::user:
      return anthropic ? "metadata.user_id" : "user";
    case Lost::metadata:
      return bedrock ? "requestMetadata" : "metadata";
    case Lost::verbosity:
      return responses ? "text.verbosity" : "verbosity";
    case Lost::store:
      return "store";
    case Lost::service_tier:
      return "service_tier";
    case Lost::allowed_tools:
      return "tool_choice.allowed_tools";
  }
  return "";
}

}  // namespace gatehouse::dialects::gemini
