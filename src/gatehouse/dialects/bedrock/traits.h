#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/dialects/anthropic/model_rules.h"
#include "gatehouse/llm/chat/block.h"

namespace gatehouse::dialects::bedrock {

// What a model takes of Converse, told by its id ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", an ARN of one). The
// API's model is the same for all of them; what they refuse of it is not. Sources: the User Guide's pages on Converse,
// structured output, prompt caching and service tiers, the API model's own remarks, and what pydantic-ai's adapter
// found out against the service in July 2026 (its profiles say so). A name that is not known counts as able: what the
// caller asked for is sent, and the service has the word.
struct ModelTraits {
  bool claude = false;
  anthropic::ModelRules rules{};  // of Claude

  bool leading_assistant = false;  // a conversation may begin with the assistant
  bool tool_choice = true;         // takes the member at all
  bool any_tool = true;            // toolChoice any
  bool named_tool = true;          // toolChoice tool
  bool json_schema = false;        // outputConfig.textFormat and strict tools
  bool caches = true;              // cachePoint in system and messages
  bool caches_tools = true;
  bool cache_ttl = true;      // cachePoint.ttl
  bool result_status = true;  // toolResult.status

  // What may stand in a user's turn beside the results of tools.
  enum class Beside : std::uint8_t { anything, text_and_images, nothing };
  Beside beside = Beside::anything;
  // What may stand inside a result, but for text and JSON.
  bool result_images = true;
  bool result_documents = false;
  bool result_videos = false;

  enum class Thinking : std::uint8_t {
    unknown,           // no way to say anything about it
    claude,            // thinking, output_config.effort
    reasoning_effort,  // "low", "medium", "high" (gpt-oss)
    reasoning_config,  // "low", "high" (Qwen)
    nova,              // reasoningConfig {type, maxReasoningEffort} (Nova 2)
  };
  Thinking thinking = Thinking::unknown;

  enum class TopK : std::uint8_t { none, flat, nova };  // top_k; inferenceConfig.topK
  TopK top_k = TopK::none;
};

// `origin`: of the target; a Claude behind a name that does not tell is known by it.
ModelTraits traits_of(std::string_view model, llm::Origin origin);

}  // namespace gatehouse::dialects::bedrock
