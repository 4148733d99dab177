#include "gatehouse/dialects/stream_end.h"

#include <algorithm>

#include "gatehouse/dialects/errors.h"
#include "gatehouse/dialects/gemini/stream_end.h"
#include "gatehouse/dialects/openai_chat/delivered.h"
#include "gatehouse/dialects/wire.h"

namespace gatehouse::dialects {
namespace {

template <class... Ts>
struct Each : Ts... {
  using Ts::operator()...;
};

}  // namespace

StreamEnd::StreamEnd(llm::Operation operation, std::size_t choices)
    : of_(Chunks{.gemini = dialect_of(operation) == llm::Dialect::gemini,
                 .choices = std::max<std::size_t>(choices, 1),
                 .last = {}}) {
  if (operation == llm::Operation::responses) of_.emplace<openai_responses::StreamEnd>();
  if (dialect_of(operation) == llm::Dialect::anthropic) of_.emplace<anthropic::StreamEnd>();
}

void StreamEnd::on_event(std::string_view data) {
  std::visit(Each{[data](Chunks& chunks) {
                    if (data == "[DONE]") {
                      chunks.ended = true;
                    } else {
                      chunks.last.assign(data);
                    }
                  },
                  [data](auto& end) { end.on_event(data); }},
             of_);
}

void StreamEnd::on_held(std::string_view data) {
  std::visit(Each{[data](Chunks& chunks) {
                    if (chunks.last.empty() && data != "[DONE]") chunks.last.assign(data);
                  },
                  [](openai_responses::StreamEnd&) {}, [data](anthropic::StreamEnd& end) { end.on_held(data); }},
             of_);
}

std::string StreamEnd::cut_short(const llm::Usage& usage) const {
  return std::visit(Each{[&](const Chunks& chunks) {
                           return chunks.gemini ? gemini::end_stream(chunks.last, chunks.choices, "MAX_TOKENS", usage)
                                                : openai_chat::end_stream(chunks.last, chunks.choices, "length");
                         },
                         [&](const openai_responses::StreamEnd& end) { return end.cut_short(usage); },
                         [&](const anthropic::StreamEnd& end) { return end.ending("max_tokens", usage); }},
                    of_);
}

std::string StreamEnd::blocked_ending(const llm::Usage& usage) const {
  return std::visit(Each{[&](const Chunks& chunks) {
                           return chunks.gemini
                                      ? gemini::end_stream(chunks.last, chunks.choices, "SAFETY", usage)
                                      : openai_chat::end_stream(chunks.last, chunks.choices, "content_filter");
                         },
                         [&](const openai_responses::StreamEnd& end) { return end.blocked_ending(usage); },
                         [&](const anthropic::StreamEnd& end) { return end.ending("refusal", usage); }},
                    of_);
}

std::string StreamEnd::error_ending(const ApiError& error) const {
  if (const auto* responses = std::get_if<openai_responses::StreamEnd>(&of_)) return responses->error_ending(error);
  if (std::holds_alternative<anthropic::StreamEnd>(of_)) return error_event(llm::Dialect::anthropic, error);
  return error_event(std::get<Chunks>(of_).gemini ? llm::Dialect::gemini : llm::Dialect::openai_chat, error);
}

bool StreamEnd::ended() const {
  return std::visit(
      Each{[](const Chunks& chunks) { return chunks.ended; }, [](const auto& end) { return end.ended(); }}, of_);
}

}  // namespace gatehouse::dialects
