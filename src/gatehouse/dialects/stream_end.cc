#include "gatehouse/dialects/stream_end.h"

#include <algorithm>

#include "gatehouse/dialects/errors.h"
#include "gatehouse/dialects/openai_chat/delivered.h"

namespace gatehouse::dialects {

StreamEnd::StreamEnd(llm::Operation operation, std::size_t choices)
    : of_(Chunks{.choices = std::max<std::size_t>(choices, 1), .last = {}}) {
  if (operation == llm::Operation::responses) of_.emplace<openai_responses::StreamEnd>();
}

void StreamEnd::on_event(std::string_view data) {
  if (auto* chunks = std::get_if<Chunks>(&of_)) {
    if (data != "[DONE]") chunks->last.assign(data);
    return;
  }
  std::get<openai_responses::StreamEnd>(of_).on_event(data);
}

void StreamEnd::on_held(std::string_view data) {
  auto* chunks = std::get_if<Chunks>(&of_);
  if (chunks != nullptr && chunks->last.empty() && data != "[DONE]") chunks->last.assign(data);
}

std::string StreamEnd::cut_short(const llm::Usage& usage) const {
  if (const auto* chunks = std::get_if<Chunks>(&of_)) {
    return openai_chat::end_stream(chunks->last, chunks->choices, "length");
  }
  return std::get<openai_responses::StreamEnd>(of_).cut_short(usage);
}

std::string StreamEnd::blocked_ending(const llm::Usage& usage) const {
  if (const auto* chunks = std::get_if<Chunks>(&of_)) {
    return openai_chat::end_stream(chunks->last, chunks->choices, "content_filter");
  }
  return std::get<openai_responses::StreamEnd>(of_).blocked_ending(usage);
}

std::string StreamEnd::error_ending(const ApiError& error) const {
  if (std::holds_alternative<Chunks>(of_)) return error_event(llm::Dialect::openai_chat, error);
  return std::get<openai_responses::StreamEnd>(of_).error_ending(error);
}

bool StreamEnd::ended() const {
  const auto* responses = std::get_if<openai_responses::StreamEnd>(&of_);
  return responses != nullptr && responses->ended();
}

}  // namespace gatehouse::dialects
