#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gatehouse/dialects/deltas.h"
#include "gatehouse/guard/answer_text.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// What the provider of a realtime session says, held in its order until all its texts are decided: an event goes when
// nothing in it or before it can still become a finding. What policy does not touch goes as it came.
//
// Texts are an item's content, transcripts of sound (the model's and the caller's), calls' arguments. Sound waits with
// what is held in front of it and, at the beginning of an item, for the first word of its transcript; of an item whose
// transcript was redacted no more sound goes. Sound that is ahead of its transcript is not held for it.
//
// A response with a text that policy blocks goes no further: its events are dropped, and its response.done says
// `incomplete` for `content_filter`, with its usage. One session's, one loop's thread; the exchange outlives it.
class ServerEvents {
 public:
  // The exchange's inspection is not null and prepared.
  explicit ServerEvents(pipeline::Exchange& exchange);

  struct Blocked {
    std::string response;  // id; empty: it was no response's
    std::string item;      // id; may be empty
    bool spoken = false;   // what the caller said is not to be answered
  };
  // Takes one event and appends those that may go to `out`. Whatever was blocked by it is appended to `blocked`.
  void push(std::string_view event, std::vector<std::string>& out, std::vector<Blocked>& blocked);
  // Nothing follows: what is left is decided as it stands.
  void finish(std::vector<std::string>& out, std::vector<Blocked>& blocked);

  static constexpr std::size_t kMostTexts = 4096;
  static constexpr std::size_t kMostHeld = std::size_t{16} << 20;  // bytes

 private:
  struct Text {
    explicit Text(llm::SegmentKind kind, std::uint32_t place) : words(kind, place) {}
    guard::AnswerText words;
    std::string item;
    std::string response;
    bool transcript = false;  // of sound
    bool spoken = false;      // by the caller
    bool complete = false;
  };
  struct Piece {
    std::uint32_t delta;
    std::shared_ptr<Text> text;
    std::size_t begin;
    std::size_t end;
  };
  struct Held {
    std::string event;
    std::size_t size = 0;  // as it was counted
    std::string response;
    std::string item;
    bool sound = false;
    bool dropped = false;
    bool ends = false;  // response.done
    std::vector<Piece> pieces;
    std::vector<std::pair<std::uint32_t, std::vector<guard::TextEdit>>> whole_edits;
  };
  using Key = std::tuple<std::string, llm::SegmentKind, std::uint32_t>;  // item, kind, part

  // What an event says of itself.
  struct Head {
    std::string type;
    std::string response;
    std::string item;
    bool echo = false;  // it repeats what the caller sent
  };
  static bool read_head(std::string_view event, Head& head);
  Held& hold(std::string_view event);
  bool read(Held& held, const Head& head);
  bool look_at_whole(Held& held, std::uint32_t position, const llm::Delta& delta);
  bool may_be_answered(std::string_view event);
  void end_texts(const Head& head);
  void settle(std::vector<std::string>& out, std::vector<Blocked>& blocked);
  bool is_free(const Held& held) const;
  void give(Held& held, std::vector<std::string>& out);
  void block(const std::string& response, const std::string& item, bool spoken, std::vector<Blocked>& blocked);
  bool unjudged(std::string_view why);

  pipeline::Exchange& exchange_;
  guard::AnswerGuarding guarding_;
  dialects::DeltaReader reader_{llm::Operation::responses};
  dialects::DeltaReader again_{llm::Operation::responses};
  std::vector<llm::Delta> deltas_;
  std::map<Key, std::shared_ptr<Text>> texts_;  // those that still grow
  std::vector<std::shared_ptr<Text>> due_;      // to be looked at
  std::deque<Held> held_;
  std::size_t held_bytes_ = 0;
  std::uint32_t place_ = 0;
  std::set<std::string> heard_;    // items whose transcript has begun
  std::set<std::string> silent_;   // items whose transcript was redacted
  std::set<std::string> blocked_;  // responses, and items, that go no further
};

}  // namespace gatehouse::stages
