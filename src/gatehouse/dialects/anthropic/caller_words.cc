#include "gatehouse/dialects/anthropic/caller_words.h"

#include <array>
#include <cstddef>

namespace gatehouse::dialects::anthropic {
namespace {

struct Row {
  std::string_view chat;
  std::string_view responses;  // empty: as in chat
  std::string_view gemini;     // empty: as in chat
};

constexpr std::array<Row, static_cast<std::size_t>(Setting::cache) + 1> kRows = {{
    {"messages", "input", "contents"},
    {"messages.role", "input.role", "contents.role"},
    {"messages.name", "", ""},
    {"tools", "", ""},
    {"tools.function.strict", "tools.strict", "tools"},
    {"tools.custom.format", "tools.format", "tools"},
    {"tool_choice", "", "toolConfig"},
    {"response_format", "text.format", "generationConfig.responseJsonSchema"},
    {"reasoning_effort", "reasoning", "generationConfig.thinkingConfig"},
    {"temperature", "", "generationConfig.temperature"},
    {"top_p", "", "generationConfig.topP"},
    {"top_k", "", "generationConfig.topK"},
    {"min_p", "", ""},
    {"frequency_penalty", "", "generationConfig.frequencyPenalty"},
    {"presence_penalty", "", "generationConfig.presencePenalty"},
    {"repetition_penalty", "", ""},
    {"seed", "", "generationConfig.seed"},
    {"stop", "", "generationConfig.stopSequences"},
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
  if (dialect == llm::Dialect::anthropic) {
    switch (setting) {
      case Setting::format:
        return "output_config.format";
      case Setting::reasoning:
        return "thinking";
      case Setting::strict:
        return "tools.strict";
      case Setting::stop:
        return "stop_sequences";
      default:
        return row.chat;
    }
  }
  if (dialect == llm::Dialect::openai_responses && !row.responses.empty()) return row.responses;
  if (dialect == llm::Dialect::gemini && !row.gemini.empty()) return row.gemini;
  return row.chat;
}

}  // namespace gatehouse::dialects::anthropic
