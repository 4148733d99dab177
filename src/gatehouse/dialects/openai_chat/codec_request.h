#pragma once

#include <string>
#include <string_view>

#include "gatehouse/dialects/codec.h"

// The four ways of the codec's whole bodies, behind codec.h; for the codec's files and their tests only.
namespace gatehouse::dialects::openai_chat {

// codec_request_read.cc, with messages in codec_messages_read.cc
ApiResult<llm::ChatRequest> read_chat_request(std::string_view body, std::string_view model, bool stream);
// codec_request_write.cc, with messages in codec_messages_write.cc
ApiResult<std::string> write_chat_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                          Rewrites& rewrites);
// codec_answer_read.cc
Result<llm::ChatAnswer> read_chat_answer(std::string_view body, const Reading& reading);
// codec_answer_write.cc
std::string write_chat_answer(const llm::ChatAnswer& answer, const Writing& writing);
// codec_error.cc. A status below 400 is taken from what the body says.
llm::ChatError read_chat_error(int status, std::string_view body);
std::string write_chat_error(const llm::ChatError& error);

}  // namespace gatehouse::dialects::openai_chat
