#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/json/value.h"

// What whole answers and streams of v2/chat have in common, and the readers of both.
namespace gatehouse::dialects::cohere {

llm::FinishReason finish_of(std::string_view native);
// The provider gave up: no end of an answer.
bool is_failure(std::string_view native);
// Of one citation object.
llm::Citation read_citation(json::Value citation);
// Of a list of {text, token_ids, logprobs}, or one of them.
std::vector<llm::TokenLogprob> read_logprobs(json::Value logprobs);

// BackCodec's functions.
Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading);
std::unique_ptr<EventDecoder> make_decoder(const Reading& reading);
llm::ChatError read_error(int status, std::string_view body);

}  // namespace gatehouse::dialects::cohere
