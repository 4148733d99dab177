#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/bedrock/conversation.h"
#include "gatehouse/dialects/bedrock/traits.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::bedrock {

// What a request's settings come to at a model: everything but its words. Made first, because they depend on each
// other: a forced tool forbids Claude to think, thinking forbids a temperature, and so on.
struct Plan {
  std::vector<const llm::Tool*> tools;
  bool tools_of_history = false;  // none are offered, but the conversation holds calls

  enum class Choice : std::uint8_t { unsaid, automatic, any, named };
  Choice choice = Choice::unsaid;
  bool tools_forbidden = false;  // there is no way to say so but in words

  enum class Format : std::uint8_t {
    none,
    native,  // outputConfig.textFormat
    tool,    // a tool of ours whose arguments are the answer
    words,   // said at the end of the system texts
  };
  Format format = Format::none;

  enum class Thinking : std::uint8_t { unsaid, enabled, adaptive, between_tools, disabled };
  Thinking thinking = Thinking::unsaid;
  std::uint64_t budget = 0;  // of `enabled`
  std::string_view display;  // empty: unsaid
  std::string_view effort;   // as the model's own member has it; empty: unsaid

  std::optional<std::uint64_t> max_tokens;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::uint64_t> top_k;

  static constexpr std::uint64_t kLeastBudget = 1024;  // Claude's
};

Plan plan_request(const llm::ChatRequest& request, const Target& target, const ModelTraits& traits,
                  const Conversation& conversation, Losses& losses);

}  // namespace gatehouse::dialects::bedrock
