#pragma once

#include <string>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::ollama {

// BackCodec::write_request.
ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses);

}  // namespace gatehouse::dialects::ollama
