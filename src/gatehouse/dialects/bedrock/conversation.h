#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/bedrock/traits.h"
#include "gatehouse/dialects/caller_words.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::bedrock {

// A block, and whether the provider should keep the prompt up to here: of the block itself, or of a blank one that
// stood behind it and is not sent.
struct Item {
  const llm::Block* block = nullptr;
  std::optional<llm::CacheHint> cache;
};

// One turn, as Converse has them: user and assistant alternate, and all that the tools of one turn brought back stands
// in one turn of the user's, first in it. Points into the request.
struct Turn {
  bool assistant = false;
  std::vector<Item> results;  // of tools
  std::vector<Item> blocks;
};

struct Conversation {
  std::vector<Item> system;  // in front; texts
  std::vector<Turn> turns;
  bool tools_used = false;  // calls or results stand in it: the API wants toolConfig then
  // The last turn brings results for calls before which no thinking stands that can be given back. Claude refuses to
  // think with a budget then.
  bool loop_without_thinking = false;
};

Conversation arrange(const llm::ChatRequest& request, const Target& target, Losses& losses);

// Neither empty nor white space alone: the API refuses such texts.
bool has_words(std::string_view text);
bool can_read(const llm::Opaque& state, const Target& target);

}  // namespace gatehouse::dialects::bedrock
