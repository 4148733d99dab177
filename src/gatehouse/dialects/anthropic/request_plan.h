#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/anthropic/model_rules.h"
#include "gatehouse/dialects/anthropic/turns.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::anthropic {

// What a request's settings come to at a model: everything but its words. Made first, because the settings depend on
// each other: a forced tool forbids a budget to think, thinking forbids a temperature, and so on.
struct RequestPlan {
  std::vector<const llm::Tool*> tools;  // that the model may use

  enum class Choice : std::uint8_t { unsaid, automatic, any, named, none };
  Choice choice = Choice::unsaid;
  bool json_tool_only = false;  // `named` is the tool that stands for the format
  bool one_call = false;        // disable_parallel_tool_use

  enum class Format : std::uint8_t { none, native, tool };
  Format format = Format::none;

  enum class Thinking : std::uint8_t { unsaid, enabled, adaptive, between_tools, disabled };
  Thinking thinking = Thinking::unsaid;
  std::uint64_t budget = 0;  // tokens, of `enabled`; at least kLeastBudget and below max_tokens
  std::string_view display;  // empty: unsaid
  std::string_view effort;   // empty: unsaid

  std::uint64_t max_tokens = 0;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::uint64_t> top_k;

  static constexpr std::uint64_t kLeastBudget = 1024;
};

RequestPlan plan_request(const llm::ChatRequest& request, const Target& target, const ModelRules& rules,
                         const Conversation& conversation, Losses& losses);

}  // namespace gatehouse::dialects::anthropic
