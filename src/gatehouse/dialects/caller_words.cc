#include "gatehouse/dialects/caller_words.h"

#include <array>
#include <cstddef>

namespace gatehouse::dialects {
namespace {

struct Row {
  std::string_view chat;
  std::string_view responses;       // empty: as in chat
  std::string_view gemini;          // empty: as in chat
  std::string_view anthropic = {};  // empty: as in chat
};

constexpr std::array<Row, static_cast<std::size_t>(Setting::cache) + 1> kRows = {{
    {"messages", "input", "contents"},
    {"messages.role", "input.role", "contents.role"},
    {"messages.name", "", ""},
    {"tools", "", ""},
    {"tools.function.strict", "tools.strict", "tools", "tools.strict"},
    {"tools.custom.format", "tools.format", "tools"},
    {"tool_choice", "", "toolConfig"},
    {"parallel_tool_calls", "", "", "tool_choice.disable_parallel_tool_use"},
    {"response_format", "text.format", "generationConfig.responseJsonSchema", "output_config.format"},
    {"reasoning_effort", "reasoning", "generationConfig.thinkingConfig", "thinking"},
    {"temperature", "", "generationConfig.temperature"},
    {"top_p", "", "generationConfig.topP"},
    {"top_k", "", "generationConfig.topK"},
    {"max_tokens", "max_output_tokens", "generationConfig.maxOutputTokens"},
    {"min_p", "", ""},
    {"frequency_penalty", "", "generationConfig.frequencyPenalty"},
    {"presence_penalty", "", "generationConfig.presencePenalty"},
    {"repetition_penalty", "", ""},
    {"seed", "", "generationConfig.seed"},
    {"stop", "", "generationConfig.stopSequences", "stop_sequences"},
    {"n", "", "generationConfig.candidateCount"},
    {"logprobs", "top_logprobs", "generationConfig.responseLogprobs"},
    {"logit_bias", "", ""},
    {"metadata", "", "labels"},
    {"service_tier", "", "serviceTier"},
    {"verbosity", "text.verbosity", ""},
    {"modalities", "", "generationConfig.responseModalities"},
    {"audio", "", "generationConfig.speechConfig"},
    {"prediction", "", ""},
    {"web_search_options", "", ""},
    {"store", "", ""},
    {"previous_response_id", "", ""},
    {"image_url.detail", "input_image.detail", "mediaResolution"},
    {"cache_control", "", ""},
}};

}  // namespace

std::string_view caller_name(llm::Dialect dialect, Setting setting) {
  const Row& row = kRows[static_cast<std::size_t>(setting)];
  std::string_view name;
  if (dialect == llm::Dialect::openai_responses) name = row.responses;
  if (dialect == llm::Dialect::gemini) name = row.gemini;
  if (dialect == llm::Dialect::anthropic) name = row.anthropic;
  return name.empty() ? row.chat : name;
}

}  // namespace gatehouse::dialects
