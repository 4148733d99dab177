#pragma once

#include "gatehouse/dialects/call.h"

namespace gatehouse::dialects::gemini {

// A body of generate_content, stream_content, count_tokens or embed_content. Members are read in both spellings that
// Google's parser takes (generationConfig, generation_config), but not both at once. The model stands in the path; a
// body that names one too (in any of its requests) names one only, which `model` holds without "models/".
ApiResult<Call> read_call(llm::Operation operation, std::string_view body);

}  // namespace gatehouse::dialects::gemini
