#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/llm/tokens/encoding.h"

namespace gatehouse::llm {

// Who made a model, as far as counting cares. The names are used in metrics.
enum class ModelFamily : std::uint8_t { openai, claude, gemini, llama, mistral, qwen, deepseek, cohere, grok, other };
std::string_view name(ModelFamily family);

// How the tokens of a model are counted: with its own encoding (`exact`), or as o200k_base times `factor`, the first
// guess of an Estimator.
struct ModelTokens {
  Encoding encoding = Encoding::o200k_base;
  bool exact = false;
  ModelFamily family = ModelFamily::other;
  double factor = 1.0;
  // What the model's host puts into every chat, and besides into one with tools, before the factor.
  std::uint32_t chat_overhead = 0;
  std::uint32_t tools_overhead = 0;
};

// By the model's name, in any of the ways it is written: "gpt-4o-2024-08-06", "openai/gpt-4o", "ft:gpt-4o:acme::id",
// Azure's "gpt-35-turbo", Bedrock's "us.anthropic.claude-...". Pure; any thread.
ModelTokens tokens_of_model(std::string_view model);

}  // namespace gatehouse::llm
