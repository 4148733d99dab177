#pragma once

#include <string_view>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::bedrock {

// BackCodec::read_answer of Converse. Errors: upstream_protocol.
Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading);

}  // namespace gatehouse::dialects::bedrock
