#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/json/writer.h"

// What a whole answer and a stream say alike; for the two writers only.
namespace gatehouse::dialects::openai_chat {

// The id of a choice's n-th tool call where the provider told none (Gemini, Ollama).
std::string call_id(std::string_view seed, std::uint32_t choice, std::size_t n);
std::string answer_id(std::string_view told, std::string_view seed);

// Members that only the provider knows, but for those that would stand in for the dialect's own.
void write_extras(json::Writer& writer, const llm::Extras& extras);

// finish_reason, and the provider's own word and the sequence that was met where they say more.
void write_finish(json::Writer& writer, llm::FinishReason finish, std::string_view native, std::string_view sequence,
                  bool legacy);

// Of a foreign block: the name of the member of the message that it was; empty: none of this dialect's.
std::string_view member_of(const llm::Foreign& foreign);

}  // namespace gatehouse::dialects::openai_chat
