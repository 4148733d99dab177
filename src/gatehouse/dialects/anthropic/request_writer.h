#pragma once

#include <string>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::anthropic {

// The body of a Messages request. Errors: unsupported (sound, films, others' files and tools, answers that a provider
// has stored), invalid_request (a schema that cannot be read).
ApiResult<std::string> write_messages_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                              Rewrites& rewrites);

// Strict tools in one request; the API takes no more.
inline constexpr std::size_t kMostStrictTools = 20;

}  // namespace gatehouse::dialects::anthropic
