#pragma once

#include <string>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::gemini {

// BackCodec::write_request.
ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                     Rewrites& rewrites);

}  // namespace gatehouse::dialects::gemini
