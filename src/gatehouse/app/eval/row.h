#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/segment.h"
#include "gatehouse/text/views.h"

namespace gatehouse::app {

// A line of a file that guards are measured on, in any of the shapes that such files have:
//   {"text": "...", "label": 0 or 1}                       an attack or not; "system" is what came before it
//   {"messages": [...], "label": ...}, or a whole request  the same
//   {"text": "...", "spans": [{"type", "start", "end"}]}   entities, in characters
//   {"text": "...", "recogniser": "us_ssn", "expected_matches": 1, "positions": [[0, 9]]}
//   {"tokens": ["Jane", "Doe"], "tags": ["B-PER", "I-PER"]}  the same by words, which are joined by spaces
//   {"text": "...", "kind": "sqli" or "xss"}               a payload that must be found
//   {"a": "...", "b": "...", "same": 0 or 1}               two questions, whether they mean the same
//   {"text": "..."} or {"messages": ...} alone             benign
// "source" says where it is from.
struct EvalRow {
  struct Part {
    llm::Role role = llm::Role::user;
    llm::SegmentKind kind = llm::SegmentKind::text;
    std::string text;
    std::uint32_t message = 0;  // its position in the dialogue, from 0
  };
  struct Span {
    std::string type;
    text::ByteRange range;  // of the first part's text
  };
  enum class Task : std::uint8_t { attack, spans, matches, payload, tagged, pair };

  Task task = Task::attack;
  std::vector<Part> parts;
  std::optional<bool> label;  // attack: nothing where nobody says; pair: the same
  std::vector<Span> spans;    // spans, matches, tagged
  std::string entity;         // matches: upper case
  std::size_t expected = 0;   // matches
  std::string source;
  std::string kind;
  std::string context;  // what the application told its model: the system texts together

  // What a part is held against: the user's words against the context, as in a request.
  std::string_view beside(const Part& part) const;
};

// Errors: invalid_request.
Result<EvalRow> read_eval_row(std::string_view line);

// What other projects call an entity, by our name for it: "EMAIL_ADDRESS" is EMAIL.
std::string our_entity(std::string_view name);

}  // namespace gatehouse::app
