#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/deltas.h"
#include "gatehouse/dialects/places.h"
#include "gatehouse/dialects/text_rules.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/llm/segment.h"

// Under the DeltaReader: a walk through an event or body that gives its strings as deltas. For this room only.
namespace gatehouse::dialects {

// FNV-1a, for parts of members that are not known; the sixteenth bit upwards stay apart from counted parts.
constexpr std::uint32_t hash_name(std::string_view name, std::uint32_t from = 2'166'136'261U) {
  for (const char c : name) from = (from ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return from;
}
constexpr std::uint32_t unknown_part(std::uint32_t hash) { return hash | DeltaReader::kUnknownPart; }

class AnswerWalk {
 public:
  // What is said of the values inside.
  struct Context {
    std::uint32_t choice = 0;
    std::uint32_t part = 0;
    llm::SegmentKind kind = llm::SegmentKind::text;  // where the place says no other
    bool whole = true;
    bool echo = false;
  };

  // All outlive the walk.
  AnswerWalk(const PlaceTable& table, std::string_view json, std::vector<llm::Delta>& out,
             std::vector<Logprobs>& logprobs, std::deque<std::string>& decoded)
      : table_(table), cursor_(json), out_(out), first_(out.size()), logprobs_(logprobs), decoded_(decoded) {}

  const PlaceRule& rule(Place place) const { return table_.rule(place); }
  Place member(Place place, std::string_view key, bool& known) const { return table_.member(place, key, known); }

  json::Cursor& cursor() { return cursor_; }
  // The value at the cursor and all in it, by the table of places.
  bool visit(Place place, Context context);
  // A string at the cursor, as a delta of this kind; any other value by `visit` as what is not known.
  bool text(llm::SegmentKind kind, const Context& context);
  // The value at the cursor as probabilities.
  bool logprobs(std::uint32_t choice, std::uint32_t part, std::string_view nothing);
  // The number at the cursor, which may also be none.
  bool number(std::uint64_t& out);
  std::string_view name_of(const json::Cursor::String& key) { return text_of(key, decoded_); }

  std::size_t mark() const { return out_.size(); }
  std::size_t logprobs_mark() const { return logprobs_.size(); }
  std::vector<llm::Delta>& out() { return out_; }
  std::vector<Logprobs>& logprobs_list() { return logprobs_; }

  // Whether all of the text was walked, and it was JSON.
  bool finished() { return !cursor_.failed() && !overflow_ && cursor_.at_end(); }

 private:
  bool string(const PlaceRule& at, Context context);
  void add(const json::Cursor::String& string, llm::SegmentKind kind, const Context& context);
  bool tokens(std::string& text);

  const PlaceTable& table_;
  json::Cursor cursor_;
  std::vector<llm::Delta>& out_;
  std::size_t first_;
  std::vector<Logprobs>& logprobs_;
  std::deque<std::string>& decoded_;
  bool overflow_ = false;
};

}  // namespace gatehouse::dialects
