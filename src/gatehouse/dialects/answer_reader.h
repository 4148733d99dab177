#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects {

// Listens to the answer of one call (also of the responses API) while it passes and keeps what the records need. It
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

  const llm::Usage& usage() const { return usage_; }
  // The first choice's; empty until told. Of the responses API in the words of chat: "stop", "length" ...
  std::string_view finish_reason() const { return finish_reason_; }
  bool done() const { return done_; }                  // [DONE] was seen, or a response's last event
  bool content_seen() const { return content_seen_; }  // text, a refusal, reasoning or a tool call
  bool error_seen() const { return error_seen_; }      // an error in place of a chunk or body

 private:
  void read(std::string_view json);
  void read_choices(std::string_view choices);
  void read_response(std::string_view response, llm::Usage& usage, bool& error);
  void read_tail(std::string_view tail);

  Depth depth_;
  llm::Operation operation_;
  llm::Usage usage_;
  std::string finish_reason_;
  std::string kept_;
  bool dropped_ = false;  // the start of the body is no longer in kept_
  bool done_ = false;
  bool content_seen_ = false;
  bool error_seen_ = false;
};

// The usage object of an OpenAI-compatible server; `known` is false if it is none. See llm/usage_reader.h.
llm::Usage read_usage(std::string_view raw);

}  // namespace gatehouse::dialects
