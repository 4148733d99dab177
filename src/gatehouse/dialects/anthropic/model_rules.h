#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::dialects::anthropic {

// What a Claude model takes of the Messages API, told by its name wherever it is hosted ("claude-opus-4-8",
// "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-haiku-4-5@20251001"). Models that are newer than this table
// count as the newest of their family, names that are no Claude's as a server of the plain API of 2025. Sources: the
// model pages and migration guides on platform.claude.com, read in November 2026.
struct ModelRules {
  std::uint64_t max_output = 4096;  // tokens; what max_tokens is where the caller gave none

  enum class Thinking : std::uint8_t {
    none,
    manual,    // {"type": "enabled", "budget_tokens"}
    either,    // that, or {"type": "adaptive"}
    adaptive,  // that alone: a budget is refused
  };
  Thinking thinking = Thinking::manual;
  // How the model is kept from thinking.
  enum class Off : std::uint8_t {
    omit,           // it does not unless asked
    disabled,       // {"type": "disabled"}
    between_tools,  // it cannot be: {"type": "between_tools"} is the least
    low_effort,     // it cannot be: the effort "low" is the least
  };
  Off off = Off::disabled;
  bool effort = false;        // output_config.effort
  bool effort_xhigh = false;  // that step of it; else "max" stands for it
  bool sampling = true;       // temperature, top_p, top_k
  bool temperature_with_top_p = true;
  bool forced_tool = true;   // tool_choice any and tool
  bool json_schema = false;  // output_config.format and strict tools
  bool late_system = false;  // role system in the middle of the conversation
};

ModelRules rules_of(std::string_view model);

}  // namespace gatehouse::dialects::anthropic
