#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/providers/sandbox/request.h"

namespace gatehouse::providers::sandbox {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON
};

// What the sandbox says to a chat: text or tool calls, before stop words and limits.
struct Reply {
  std::string text;
  std::vector<ToolCall> calls;
};

// `choice` counts from 0 to n - 1; `seed` makes the ids. Refuses only a schema that cannot be worked out.
Checked<Reply> reply_to(const ChatRequest& request, const Sampling& sampling, Act act, std::uint32_t choice,
                        std::uint64_t seed);

// What it says after a legacy prompt.
std::string continue_prompt(std::string_view prompt, Act act, std::uint32_t choice);

// The `index`th sentence of sandbox-long: text without end.
std::string_view long_sentence(std::size_t index);

}  // namespace gatehouse::providers::sandbox
