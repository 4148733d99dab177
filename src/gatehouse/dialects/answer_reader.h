#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects {

// What an answer tells of itself.
struct AnswerFacts {
  llm::Usage usage;
  bool usage_is_final = false;  // else there may be more than `usage` says: the answer broke off, or goes on
  std::string finish_reason;
  bool done = false;
  bool content_seen = false;
  bool error_seen = false;
  bool called = false;  // a function (Gemini, where the finish reason does not say so)
};

// Listens to the answer of one call, in whatever dialect, while it passes and keeps what the records need. It
// changes nothing and refuses nothing: what it cannot read it leaves out. One object a call, used by one thread at a
// time; either `on_event` or `on_body` is fed, never both. Cheap: events are searched for a few names and parsed only
// where one is found.
class AnswerReader {
 public:
  // How much is read of a whole body. `usage` looks at its end first, where the usage stands, and reads the rest only
  // if it is not there: finish reason, content and error may then stay untold.
  enum class Depth : std::uint8_t { usage, all };
  explicit AnswerReader(Depth depth = Depth::all, llm::Operation operation = llm::Operation::chat_completions)
      : depth_(depth), operation_(operation) {}
  // What was asked, which says how it is answered; before anything is fed.
  void set_operation(llm::Operation operation) { operation_ = operation; }

  // The `data` of one server-sent event, whole (with a `data:` line a view, without the prefix and line end).
  void on_event(std::string_view data);

  // A piece of a body that is no stream; `last` with the final one (which may be empty). One piece that is all of
  // the body is read in place; of a body in pieces at most kKept bytes from its end are kept, which finds the usage
  // (it comes last) also of a larger one, but not its finish reason.
  void on_body(std::string_view piece, bool last);
  static constexpr std::size_t kKept = std::size_t{256} * 1024;

  const llm::Usage& usage() const { return facts_.usage; }
  // Whether that is all: streams of Anthropic and Gemini tell as they go, and may be cut before the last of it.
  bool usage_is_final() const { return facts_.usage_is_final; }
  // The first choice's; empty until told. In the words of chat: "stop", "length", "tool_calls", "content_filter" ...
  std::string_view finish_reason() const { return facts_.finish_reason; }
  bool done() const { return facts_.done; }                  // [DONE] was seen, or the stream's own last event
  bool content_seen() const { return facts_.content_seen; }  // text, a refusal, reasoning or a tool call
  bool error_seen() const { return facts_.error_seen; }      // an error in place of a chunk or body

 private:
  void read(std::string_view json, bool whole);
  void read_openai(std::string_view json);
  void read_choices(std::string_view choices);
  void read_response(std::string_view response, llm::Usage& usage, bool& error);
  void read_tail(std::string_view tail);
  void take(const llm::Usage& usage);

  Depth depth_;
  llm::Operation operation_;
  AnswerFacts facts_;
  std::string kept_;
  bool dropped_ = false;  // the start of the body is no longer in kept_
};

// The usage object of an OpenAI-compatible server; `known` is false if it is none. See llm/usage_reader.h.
llm::Usage read_usage(std::string_view raw);

}  // namespace gatehouse::dialects
