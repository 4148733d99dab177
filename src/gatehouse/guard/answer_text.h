#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/decisions.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/guard/pieces.h"
#include "gatehouse/guard/redact/restorer.h"
#include "gatehouse/guard/text_before.h"

namespace gatehouse::guard {

// Finds what is put in place of what the answer says for the caller to get it as it was meant: tokens that stand for
// values become the values. Implemented over the vault.
class Restoring {
 public:
  virtual ~Restoring() = default;
  // Appends edits of `text` that begin at `from` or later, ascending. Returns the frontier as Detector::look does.
  // `begin` is how tool arguments stand where `text` begins.
  virtual std::size_t find(std::string_view text, std::size_t from, bool complete, llm::SegmentKind kind,
                           const JsonNesting& begin, std::vector<TextEdit>& out) = 0;
};

// What all texts of one answer are judged by. The request owns what it points to.
struct AnswerGuarding {
  const Rules& rules;
  Inspector& inspector;
  Redaction& redaction;
  Restoring* restoring = nullptr;       // null: nothing is restored
  const RequestFacts* facts = nullptr;  // may be null
  Decisions& decisions;
  bool capture = false;                           // decisions are noted with the text
  bool tighten = false;                           // rulings are one step stricter
  std::size_t most_held = std::size_t{64} << 10;  // bytes of a text that may be held back
  ml::Oracle* meaning = nullptr;                  // null: no model is asked
  // What is recorded where a policy requires a model that did not answer; static.
  std::string_view unread = "a model that a policy requires did not answer";
};

// One text of an answer as it grows: content of a choice, arguments of a tool call. What may still become a finding is
// held back, the rest is free to go with its edits. Offsets count from the text's first byte. One thread's.
//
//   text.append(piece);
//   if (!text.look(guarding, complete)) -> the answer ends at text.stopped_at();
//   while (text.waiting()) -> await the models' answers (or give them up), and look again
//   ... everything before text.frontier() may go, with the edits that lie there ...
//   text.release(offset)   // what has gone
class AnswerText {
 public:
  // `echo`: the request's own words sent back, which are no leak.
  AnswerText(llm::SegmentKind kind, std::uint32_t place, bool echo = false) : kind_(kind), place_(place), echo_(echo) {}

  void append(std::string_view piece) {
    text_.append(piece);
    // As its first words have it; what was released is gone.
    if (base_ == 0) written_ = written_as(kind_, text_);
  }
  std::size_t size() const { return base_ + text_.size(); }
  llm::SegmentKind kind() const { return kind_; }

  // Looks at what is not decided yet. False: the answer must not go on.
  bool look(const AnswerGuarding& guarding, bool complete);
  // A model was asked and has not answered: the frontier stays before that. To be looked at again when it has; a
  // complete text is not decided before.
  bool waiting() const { return findings_.waiting(); }
  std::size_t frontier() const { return frontier_; }
  std::size_t stopped_at() const { return stopped_at_; }
  // Those that are decided and not released yet, ascending, not overlapping.
  const std::vector<TextEdit>& edits() const { return edits_; }
  // Everything before `offset` has gone: what of it is no longer needed as context is forgotten.
  void release(std::size_t offset);

  // Kept in front of what is looked at, for detectors that look back.
  static constexpr std::size_t kContext = 256;
  // ... where models are shown pieces of it.
  static constexpr std::size_t kReadContext = PieceCutter::kMost + kContext;

 private:
  // What a policy requires of models. False: the answer must not go on.
  bool is_read(const AnswerGuarding& guarding);
  bool decide(const AnswerGuarding& guarding, const Findings& findings, std::size_t frontier);
  bool add_edits(const AnswerGuarding& guarding, std::vector<TextEdit> restored, std::size_t frontier);

  llm::SegmentKind kind_;
  llm::SegmentKind written_ = kind_;  // as what edits are
  std::uint32_t place_;
  bool echo_;
  std::string text_;          // from `base_` on
  std::size_t base_ = 0;      // offset of text_[0]
  std::size_t frontier_ = 0;  // decided before it
  std::size_t looked_ = 0;    // size at the last look
  bool complete_ = false;
  std::size_t stopped_at_ = 0;
  std::size_t context_ = kContext;
  TextBefore before_;
  PieceCutter pieces_;           // at `base_`
  JsonPlace json_;               // at `base_`
  JsonNesting nesting_;          // there too
  std::vector<TextEdit> edits_;  // in offsets of the whole text
  std::vector<Decision> decisions_;
  Findings findings_;
};

}  // namespace gatehouse::guard
