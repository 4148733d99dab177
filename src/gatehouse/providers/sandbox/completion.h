#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/providers/sandbox/reply.h"
#include "gatehouse/providers/sandbox/request.h"

namespace gatehouse::providers::sandbox {

// The text of one choice, with stop words and limits applied. Text without end (sandbox-long) is made as it is read.
class ChoiceText {
 public:
  ChoiceText() = default;
  // Cuts `text` before the first stop word and after `sampling.max_tokens`.
  ChoiceText(std::string text, const Sampling& sampling);
  // sandbox-long: as many tokens as are asked for (1000 if nobody asks), whatever `n` is at most kMostTokens in all.
  static ChoiceText endless(const Sampling& sampling, std::size_t choices);

  std::string_view finish() const { return cut_ ? "length" : "stop"; }
  std::size_t tokens() const { return tokens_; }
  // The next token; empty at the end. It holds until the next call.
  std::string_view next();
  // All that `next` has not given yet.
  std::string rest();

 private:
  std::string text_;
  std::size_t at_ = 0;
  std::size_t sentence_ = 0;
  std::size_t tokens_ = 0;
  std::size_t given_ = 0;
  bool endless_ = false;
  bool cut_ = false;
};

struct Choice {
  ChoiceText text;
  std::vector<ToolCall> calls;
  bool forced_call = false;  // the caller named the tool: OpenAI then finishes with "stop"

  std::string_view finish() const;
  std::size_t tokens() const;
};

// A whole answer to chat or legacy completions, ready to be written at once or event by event.
struct Completion {
  bool chat = true;
  bool include_usage = false;
  std::string id;
  std::string model;
  std::int64_t created = 0;
  std::size_t prompt_tokens = 0;
  std::vector<Choice> choices;

  std::size_t completion_tokens() const;
};

std::string whole_body(Completion completion);

// Writes a Completion as OpenAI streams it: a role chunk a choice, deltas of one token, a finish chunk a choice, the
// usage chunk if it was asked for, [DONE]. The choices take turns.
class EventWriter {
 public:
  explicit EventWriter(Completion completion);

  struct Event {
    std::string bytes;      // one event with its empty line
    bool is_token = false;  // a delta with a token in it, which takes its time
  };
  std::optional<Event> next();

 private:
  // Where the stream of one choice stands.
  struct Position {
    enum class Part : std::uint8_t { role, text, call_head, call_arguments, finish, over } part = Part::role;
    std::size_t call = 0;
    std::size_t argument = 0;  // bytes of its arguments that are out
  };

  Event choice_event(std::size_t index);
  std::string chunk(std::string_view choices) const;
  std::string choice_chunk(std::size_t index, std::string_view delta, std::string_view finish) const;
  std::string usage_chunk() const;

  Completion completion_;
  std::string head_;
  std::vector<Position> positions_;
  std::size_t turn_ = 0;
  bool usage_told_ = false;
  bool done_told_ = false;
};

}  // namespace gatehouse::providers::sandbox
