#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "gatehouse/dialects/anthropic/stream_end.h"
#include "gatehouse/dialects/api_error.h"
#include "gatehouse/dialects/openai_responses/stream_end.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects {

// Ends a stream before its provider does, as that dialect ends one: with everything closed that is open, so that
// clients take what was said so far for what it is. Fed with the data of every event that went out to the caller; one a
// stream, one thread's. What it keeps is bounded.
class StreamEnd {
 public:
  // `choices`: answers that were asked for.
  StreamEnd(llm::Operation operation, std::size_t choices);

  void on_event(std::string_view data);
  // An event that did not go out, or not yet: what identifies the stream is taken from it where none was before.
  void on_held(std::string_view data);

  // Complete server-sent events. `usage` as far as it is known: what is charged for.
  // Because what was paid for is used up.
  std::string cut_short(const llm::Usage& usage) const;
  // Because a guard stopped it.
  std::string blocked_ending(const llm::Usage& usage) const;
  // An error in place of an ending; where the dialect's error event needs nothing of the stream it is error_event's.
  std::string error_ending(const ApiError& error) const;

  // The stream's own last event went out: nothing may follow.
  bool ended() const;

 private:
  // Chat, completions and Gemini: any event tells what identifies the stream.
  struct Chunks {
    bool gemini = false;
    std::size_t choices = 1;
    std::string last;
    bool ended = false;  // [DONE] went out
  };
  std::variant<Chunks, openai_responses::StreamEnd, anthropic::StreamEnd> of_;
};

}  // namespace gatehouse::dialects
