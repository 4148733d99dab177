#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/dialects/codec.h"

// Answers of /api/chat: whole, or one object of a stream after the other. Both have one form.
namespace gatehouse::dialects::ollama {

// Of a call that was told none: from when it was answered, its place in the answer, and what it says.
std::string call_id(std::string_view created_at, std::size_t place, std::string_view name, std::string_view arguments);
// RFC 3339, to seconds since 1970; 0 for anything else.
std::int64_t read_time(std::string_view text);

// BackCodec's functions.
Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading);
std::unique_ptr<EventDecoder> make_decoder(const Reading& reading);
llm::ChatError read_error(int status, std::string_view body);

}  // namespace gatehouse::dialects::ollama
