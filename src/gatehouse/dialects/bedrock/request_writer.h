#pragma once

#include <string>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::bedrock {

// BackCodec::write_request of Converse and ConverseStream, whose bodies are the same.
ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                     Rewrites& rewrites);

}  // namespace gatehouse::dialects::bedrock
