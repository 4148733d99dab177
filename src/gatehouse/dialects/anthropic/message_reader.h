#pragma once

#include <string_view>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::anthropic {

// A whole Message. Error (upstream_protocol): it is none.
Result<llm::ChatAnswer> read_message(std::string_view body, const Reading& reading);

// What was sent under another name, as the caller has it.
std::string_view caller_tool_name(const Rewrites& rewrites, std::string_view sent);
// The text that a tool was given which takes one: the member "input" of its arguments; all of them where there is none.
std::string text_tool_input(std::string_view arguments);
bool is_text_tool(const Rewrites& rewrites, std::string_view sent);

}  // namespace gatehouse::dialects::anthropic
