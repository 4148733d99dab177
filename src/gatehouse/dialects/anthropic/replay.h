#pragma once

#include <string>
#include <string_view>

#include "gatehouse/llm/chat/block.h"

// Opaque state of other providers on its way through a caller that speaks Messages: it stands where a signature or the
// data of redacted thinking would, wrapped (llm::wrap_opaque), and comes back with the next request, because clients of
// this dialect give thinking blocks back unchanged. Inside the wrapping a mark says what the state belongs to:
// MARK["u"]LENGTH "." ID VALUE, where ID (LENGTH bytes) is of a reasoning item or a tool call.
namespace gatehouse::dialects::anthropic {

enum class Belongs : char {
  thinking = 's',   // proves the text of the block
  encrypted = 'e',  // is the thinking
  tool_call = 't',  // of the call with that id; its block has no text
  text = 'x',       // of the text before; its block has no text
};

struct Replayed {
  Belongs belongs = Belongs::thinking;
  bool summary = false;
  std::string id{};
  llm::Opaque state{};
};

std::string wrap_replayed(const llm::Opaque& state, Belongs belongs, std::string_view id, bool summary);
// `native`: what an unmarked one is.
Replayed unwrap_replayed(std::string_view written, Belongs native);

}  // namespace gatehouse::dialects::anthropic
