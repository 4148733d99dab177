#pragma once

#include <cstdint>
#include <vector>

#include "gatehouse/dialects/anthropic/model_rules.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::anthropic {

// A turn of the conversation as the Messages API has them: neighbours of one role are one, what tools brought back
// stands in the user's turn and first in it, and nothing blank is sent. Points into the request.
struct Turn {
  enum class Role : std::uint8_t { user, assistant, system };
  Role role = Role::user;
  std::vector<const llm::Block*> results{};  // of tools; first
  std::vector<const llm::Block*> blocks{};
  const llm::Message* message = nullptr;  // that it is made of, where it is of one alone
};

struct Conversation {
  std::vector<const llm::Block*> system;  // in front
  std::vector<Turn> turns;
  bool tools_used = false;  // calls or results of tools stand in it
  // The last turn brings results for calls before which no thinking stands that the provider would take back. With a
  // budget to think it refuses that.
  bool loop_without_thinking = false;
};

Conversation arrange(const llm::ChatRequest& request, const Target& target, const ModelRules& rules, Losses& losses);

// Thinking that this target can be given back.
bool can_replay(const llm::Reasoning& reasoning, const Target& target);
// Neither empty nor white space alone: the API refuses such texts.
bool has_words(std::string_view text);

}  // namespace gatehouse::dialects::anthropic
