#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gatehouse/dialects/deltas.h"
#include "gatehouse/dialects/stream_end.h"
#include "gatehouse/guard/answer_text.h"
#include "gatehouse/stages/release/schema_check.h"

namespace gatehouse::stages {

// The events of one answer, held in their order until all their texts are decided. Fed with whole events, gives out
// bytes. What policy does not touch goes out byte for byte. One loop's thread.
class ReleasedEvents {
 public:
  // `guarding` outlives it; `choices` answers were asked for.
  // `schema` is asked about each content at the end; while it is to hold the answer nothing goes before.
  ReleasedEvents(llm::Operation operation, std::size_t choices, const guard::AnswerGuarding& guarding,
                 SchemaCheck* schema = nullptr, bool hold = false)
      : guarding_(guarding),
        schema_(schema),
        hold_(hold),
        operation_(operation),
        reader_(operation),
        again_(operation),
        stream_end_(operation, choices) {}

  // One event as it came: all its bytes, and its data (empty: a comment, or [DONE]; it keeps its place). Both hold
  // until `settle`.
  void push(std::string_view raw, std::string_view data);
  // Looks at all that came since; appends to `out` what may go. `complete`: nothing follows. False: the answer is to
  // end here; what came before its reason is in `out`.
  bool settle(bool complete, std::string& out);
  // Models were asked and have not answered: `settle` is to be called again when they have, or were given up, before
  // more is pushed.
  bool waiting() const { return waiting_; }
  // Ends the stream after what went out.
  dialects::StreamEnd& stream_end() { return stream_end_; }

  static constexpr std::size_t kMostTexts = 1024;

 private:
  struct Piece {
    std::uint32_t delta;  // position among the event's deltas
    std::uint32_t text;   // in texts_
    std::size_t begin;    // in the text
    std::size_t end;
  };
  struct Held {
    std::string_view raw;
    std::string_view data;
    std::string owned;  // of raw, once it had to wait
    std::vector<Piece> pieces;
    std::vector<std::pair<std::uint32_t, std::vector<guard::TextEdit>>> whole_edits;
    std::vector<std::pair<std::uint32_t, guard::AnswerText>> unread;  // whole ones that wait for a model
  };
  using Key = std::tuple<std::uint32_t, llm::SegmentKind, std::uint32_t>;

  bool read(Held& held);
  bool look_at_whole(Held& held, std::uint32_t position, const llm::Delta& delta);
  bool look_again(bool complete, std::size_t& stop_text);
  bool is_free(const Held& held) const;
  bool satisfies_schema();
  void give(const Held& held, std::string& out);
  void split(Held& held, std::string& out);
  void keep();

  const guard::AnswerGuarding& guarding_;
  SchemaCheck* schema_;
  bool hold_;
  llm::Operation operation_;
  dialects::DeltaReader reader_;
  dialects::DeltaReader again_;
  std::vector<llm::Delta> deltas_;
  std::map<Key, std::uint32_t> places_;
  std::deque<guard::AnswerText> texts_;
  std::vector<std::string> contents_;  // whole, for the schema
  std::deque<Held> held_;
  dialects::StreamEnd stream_end_;
  bool stopped_ = false;
  bool waiting_ = false;
};

}  // namespace gatehouse::stages
