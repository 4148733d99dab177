#pragma once

#include <string>

#include "gatehouse/dialects/codec.h"

// For the codec alone: BackCodec::write_request (request_writer.cc).
namespace gatehouse::dialects::openai_responses {

ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                     Rewrites& rewrites);

}  // namespace gatehouse::dialects::openai_responses
